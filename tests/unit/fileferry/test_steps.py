"""The wrapper around every task: what is recorded, what is told, and under which name an error leaves."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from fileferry.errors import (
    AccessDenied,
    ContentRefused,
    DestinationUnavailable,
    DuplicateContent,
    FerryError,
    RunClosed,
    TransientError,
)
from fileferry.model.job import JobStatus, Step, StepStatus
from fileferry.steps import WAITING, Task, UnexpectedError, Work, as_ferry_error, run_step
from tests.unit.faults import Killed
from tests.unit.world import JobWorld

KEPT = {"bucket": "staging", "key": "k", "version_id": "v", "size": 1, "sha256": "0" * 64}
RESULT = {"object": KEPT}


class CountingTask:
    """A task that returns RESULT, or raises what it is given; `works` are its calls."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.works: list[Work] = []

    def __call__(self, work: Work) -> dict[str, Any]:
        self.works.append(work)
        if self.error:
            raise self.error
        return dict(RESULT)


def stage(world: JobWorld, task: Task, **event: Any) -> dict[str, Any]:
    return run_step(Step.STAGE, world.event(**event), world.home(), task, world.services)


@pytest.fixture(autouse=True)
def received(world: JobWorld) -> None:
    world.receive(b"content")


class TestSuccess:
    def test_the_task_gets_the_job_its_run_and_its_routes_revision(self, world: JobWorld) -> None:
        task = CountingTask()
        stage(world, task, attempt=2, task_token="token")
        (work,) = task.works
        assert (work.job, work.attempt, work.task_token) == (world.job, 2, "token")
        assert (work.run.status, work.route.revision) == (JobStatus.RUNNING, 1)

    def test_the_result_is_recorded_and_then_told(self, world: JobWorld) -> None:
        assert stage(world, CountingTask()) == RESULT
        assert world.faults.log == ["dynamodb.update_item", "dynamodb.update_item", "sns.publish"]
        record = world.run().steps[Step.STAGE]
        assert (record.status, record.result, record.attempt) == (StepStatus.SUCCEEDED, RESULT, 0)
        assert record.started_at <= record.ended_at
        (event,) = world.sns.of_type("StepSucceeded")
        assert (event["id"], event["data"]["result"]) == (f"{world.job.job_id}/1/stage/succeeded", RESULT)

    def test_a_repeat_does_nothing_but_tell_the_same_event_again(self, world: JobWorld) -> None:
        stage(world, CountingTask())
        again = CountingTask()
        assert stage(world, again, attempt=1) == RESULT
        assert not again.works
        first, second = world.sns.of_type("StepSucceeded")
        assert {**first, "time": ""} == {**second, "time": ""}
        assert world.run().steps[Step.STAGE].attempt == 0

    def test_a_repeat_of_a_recorded_step_is_answered_also_when_the_run_is_closed(self, world: JobWorld) -> None:
        stage(world, CountingTask())
        world.services.runs.close(world.job, JobStatus.SUCCEEDED)
        assert stage(world, CountingTask(RuntimeError())) == RESULT

    def test_a_step_that_waits_is_neither_done_nor_told(self, world: JobWorld) -> None:
        assert stage(world, lambda _: dict(WAITING)) == WAITING
        assert world.run().steps[Step.STAGE].status is StepStatus.WAITING
        assert not world.sns.published

    def test_a_success_after_a_failure_leaves_no_error(self, world: JobWorld) -> None:
        with pytest.raises(TransientError):
            stage(world, CountingTask(TransientError("not now")))
        stage(world, CountingTask(), attempt=1)
        assert world.run().steps[Step.STAGE].error is None


class TestFailure:
    def test_the_error_is_recorded_told_and_raised(self, world: JobWorld) -> None:
        error = DestinationUnavailable("connection refused", where="bank", todo="wait")
        with pytest.raises(DestinationUnavailable) as caught:
            stage(world, CountingTask(error), attempt=3)
        assert caught.value is error
        told = {"error": "DestinationUnavailable", "message": "connection refused (bank) To do: wait"}
        record = world.run().steps[Step.STAGE]
        assert (record.status, record.error, record.attempt) == (StepStatus.FAILED, told, 3)
        (event,) = world.sns.of_type("StepFailed")
        assert event["id"] == f"{world.job.job_id}/1/stage/3/failed"
        assert (event["data"]["error"], event["data"]["attempt"]) == (told, 3)
        assert world.run().status is JobStatus.RUNNING

    def test_details_are_recorded_with_the_error(self, world: JobWorld) -> None:
        violations = [{"rule": "csv.type", "message": "no integer", "line": 2, "column": 1}]
        with pytest.raises(ContentRefused):
            stage(world, CountingTask(ContentRefused("bad", violations, total=7)))
        error = world.run().steps[Step.STAGE].error or {}
        assert (error["violations"], error["total"]) == (violations, 7)

    def test_what_nobody_foresaw_leaves_under_a_name_that_the_workflow_knows(self, world: JobWorld) -> None:
        with pytest.raises(UnexpectedError, match="ZeroDivisionError: oh") as caught:
            stage(world, CountingTask(ZeroDivisionError("oh")))
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert (world.run().steps[Step.STAGE].error or {})["error"] == "UnexpectedError"

    def test_the_tasks_error_is_raised_although_it_cannot_be_recorded(
        self, world: JobWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*arguments: object) -> None:
            raise TransientError("DynamoDB is away")

        monkeypatch.setattr(world.services.runs, "fail_step", refuse)
        with pytest.raises(ContentRefused):
            stage(world, CountingTask(ContentRefused("bad")))

    def test_a_step_that_is_done_but_not_told_is_told_by_the_retry(
        self, world: JobWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*arguments: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://sns")

        with monkeypatch.context() as patched:
            patched.setattr(world.services.notifier, "step_succeeded", refuse)
            with pytest.raises(TransientError):
                stage(world, CountingTask())
        assert world.run().steps[Step.STAGE].status is StepStatus.SUCCEEDED
        again = CountingTask()
        assert stage(world, again, attempt=1) == RESULT
        assert not again.works
        assert len(world.sns.of_type("StepSucceeded")) == 1

    def test_a_very_long_error_is_cut(self, world: JobWorld) -> None:
        violations = [{"rule": "csv.type", "message": "x" * 900, "line": n + 1} for n in range(1000)]
        with pytest.raises(ContentRefused):
            stage(world, CountingTask(ContentRefused("y" * 5000, violations)))
        error = world.run().steps[Step.STAGE].error or {}
        assert error["cut"] is True
        assert 0 < len(error["violations"]) < 1000
        assert (len(error["message"]), error["total"]) == (2000, 1000)
        (event,) = world.sns.of_type("StepFailed")
        assert event["data"]["error"]["violations"] == violations[:20]


class TestFenced:
    def test_a_runner_that_was_replaced_does_not_begin(self, world: JobWorld) -> None:
        world.take_over()
        task = CountingTask()
        with pytest.raises(RunClosed, match="another runner"):
            stage(world, task)
        assert not task.works
        assert not world.sns.published
        assert world.run().steps[Step.STAGE].status is StepStatus.PENDING

    def test_a_runner_that_is_replaced_meanwhile_records_and_tells_nothing(self, world: JobWorld) -> None:
        def replaced(work: Work) -> dict[str, Any]:
            world.take_over()
            return RESULT

        with pytest.raises(RunClosed, match="another runner"):
            stage(world, replaced)
        assert world.run().steps[Step.STAGE].status is StepStatus.RUNNING
        assert not world.sns.published

    def test_a_replaced_runner_gets_no_stored_result_either(self, world: JobWorld) -> None:
        stage(world, CountingTask())
        world.take_over()
        with pytest.raises(RunClosed, match="another runner"):
            stage(world, CountingTask())

    def test_a_run_that_was_cancelled_does_nothing_more(self, world: JobWorld) -> None:
        world.services.runs.close(world.job, JobStatus.CANCELLED)
        task = CountingTask()
        with pytest.raises(RunClosed, match="CANCELLED"):
            stage(world, task)
        assert not task.works

    def test_a_run_that_is_cancelled_meanwhile_stays_cancelled(self, world: JobWorld) -> None:
        def cancelled(work: Work) -> dict[str, Any]:
            world.services.runs.close(world.job, JobStatus.CANCELLED)
            raise ContentRefused("bad")

        with pytest.raises(ContentRefused):
            stage(world, cancelled)
        assert world.run().status is JobStatus.CANCELLED
        assert not world.sns.of_type("StepFailed")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_killed_anywhere_the_retry_records_and_tells_it_once(world: JobWorld, number: int, moment: str) -> None:
    world.kill(number, moment)
    with pytest.raises(Killed):
        stage(world, CountingTask())
    world.kill(0, "")
    assert stage(world, CountingTask(), attempt=1) == RESULT
    assert world.run().result(Step.STAGE) == RESULT
    assert len({event["id"] for event in world.sns.of_type("StepSucceeded")}) == 1


def _client_error(code: str, status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "PutItem")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (_client_error("AccessDeniedException"), AccessDenied),
        (_client_error("AuthorizationError", 403), AccessDenied),
        (_client_error("Forbidden", 403), AccessDenied),
        (_client_error("ProvisionedThroughputExceededException"), TransientError),
        (_client_error("SlowDown", 503), TransientError),
        (_client_error("Throttled", 429), TransientError),
        (_client_error("SomethingNew", 500), TransientError),
        (_client_error("ValidationException"), UnexpectedError),
        (EndpointConnectionError(endpoint_url="https://s3"), TransientError),
        (KeyError("object"), UnexpectedError),
        (DuplicateContent("seen", first_job="j"), DuplicateContent),
    ],
)
def test_errors_get_the_names_that_the_workflow_knows(error: Exception, kind: type[FerryError]) -> None:
    assert type(as_ferry_error(error)) is kind
