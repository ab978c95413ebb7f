"""A run that must stop here goes on elsewhere, from where it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fileferry.home import Home
from fileferry.model.job import JobStatus
from fileferry.services import Services
from tests.unit.worker.world import WorkerWorld
from worker.runner import Runner

STATES = ["Validate", "Stage", "Transform", "Deliver", "Confirm", "Archive"]


def interrupted_in(world: WorkerWorld, task: str) -> Runner:
    """A worker that is told to stop while the task moves its second part."""
    world.receive()
    runner = world.worker()
    real = world.functions[task]
    calls: list[int] = []

    def call(event: Mapping[str, Any], home: Home, services: Services) -> Mapping[str, Any]:
        if not calls:
            calls.append(1)
            home.pulse(1)
            for hold in runner.holds.all():
                hold.interrupt("the worker stops")
            home.pulse(2)
        return real(event, home, services)

    world.functions[task] = call
    runner.handle(world.take(runner))
    return runner


@pytest.mark.parametrize("task", ["validate", "stage", "deliver", "archive"])
def test_an_interrupted_run_goes_on_with_the_step_that_was_open(world: WorkerWorld, task: str) -> None:
    interrupted_in(world, task)
    run = world.run()
    assert (run.lease_until, run.takes) == (0, 0)
    assert run.steps[task].status == "PENDING"  # nothing of it was recorded, no failure either
    assert world.left() == 1
    world.work("two")

    assert world.run().status is JobStatus.SUCCEEDED
    assert world.run().history.states == STATES
    assert [event["type"] for event in world.events()].count("TaskFailed") == 0
    assert world.left() == 0
    assert world.metrics.counts["JobsHandedOn"] == 1


def test_each_hand_over_is_a_message_of_its_own(world: WorkerWorld) -> None:
    """Also within the five minutes in which SQS drops a repeat."""
    world.receive()
    for number in range(3):
        runner = world.worker(f"worker-{number}")
        real = world.functions["stage"]
        world.around("stage", lambda runner=runner: [h.interrupt("stop") or h.check() for h in runner.holds.all()])  # type: ignore[misc]
        runner.handle(world.take(runner))
        world.functions["stage"] = real
    world.end()

    assert world.run().status is JobStatus.SUCCEEDED
    assert world.metrics.counts["JobsHandedOn"] == 3


def test_an_interruption_between_two_steps_loses_nothing(world: WorkerWorld) -> None:
    world.receive()
    runner = world.worker()
    world.around("stage", lambda: [hold.interrupt("stop") for hold in runner.holds.all()], after=True)
    runner.handle(world.take(runner))
    assert world.run().steps["stage"].status == "SUCCEEDED"
    world.work("two")

    assert world.run().history.states == STATES


def test_a_job_that_this_worker_has_already_is_not_taken_twice(world: WorkerWorld) -> None:
    world.receive()
    runner = world.worker()
    seen: list[int] = []

    def again() -> None:
        world.show_all()
        runner.handle(world.take(runner))
        seen.append(world.run().fence)

    world.around("stage", again)
    runner.handle(world.take(runner))

    assert seen == [2]
    assert world.run().status is JobStatus.SUCCEEDED


def test_a_message_that_came_again_is_kept_by_its_newest_receipt(world: WorkerWorld) -> None:
    """Of a FIFO queue the earlier one is refused once the message's time had run out."""
    world.receive()
    runner = world.worker()
    receipts: list[tuple[str, str]] = []

    def again() -> None:
        world.show_all()
        message = world.take(runner)
        runner.handle(message)
        receipts.append((message.receipt, runner.holds.all()[0].message.receipt))

    world.around("stage", again)
    runner.handle(world.take(runner))

    ((newest, held),) = receipts
    assert held == newest


def test_retries_wait_in_place(world: WorkerWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    from fileferry.errors import TransientError

    world.receive()
    failures: list[int] = []

    def fail_once() -> None:
        if not failures:
            failures.append(1)
            raise TransientError("once")

    monkeypatch.setattr("asl.randomness.SystemRandomness.random", lambda self: 0.0)
    world.around("stage", fail_once)
    world.work()

    assert world.run().status is JobStatus.SUCCEEDED
    assert [event["type"] for event in world.events()].count("TaskFailed") == 1
