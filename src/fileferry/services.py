"""AWS clients and repositories of one process, each made at its first use."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from fileferry.notifications import Notifier
from fileferry.objects import Objects
from fileferry.repositories.bulk_actions import BulkActionRepository
from fileferry.repositories.clients import ClientRepository
from fileferry.repositories.config import ConfigRepository
from fileferry.repositories.expiries import ExpiryRepository
from fileferry.repositories.jobs import JobRepository
from fileferry.repositories.keys import KeyRepository
from fileferry.repositories.rates import RateRepository
from fileferry.repositories.runs import RunRepository
from fileferry.repositories.statistics import StatisticsRepository
from fileferry.repositories.webhooks import WebhookRepository
from fileferry.repositories.windows import WindowRepository
from fileferry.secret_writer import SecretWriter
from fileferry.secrets import Secrets
from fileferry.settings import Settings, settings
from fileferry.workflows import DeployedWorkflows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

_CLIENT_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=60, tcp_keepalive=True
)


class Services:
    """What a handler reaches the world through; tests give other settings or replace single members."""

    def __init__(self, settings: Settings, session: boto3.Session | None = None) -> None:
        self.settings = settings
        self.session = session or boto3.Session(region_name=settings.region)

    @cached_property
    def s3(self) -> S3Client:
        return self.session.client("s3", config=_CLIENT_CONFIG)

    @cached_property
    def link_s3(self) -> S3Client:
        """S3 for presigned links: with SigV4, which boto3 does not choose for them by itself everywhere."""
        config = _CLIENT_CONFIG.merge(Config(signature_version="s3v4"))
        return self.session.client("s3", config=config)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self.session.client("dynamodb", config=_CLIENT_CONFIG)

    @cached_property
    def sns(self) -> SNSClient:
        return self.session.client("sns", config=_CLIENT_CONFIG)

    @cached_property
    def sqs(self) -> SQSClient:
        return self.session.client("sqs", config=_CLIENT_CONFIG)

    @cached_property
    def sfn(self) -> SFNClient:
        return self.session.client("stepfunctions", config=_CLIENT_CONFIG)

    @cached_property
    def workflows(self) -> DeployedWorkflows:
        return DeployedWorkflows(self.sfn)

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        return self.session.client("secretsmanager", config=_CLIENT_CONFIG)

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets(self.secretsmanager, self.settings.secret_prefix)

    @cached_property
    def secret_writer(self) -> SecretWriter:
        return SecretWriter(self.secretsmanager, self.settings.secret_prefix)

    @cached_property
    def config(self) -> ConfigRepository:
        return ConfigRepository(self.dynamodb, self.settings.config_table)

    @cached_property
    def clients(self) -> ClientRepository:
        return ClientRepository(self.dynamodb, self.settings.config_table)

    @cached_property
    def jobs(self) -> JobRepository:
        return JobRepository(self.dynamodb, self.settings.jobs_table, self.statistics)

    @cached_property
    def statistics(self) -> StatisticsRepository:
        settings = self.settings
        return StatisticsRepository(self.dynamodb, settings.statistics_table, settings.region, settings.statistics_days)

    @cached_property
    def runs(self) -> RunRepository:
        return RunRepository(self.dynamodb, self.settings.runs_table)

    @cached_property
    def keys(self) -> KeyRepository:
        return KeyRepository(self.dynamodb, self.settings.keys_table)

    @cached_property
    def bulk_actions(self) -> BulkActionRepository:
        return BulkActionRepository(self.dynamodb, self.settings.keys_table)

    @cached_property
    def rates(self) -> RateRepository:
        return RateRepository(self.dynamodb, self.settings.keys_table)

    @cached_property
    def windows(self) -> WindowRepository:
        return WindowRepository(self.dynamodb, self.settings.keys_table)

    @cached_property
    def expiries(self) -> ExpiryRepository:
        return ExpiryRepository(self.dynamodb, self.settings.config_table, self.settings.keys_table)

    @cached_property
    def webhooks(self) -> WebhookRepository:
        return WebhookRepository(self.dynamodb, self.settings.keys_table)

    @cached_property
    def objects(self) -> Objects:
        return Objects(self.s3)

    @cached_property
    def notifier(self) -> Notifier:
        return Notifier(self.sns, self.settings)


@lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process, from its environment."""
    return Services(settings())
