"""The deployed stack as `ferry` sees it: its outputs and clients for its services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from fileferry.errors import FerryError
from fileferry.repositories.jobs import JobRepository
from fileferry.repositories.runs import RunRepository
from fileferry.repositories.statistics import StatisticsRepository
from fileferry.settings import Settings
from local.emulator.process import Emulator, running
from local.workspace import STACK, Workspace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 3},
    connect_timeout=5,
    read_timeout=30,
    s3={"addressing_style": "path"},
)


class NotRunning(FerryError):
    """The emulator does not run, or nothing is deployed on it."""


@dataclass
class Stack:
    """`outputs` as template.yaml names them; the account's own credentials, which may do everything."""

    emulator: Emulator
    outputs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def session(self) -> boto3.Session:
        environment = self.emulator.environment()
        return boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.emulator.region,
        )

    @cached_property
    def s3(self) -> S3Client:
        return self.session.client("s3", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def sqs(self) -> SQSClient:
        return self.session.client("sqs", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def sns(self) -> SNSClient:
        return self.session.client("sns", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self.session.client("dynamodb", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self.session.client("logs", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def sfn(self) -> SFNClient:
        return self.session.client("stepfunctions", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def functions(self) -> LambdaClient:
        return self.session.client("lambda", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        return self.session.client("secretsmanager", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def cognito(self) -> Any:
        return self.session.client("cognito-idp", endpoint_url=self.emulator.endpoint, config=_CONFIG)

    @cached_property
    def jobs(self) -> JobRepository:
        return JobRepository(self.dynamodb, self["JobsTableName"], self.statistics)

    @cached_property
    def statistics(self) -> StatisticsRepository:
        return StatisticsRepository(
            self.dynamodb, self["StatisticsTableName"], self.emulator.region, Settings.statistics_days
        )

    @cached_property
    def runs(self) -> RunRepository:
        return RunRepository(self.dynamodb, self["RunsTableName"])

    def __getitem__(self, output: str) -> str:
        """The value of an output. Raises NotRunning when the deployed stack has none of this name."""
        if output not in self.outputs:
            raise NotRunning(f"Stack {STACK} has no output {output}.", todo="run `ferry up`.")
        return self.outputs[output]


def open_stack(workspace: Workspace) -> Stack:
    """The stack on the running emulator. Raises NotRunning."""
    emulator = running(workspace.home)
    if emulator is None:
        raise NotRunning(
            "The system is not running.", where=str(workspace.home), todo="run `ferry up` (or `make run`)."
        )
    outputs = read_outputs(Stack(emulator))
    if outputs is None:
        raise NotRunning(f"Stack {STACK} is not deployed.", where=emulator.endpoint, todo="run `ferry up`.")
    return Stack(emulator, outputs)


def read_outputs(stack: Stack) -> dict[str, str] | None:
    """The stack's outputs by name, or None when it is not deployed."""
    client = stack.session.client("cloudformation", endpoint_url=stack.emulator.endpoint, config=_CONFIG)
    try:
        found = client.describe_stacks(StackName=STACK)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    return {output["OutputKey"]: output["OutputValue"] for output in found[0].get("Outputs", [])} if found else None
