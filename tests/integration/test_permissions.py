"""What a function's role does not allow fails where everybody can see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fileferry.model.job import JobStatus
from local.stack import Stack
from local.workspace import STACK
from tests.trials import Trials, unique


@contextmanager
def without_statement(stack: Stack, role: str, sid: str) -> Iterator[None]:
    """The deployed role (by its logical id) without one statement, for as long as the block runs."""
    endpoint = stack.emulator.endpoint
    resources = stack.session.client("cloudformation", endpoint_url=endpoint)
    detail = resources.describe_stack_resource(StackName=STACK, LogicalResourceId=role)["StackResourceDetail"]
    iam, name = stack.session.client("iam", endpoint_url=endpoint), detail["PhysicalResourceId"]
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document: Any = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    rest = [statement for statement in document["Statement"] if statement["Sid"] != sid]
    assert len(rest) == len(document["Statement"]) - 1
    changed = json.dumps({**document, "Statement": rest})
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=changed)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


def test_a_statement_taken_from_a_role_is_access_denied_in_job_event_and_log(trials: Trials) -> None:
    path = f"plain/{unique('denied.csv')}"
    with without_statement(trials.stack, "StageRole", "WriteStaging"):
        trials.send({path: b"x\n"})
        job = trials.ended(path)
    assert job.status is JobStatus.FAILED
    error = trials.run(job).error
    assert error is not None
    assert (error["error"], error["step"]) == ("AccessDenied", "stage")
    assert trials.event(job, "JobFailed", "failure")["data"]["error"]["error"] == "AccessDenied"
    assert trials.log("stage", job.job_id, "AccessDenied")
    assert trials.in_ingest(path) == [job.object.version_id]
