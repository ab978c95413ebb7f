"""The Catch path: the right status, the file where it belongs, one outcome however often it is tried."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fileferry.errors import AccessDenied, ContentRefused, DestinationRefused, DuplicateContent, FerryError, RunClosed
from fileferry.model.job import JobStatus, Step
from fileferry.steps import Work, run_step
from tasks.close.app import close, run
from tests.unit.faults import Killed
from tests.unit.world import SETTINGS, JobWorld

CONTENT = b"id,amount\n1,x\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
VIOLATIONS = [{"rule": "csv.type", "message": "'x' is no integer", "line": 2, "column": 4}]


def fail(world: JobWorld, step: Step, error: FerryError) -> dict[str, Any]:
    """Let a step fail as the workflow sees it; the event of the state CloseRun."""

    def failing(work: Work) -> dict[str, Any]:
        raise error

    with pytest.raises(type(error)):
        run_step(step, world.event(), world.home(), failing, world.services)
    world.faults.log.clear()
    return caught(world, step, type(error).__name__, lambda_cause(error))


def lambda_cause(error: BaseException) -> str:
    """As Lambda's Python runtime tells an exception."""
    told = {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": "r", "stackTrace": ["  File x"]}
    return json.dumps(told)


def caught(world: JobWorld, step: Step, error: str, cause: str) -> dict[str, Any]:
    return {
        "job": world.job.model_dump(mode="json"),
        "error": {"Error": error, "Cause": cause},
        "state": step.value.title(),
    }


def refused(world: JobWorld) -> dict[str, Any]:
    world.receive(CONTENT, "a+b %41 ü.csv")
    return fail(world, Step.VALIDATE, ContentRefused("1 violation", VIOLATIONS))


class TestRefusedContent:
    def test_a_runner_that_was_replaced_after_its_copy_removes_nothing(self, world: JobWorld) -> None:
        event = refused(world)

        def pulse(_safe: int) -> None:
            if world.versions("archive"):
                raise RunClosed("another runner has the run")

        with pytest.raises(RunClosed):
            close(event, replace(world.home(), pulse=pulse), world.services)
        assert len(world.versions("ingest")) == 1

    def test_a_run_that_is_cancelled_while_its_file_is_copied_removes_nothing(
        self, world: JobWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event = refused(world)
        copy = world.services.objects.copy_verified

        def cancelled_meanwhile(*args: Any, **more: Any) -> Any:
            kept = copy(*args, **more)
            world.services.runs.close(world.job, JobStatus.CANCELLED)
            return kept

        monkeypatch.setattr(world.services.objects, "copy_verified", cancelled_meanwhile)
        with pytest.raises(RunClosed, match="CANCELLED"):
            close(event, world.home(), world.services)
        assert len(world.versions("ingest")) == 1

    def test_the_file_moves_to_quarantine_with_its_violations_told(self, world: JobWorld) -> None:
        assert close(refused(world), world.home(), world.services) == {"status": "QUARANTINED"}
        ((key, version_id),) = world.versions("archive")
        assert key == f"quarantine/acme/{world.job.job_id}/a+b %41 ü.csv"
        assert not world.versions("ingest")
        (event,) = world.sns.of_type("JobQuarantined", "failure")
        assert event["data"]["error"]["violations"] == VIOLATIONS
        assert event["data"]["quarantined"]["version_id"] == version_id
        assert world.content(event["data"]["quarantined"]) == CONTENT

    def test_run_and_job_say_so(self, world: JobWorld) -> None:
        close(refused(world), world.home(), world.services)
        run, record = world.run(), world.record()
        assert (run.status, record.status) == (JobStatus.QUARANTINED, JobStatus.QUARANTINED)
        assert run.error and run.error["violations"] == VIOLATIONS
        assert (record.sha256, record.reason) == (SHA256, "1 violation")

    @pytest.mark.parametrize("moment", ["before", "after"])
    @pytest.mark.parametrize("number", range(1, 7))
    def test_killed_at_any_side_effect_the_repeat_ends_well(self, world: JobWorld, number: int, moment: str) -> None:
        event = refused(world)
        world.kill(number, moment)
        with pytest.raises(Killed):
            close(event, world.home(), world.services)
        assert world.versions("ingest") or world.versions("archive")
        world.kill(0, "")
        assert close(event, world.home(), world.services) == {"status": "QUARANTINED"}
        assert len(world.versions("archive")) == 1
        assert not world.versions("ingest")
        assert (world.run().status, world.record().status) == (JobStatus.QUARANTINED, JobStatus.QUARANTINED)
        for topic in ("events", "failure"):
            told = world.sns.of_type("JobQuarantined", topic)
            assert len({told_event["id"] for told_event in told}) == 1
            assert all(told_event["data"]["error"]["violations"] == VIOLATIONS for told_event in told)

    def test_these_are_all_its_side_effects(self, world: JobWorld) -> None:
        close(refused(world), world.home(), world.services)
        assert world.faults.log == [
            "s3.copy_object",
            "s3.delete_object",
            "dynamodb.update_item",  # the run
            "sns.publish",
            "sns.publish",
            "dynamodb.transact_write_items",  # the job, and its count
        ]


class TestDuplicateContent:
    def test_the_file_is_put_away_and_the_first_job_named(self, world: JobWorld) -> None:
        world.receive(CONTENT, duplicates="skip")
        event = fail(world, Step.STAGE, DuplicateContent("seen", first_job="j" + "b" * 25))
        assert close(event, world.home(), world.services) == {"status": "DUPLICATE"}
        assert [key for key, _ in world.versions("archive")] == [f"duplicate/acme/{world.job.job_id}/orders.csv"]
        assert world.record().first_job == "j" + "b" * 25
        (told,) = world.sns.of_type("JobDuplicate", "success")
        assert told["data"]["first_job"] == "j" + "b" * 25

    def test_the_first_job_is_found_when_the_step_could_not_record_it(self, world: JobWorld) -> None:
        world.receive(CONTENT, duplicates="skip")
        world.services.keys.claim_content("acme", "orders", SHA256, "j" + "c" * 25)
        close(caught(world, Step.STAGE, "DuplicateContent", "{}"), world.home(), world.services)
        assert world.record().first_job == "j" + "c" * 25


class TestOtherErrors:
    def test_the_run_fails_and_the_file_stays(self, world: JobWorld) -> None:
        world.receive(CONTENT)
        world.deliverable(CONTENT)
        staged, ingest = world.versions("staging"), world.versions("ingest")
        event = fail(world, Step.ARCHIVE, DestinationRefused("wrong host key", where="bank", todo="ask them"))
        assert close(event, world.home(), world.services) == {"status": "FAILED"}
        assert (world.versions("staging"), world.versions("ingest")) == (staged, ingest)
        (told,) = world.sns.of_type("JobFailed", "failure")
        assert told["data"]["error"] == {
            "error": "DestinationRefused",
            "message": "wrong host key (bank) To do: ask them",
            "step": "archive",
        }
        assert world.run().error == told["data"]["error"]
        assert world.record().reason == "wrong host key (bank) To do: ask them"

    @pytest.mark.parametrize(
        ("error", "cause", "message"),
        [
            (
                "Runtime.ExitError",
                '{"errorMessage":"exit status 137","errorType":"Runtime.ExitError"}',
                "exit status 137",
            ),
            ("Boom", lambda_cause(ValueError('say "hi"\n ü'))[:-9], 'say "hi"\n ü'),
            ("Boom", '{"errorType": "Boom", "stackTrace": ["secret place"]}', "Nothing more is known."),
            ("States.Timeout", "", "The step did not answer in time."),
            ("Lambda.ServiceException", "The service is out.", "The service is out."),
        ],
    )
    def test_the_cause_is_told_in_its_words_without_a_stack_trace(
        self, world: JobWorld, error: str, cause: str, message: str
    ) -> None:
        world.receive(CONTENT)
        close(caught(world, Step.TRANSFORM, error, cause), world.home(), world.services)
        assert world.run().error == {"error": error, "message": message, "step": "transform"}
        assert "stackTrace" not in str(world.sns.published) + str(world.run())

    def test_another_error_than_the_recorded_one_is_told_as_the_workflow_saw_it(self, world: JobWorld) -> None:
        world.receive(CONTENT)
        fail(world, Step.DELIVER, DestinationRefused("an earlier try"))
        close(caught(world, Step.DELIVER, "Sandbox.Timedout", "Task timed out"), world.home(), world.services)
        assert world.run().error == {"error": "Sandbox.Timedout", "message": "Task timed out", "step": "deliver"}

    def test_the_next_job_of_an_ordered_route_is_started(self, world: JobWorld) -> None:
        first = world.receive(CONTENT, "1.csv", sequence="001", ordered=True)
        second = world.receive(CONTENT, "2.csv", sequence="002", ordered=True)
        world.job = first
        close(caught(world, Step.DELIVER, "DestinationRefused", "no"), world.home(), world.services)
        assert world.messages(SETTINGS.ingest_queue_url) == [{"start": second.job_id}]


class TestRunsThatAreOver:
    def test_a_cancelled_run_stays_cancelled_and_its_file_where_it_is(self, world: JobWorld) -> None:
        event = refused(world)
        world.services.runs.close(world.job, JobStatus.CANCELLED)
        assert close(event, world.home(), world.services) == {"status": "CANCELLED"}
        assert world.record().status is JobStatus.CANCELLED
        assert world.versions("ingest")
        assert len(world.sns.of_type("JobCancelled")) == 1

    def test_another_runners_run_is_left_alone(self, world: JobWorld) -> None:
        event = refused(world)
        world.take_over()
        assert close(event, world.home(), world.services) == {"status": "RUNNING"}
        assert world.run().status is JobStatus.RUNNING
        assert world.versions("ingest")
        assert not world.sns.of_type("JobQuarantined")

    def test_a_run_whose_archive_is_recorded_has_succeeded(self, world: JobWorld) -> None:
        world.receive(CONTENT)
        kept = {"bucket": "archive", "key": "k", "version_id": "v", "size": 1, "sha256": SHA256}
        world.finish(Step.ARCHIVE, {"original": kept, "delivered": kept})
        assert close(caught(world, Step.ARCHIVE, "TransientError", "SNS"), world.home(), world.services) == {
            "status": "SUCCEEDED"
        }
        assert world.record().status is JobStatus.SUCCEEDED
        assert len(world.sns.of_type("JobSucceeded", "success")) == 1

    def test_a_late_closer_of_an_earlier_run_does_not_touch_the_job(self, world: JobWorld) -> None:
        event = refused(world)
        world.services.runs.close(world.job, JobStatus.FAILED)
        world.next_run()
        assert close(event, world.home(), world.services) == {"status": "FAILED"}
        assert world.record().status is JobStatus.RUNNING
        assert not world.sns.of_type("JobFailed")


def test_a_refused_call_leaves_the_function_under_the_name_that_the_workflow_knows(
    world: JobWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetItem")

    event = refused(world)
    monkeypatch.setattr("tasks.close.app.services", lambda: world.services)
    monkeypatch.setattr(world.services.runs, "get", denied)
    with pytest.raises(AccessDenied, match="GetItem was refused"):
        run(event, world.home())
