"""The worker's process has its task's role, and can do nothing else."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.credentials import ContainerProvider
from botocore.exceptions import ClientError

from local.temporary import System
from local.worker_process import worker_environment
from tests.integration.test_permissions import without_statement


@pytest.fixture
def environment(system: System) -> dict[str, str]:
    return worker_environment(system.workspace, system.stack)


@pytest.fixture
def sqs(environment: dict[str, str]) -> Any:
    """SQS with the credentials that the worker's process gets."""
    session = botocore.session.get_session()
    session.get_component("credential_provider").providers[:] = [ContainerProvider(environ=environment)]
    region, endpoint = environment["AWS_REGION"], environment["AWS_ENDPOINT_URL"]
    return session.create_client("sqs", region_name=region, endpoint_url=endpoint)


def taken(sqs: Any, url: str) -> str:
    """The error of a look into a queue; empty when it is allowed."""
    try:
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    except ClientError as error:
        return str(error)
    return ""


def test_the_worker_takes_from_its_own_queue_only(sqs: Any, environment: dict[str, str]) -> None:
    assert taken(sqs, environment["WORK_QUEUE_URL"]) == ""
    assert "not authorized to perform: sqs:ReceiveMessage" in taken(sqs, environment["INGEST_QUEUE_URL"])


def test_a_statement_taken_from_the_workers_role_is_missed_at_once(
    system: System, sqs: Any, environment: dict[str, str]
) -> None:
    with without_statement(system.stack, "WorkerRole", "TakeWork"):
        assert "not authorized to perform: sqs:ReceiveMessage" in taken(sqs, environment["WORK_QUEUE_URL"])
    assert taken(sqs, environment["WORK_QUEUE_URL"]) == ""
