"""Which permission a call needs, and whose roles a service may assume."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ministack.core import iam_actions
from ministack.services import iam, sts
from ministack.services import stepfunctions as sfn

from local.emulator.permissions import STATE_MACHINE, action, resource
from local.emulator.task_credentials import credentials_of

ACCOUNT, REGION, ROLE = "000000000000", "eu-central-1", "worker-of-the-tests"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:transfer"


def resource_of(service: str, request: Mapping[str, Any]) -> str:
    extract = resource(iam_actions.extract_resource_arn)
    return str(extract(service, "POST", "/", {}, json.dumps(request).encode(), {}, REGION, ACCOUNT))


@pytest.mark.parametrize(
    "request_",
    [
        {"stateMachineArn": MACHINE},
        {"stateMachineArn": f"{MACHINE}:7"},
        {"stateMachineArn": f"{MACHINE}:live"},
        {"stateMachineAliasArn": f"{MACHINE}:live"},
    ],
)
def test_a_call_about_a_version_or_an_alias_is_permitted_for_the_state_machine(request_: dict[str, str]) -> None:
    assert resource_of("states", request_) == MACHINE


def test_a_call_about_an_execution_is_permitted_for_the_execution() -> None:
    arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:job-1"

    assert resource_of("states", {"executionArn": arn}) == arn


def test_a_task_is_completed_with_the_permission_for_its_state_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sfn._task_tokens, "token", {STATE_MACHINE: MACHINE})

    assert resource_of("states", {"taskToken": "token", "output": "{}"}) == MACHINE
    assert resource_of("states", {"taskToken": "another", "output": "{}"}) == "*"


def test_a_batch_needs_the_permission_of_the_single_call() -> None:
    extract = action(lambda *_: "sqs:SendMessageBatch")

    assert extract("sqs") == "sqs:SendMessage"


@pytest.fixture
def trusting() -> Iterator[Any]:
    """`trusting(service, account)` makes the tests' role, which trusts a service for an account."""

    def make(service: str, account: str) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam._roles.set_scoped(ACCOUNT, None, ROLE, {"RoleName": ROLE, "AssumeRolePolicyDocument": document})

    before = dict(sts._sessions)
    yield make
    sts._sessions.clear()
    sts._sessions.update(before)
    iam._roles.pop_scoped(ACCOUNT, None, ROLE, None)


def test_a_container_gets_a_session_of_its_tasks_role(trusting: Any) -> None:
    trusting("ecs-tasks.amazonaws.com", ACCOUNT)

    status, _, body = credentials_of(ROLE, ACCOUNT, REGION)

    given = json.loads(body)
    session = sts._sessions[given["AccessKeyId"]]
    assert status == 200
    assert given["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    assert session["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/worker"
    assert (session["SecretAccessKey"], session["SessionToken"]) == (given["SecretAccessKey"], given["Token"])


@pytest.mark.parametrize(("service", "account"), [("lambda.amazonaws.com", ACCOUNT), ("ecs-tasks.amazonaws.com", "1")])
def test_a_container_gets_none_of_a_role_that_does_not_trust_ecs_for_its_account(
    trusting: Any, service: str, account: str
) -> None:
    trusting(service, account)

    status, _, body = credentials_of(ROLE, ACCOUNT, REGION)

    assert status == 400
    assert "AccessKeyId" not in json.loads(body)


def test_a_container_gets_none_of_a_role_that_is_not_there() -> None:
    assert credentials_of("nobody", ACCOUNT, REGION)[0] == 400
