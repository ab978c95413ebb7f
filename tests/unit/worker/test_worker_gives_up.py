"""Messages and runs that cannot be brought to a good end: malformed, unknown, poison, without a workflow."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from fileferry.errors import TransientError
from fileferry.model.job import JobStatus, PinnedWorkflow
from tests.unit.faults import Killed
from tests.unit.worker.world import WorkerWorld
from worker.runner import Runner


def fail_always(world: WorkerWorld, error: BaseException, task: str = "validate") -> None:
    """Whatever the task does ends the worker's work on it."""

    def fail() -> None:
        raise error

    world.around(task, fail)


def exhaust(world: WorkerWorld, tries: int) -> None:
    for number in range(tries):
        with suppress(Killed):
            world.work(f"worker-{number}")
        world.die()


def test_a_malformed_message_is_buried_with_its_reason(world: WorkerWorld) -> None:
    world.receive()
    world.end()
    world.services.sqs.send_message(
        QueueUrl=world.services.settings.work_queue_url,
        MessageBody='{"job": "\x07"}',
        MessageGroupId="g",
        MessageDeduplicationId="d",
    )
    world.work()

    (buried,) = world.buried()
    assert "cannot be read" in buried["reason"]
    assert world.left() == 0
    assert world.metrics.counts["MalformedMessages"] == 1


def test_a_message_without_a_run_is_buried(world: WorkerWorld) -> None:
    world.receive()
    world.end()
    world.data.job = world.job.model_copy(update={"run": 9})
    world.send("lost")
    world.work()

    assert "has no run 9" in world.buried()[0]["reason"]
    assert world.left() == 0


def test_a_run_that_kills_its_workers_fails_and_is_buried_after_its_tries(world: WorkerWorld) -> None:
    world.receive()
    fail_always(world, Killed())
    exhaust(world, 3)
    world.work("last")

    run = world.run()
    assert (run.status, run.error["error"]) == (JobStatus.FAILED, "PoisonJob")
    assert "3 workers in a row" in run.error["message"]
    assert "validate" not in run.error["message"]  # it was killed before the step was recorded
    (buried,) = world.buried()
    assert (buried["error"], buried["job_id"], buried["run"]) == ("PoisonJob", world.job.job_id, "1")
    assert world.left() == 0
    assert world.metrics.counts["PoisonJobs"] == 1
    assert world.data.record().status is JobStatus.FAILED


def test_the_history_of_a_run_that_was_given_up_ends_with_the_reason(world: WorkerWorld) -> None:
    world.receive()
    fail_always(world, Killed(), "stage")
    exhaust(world, 1 + 3)  # the first one brought it through validate
    world.work("last")

    last = world.events()[-1]
    assert (last["type"], last["executionAbortedEventDetails"]["error"]) == ("ExecutionAborted", "PoisonJob")
    assert world.run().history.states == ["Validate", "Stage"]
    assert world.run().checkpoint is None


def test_takes_count_anew_once_the_run_has_come_further(world: WorkerWorld) -> None:
    world.receive()
    died: list[str] = []

    def die_twice(task: str) -> None:
        if died.count(task) < 2:
            died.append(task)
            raise Killed(task)

    for task in ("stage", "deliver", "archive"):
        world.around(task, lambda task=task: die_twice(task))  # type: ignore[misc]
    exhaust(world, 6)
    world.end()

    assert world.run().status is JobStatus.SUCCEEDED


def test_a_run_that_comes_no_further_while_sqs_leaves_it_to_one_worker_is_given_up(world: WorkerWorld) -> None:
    """A step that takes longer than a message can be held, and cannot go on elsewhere, would never end."""
    world.receive()
    workers = [world.worker(f"worker-{number}", hold_seconds=0) for number in range(4)]

    def stop() -> None:
        for hold in (hold for worker in workers for hold in worker.holds.all()):
            hold.interrupt("SQS would show the message to others soon")
            hold.check()

    world.around("validate", stop)
    for worker in workers:
        worker.handle(world.take(worker))

    assert world.run().status is JobStatus.FAILED
    assert "SQS would show" in world.run().error["message"]
    assert [facts["error"] for facts in world.buried()] == ["PoisonJob"]


def test_the_error_of_the_last_worker_is_told_when_the_run_is_given_up(
    world: WorkerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.receive()

    def fail(*_arguments: object) -> None:
        raise KeyError("a mistake of the worker's own")

    monkeypatch.setattr(Runner, "_drive", fail)
    exhaust(world, 3)
    world.work("last")

    assert 'UnexpectedError: KeyError: "a mistake of the worker\'s own"' in world.run().error["message"]


def test_what_aws_fails_at_does_not_count(world: WorkerWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.receive()

    def fail(*_arguments: object) -> None:
        raise TransientError("S3 is away")

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "_drive", fail)
        exhaust(world, 6)
    world.end()

    assert world.run().status is JobStatus.SUCCEEDED


def test_a_run_whose_workflow_is_nowhere_fails_at_once(world: WorkerWorld) -> None:
    world.receive()
    world.settings = replace(world.settings, workflows=world.settings.scratch)
    world.work()

    assert (world.run().status, world.run().error["error"]) == (JobStatus.FAILED, "ConfigurationError")
    assert world.left() == 0


def test_a_definition_that_calls_what_is_no_task_fails_its_run(world: WorkerWorld) -> None:
    world.receive()
    del world.functions["stage"]
    world.work()

    assert world.run().error["error"] == "UnexpectedError"
    assert "UnknownResource" in world.run().error["message"]


def test_a_run_is_driven_by_the_version_that_it_is_pinned_to(world: WorkerWorld) -> None:
    """The image's file says something else than the digest, so Step Functions is asked for the version."""
    world.receive()
    arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:fileferry-transfer-v1:7"
    pinned = PinnedWorkflow(name="transfer/v1", version_arn=arn, digest="0" * 64)
    world.set_run(workflow=pinned.model_dump())
    text = (world.settings.workflows / "transfer" / "v1.asl.json").read_text()
    for task in world.functions:
        name = f"arn:aws:lambda:eu-central-1:123456789012:function:fileferry-{task}:3"
        text = text.replace(f"${{{task.capitalize()}Function}}", name)
    asked: list[str] = []

    class States:
        def describe_state_machine(self, *, stateMachineArn: str) -> dict[str, str]:  # noqa: N803
            asked.append(stateMachineArn)
            return {"definition": text.replace('"Validate"', '"Look"')}

    world.services.__dict__["sfn"] = States()
    world.work()

    assert asked == [arn]
    assert world.run().history.states[0] == "Look"
    assert world.run().status is JobStatus.SUCCEEDED
