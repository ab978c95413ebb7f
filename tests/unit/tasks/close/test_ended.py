"""Executions that ended outside Catch leave a closed run and an event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fileferry.model.job import JobStatus, Step
from tasks.close.ended import close_ended
from tests.unit.faults import Killed
from tests.unit.world import JobWorld

CONTENT = b"id\n1\n"


def detail(world: JobWorld, status: str, **changes: Any) -> dict[str, Any]:
    """The `detail` of EventBridge's "Step Functions Execution Status Change"."""
    name = world.job.execution_name
    return {
        "executionArn": f"arn:aws:states:eu-central-1:123456789012:execution:ferry-transfer-v1:{name}",
        "stateMachineArn": "arn:aws:states:eu-central-1:123456789012:stateMachine:ferry-transfer-v1",
        "name": name,
        "status": status,
        "input": json.dumps({"job": world.job.model_dump(mode="json")}),
        "inputDetails": {"included": True},
        "output": None,
        "error": None,
        "cause": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("ended", "status", "error", "kind"),
    [
        ("ABORTED", JobStatus.CANCELLED, "ExecutionAborted", "JobCancelled"),
        ("TIMED_OUT", JobStatus.FAILED, "States.Timeout", "JobFailed"),
        ("FAILED", JobStatus.FAILED, "States.Runtime", "JobFailed"),
    ],
)
def test_an_open_run_is_closed_and_told_and_its_file_stays(
    world: JobWorld, ended: str, status: JobStatus, error: str, kind: str
) -> None:
    world.receive(CONTENT)
    assert close_ended(detail(world, ended), world.services) == {"status": status.value}
    assert (world.run().status, world.record().status) == (status, status)
    (told,) = world.sns.of_type(kind, "failure")
    assert told["data"]["error"]["error"] == error
    assert told["data"]["error"]["message"]
    assert len(world.versions("ingest")) == 1


def test_the_executions_own_error_and_cause_are_told(world: JobWorld) -> None:
    world.receive(CONTENT)
    cause = 'Deliver: {"errorMessage": "no route to host", "errorType": "X", "stackTrace": ["secret"]}'
    close_ended(detail(world, "FAILED", error="DestinationUnavailable", cause=cause), world.services)
    assert world.run().error == {"error": "DestinationUnavailable", "message": "no route to host"}


def test_a_stop_that_gives_a_reason_has_it_told(world: JobWorld) -> None:
    world.receive(CONTENT)
    close_ended(detail(world, "ABORTED", error="Operator", cause="wrong file"), world.services)
    assert world.record().reason == "wrong file"
    assert world.run().error == {"error": "Operator", "message": "wrong file"}


def test_a_repeat_tells_nothing_again(world: JobWorld) -> None:
    world.receive(CONTENT)
    for _ in range(2):
        close_ended(detail(world, "ABORTED"), world.services)
    assert len(world.sns.of_type("JobCancelled")) == 1


def test_a_run_that_the_workflow_has_closed_is_left_as_it_is(world: JobWorld) -> None:
    world.receive(CONTENT)
    world.services.runs.close(world.job, JobStatus.QUARANTINED)
    world.services.jobs.close(world.job, JobStatus.QUARANTINED)
    assert close_ended(detail(world, "FAILED"), world.services) == {"status": "QUARANTINED"}
    assert not world.sns.published


def test_a_half_closed_run_is_ended_as_it_was_begun(world: JobWorld) -> None:
    world.receive(CONTENT)
    outcome = {"sha256": "0" * 64, "quarantined": {**world.staged(CONTENT, "x").model_dump()}}
    error = {"error": "ContentRefused", "message": "bad", "step": "validate"}
    world.services.runs.close(world.job, JobStatus.QUARANTINED, error, outcome)
    assert close_ended(detail(world, "ABORTED"), world.services) == {"status": "QUARANTINED"}
    assert world.record().status is JobStatus.QUARANTINED
    (told,) = world.sns.of_type("JobQuarantined", "failure")
    assert told["data"]["error"] == error
    assert told["data"]["quarantined"] == outcome["quarantined"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 5))
def test_killed_at_any_side_effect_the_repeat_ends_well(world: JobWorld, number: int, moment: str) -> None:
    world.receive(CONTENT)
    world.kill(number, moment)
    with pytest.raises(Killed):
        close_ended(detail(world, "ABORTED"), world.services)
    world.kill(0, "")
    assert close_ended(detail(world, "ABORTED"), world.services) == {"status": "CANCELLED"}
    assert (world.run().status, world.record().status) == (JobStatus.CANCELLED, JobStatus.CANCELLED)
    for topic in ("events", "failure"):
        assert len({told["id"] for told in world.sns.of_type("JobCancelled", topic)}) == 1


def test_a_run_that_was_archived_has_succeeded_although_its_execution_was_stopped(world: JobWorld) -> None:
    world.receive(CONTENT)
    kept = world.staged(CONTENT, "x").model_dump()
    world.finish(Step.ARCHIVE, {"original": kept, "delivered": kept})
    assert close_ended(detail(world, "ABORTED"), world.services) == {"status": "SUCCEEDED"}


def test_without_the_input_the_jobs_record_tells(world: JobWorld) -> None:
    world.receive(CONTENT)
    event = detail(world, "TIMED_OUT", input=None, inputDetails={"included": False})
    assert close_ended(event, world.services) == {"status": "FAILED"}
    assert world.record().status is JobStatus.FAILED


@pytest.mark.parametrize("given", ["input", "no input"])
def test_a_run_that_another_runner_has_taken_over_is_left_alone(world: JobWorld, given: str) -> None:
    world.receive(CONTENT)
    world.take_over()
    changes = {} if given == "input" else {"input": None}
    assert close_ended(detail(world, "ABORTED", **changes), world.services) == {"status": "RECEIVED"}
    assert world.run().status is JobStatus.RECEIVED
    assert not world.sns.published


def test_an_earlier_runs_execution_does_not_close_the_jobs_next_run(world: JobWorld) -> None:
    first = world.receive(CONTENT)
    event = detail(world, "FAILED", input=None)
    world.services.runs.close(first, JobStatus.FAILED)
    world.next_run()
    assert close_ended(event, world.services) == {"status": "FAILED"}
    assert (world.run().status, world.record().status) == (JobStatus.RUNNING, JobStatus.RUNNING)


@pytest.mark.parametrize(
    "name", ["nightly-report", "j" + "z" * 25 + "-1", "j-x", "", "job-7", "j" + "a" * 25 + "-" + "9" * 40]
)
def test_strangers_executions_are_ignored(world: JobWorld, name: str) -> None:
    world.receive(CONTENT)
    assert "ignored" in close_ended(detail(world, "ABORTED", name=name, input="{}"), world.services)
    assert not world.faults.log


def test_an_execution_whose_input_names_another_job_is_ignored(world: JobWorld) -> None:
    world.receive(CONTENT)
    event = detail(world, "ABORTED", name="j" + "a" * 25 + "-1")
    assert "ignored" in close_ended(event, world.services)
    assert not world.run().status.is_final


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"])
def test_other_statuses_are_ignored(world: JobWorld, status: str) -> None:
    world.receive(CONTENT)
    assert close_ended(detail(world, status), world.services) == {"ignored": f"status {status}"}
