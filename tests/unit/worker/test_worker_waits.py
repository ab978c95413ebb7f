"""A run that waits for the partner has no worker and no message; the acknowledgement or its deadline brings it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fileferry import clock
from fileferry.clock import parse_time, timestamp
from fileferry.model.job import JobStatus
from fileferry.repositories.keys import Acknowledgement
from tests.unit.worker.world import WorkerWorld

WAITING = {"mode": "acknowledgement", "user": "ann", "timeout_seconds": 600}


def acknowledge(world: WorkerWorld, *, negative: bool = False) -> None:
    """The partner's file, as the router takes it for a run of the worker."""
    ack = Acknowledgement(negative, "", timestamp())
    if world.services.keys.acknowledge("acme", "ann", "orders.csv", ack):
        world.send("ack-1")


def waiting(world: WorkerWorld, **confirm: Any) -> None:
    world.receive(confirm={**WAITING, **confirm})
    world.work()


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Time goes on for the engine's clock and ours."""
    import time

    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + seconds)
    monkeypatch.setattr("fileferry.repositories.leases.now", lambda: clock.now() + timedelta(seconds=seconds))


def test_a_run_that_waits_is_nobodys_and_has_no_message(world: WorkerWorld) -> None:
    waiting(world)

    run = world.run()
    assert (run.status, run.steps["confirm"].status, run.lease_until, run.takes) == ("RUNNING", "WAITING", 0, 0)
    assert run.checkpoint is not None
    assert world.left() == 0


def test_it_says_when_it_must_go_on_at_the_latest(world: WorkerWorld) -> None:
    waiting(world)
    seconds = (parse_time(world.run().wake_at) - clock.now()).total_seconds()

    assert 250 < seconds <= 300  # the job's confirm_timeout_seconds


def test_the_acknowledgement_brings_it_to_its_end(world: WorkerWorld) -> None:
    waiting(world)
    acknowledge(world)
    world.work("two")

    assert world.run().status is JobStatus.SUCCEEDED
    assert world.run().result("confirm")["acknowledged_by"] == "ann/orders.csv.ack"
    assert (world.run().wake_at, world.left()) == ("", 0)


def test_a_negative_one_fails_it(world: WorkerWorld) -> None:
    waiting(world)
    acknowledge(world, negative=True)
    world.work("two")

    assert (world.run().status, world.run().error["error"]) == (JobStatus.FAILED, "DestinationRefused")


def test_the_function_of_the_waiting_state_is_told_of_once(world: WorkerWorld) -> None:
    waiting(world)
    world.send("reconciler-1")
    world.work("two")
    acknowledge(world)
    world.work("three")

    types = [event["type"] for event in world.events()]
    assert types.count("TaskSubmitted") == 1


def test_an_acknowledgement_between_the_look_and_the_release_is_not_lost(world: WorkerWorld) -> None:
    """Its message is behind ours in the job's group, and comes when ours is deleted."""
    world.receive(confirm=WAITING)
    world.around("confirm", lambda: acknowledge(world), after=True)
    world.work()
    assert (world.run().status, world.left()) == (JobStatus.RUNNING, 1)
    world.work("two")

    assert world.run().status is JobStatus.SUCCEEDED


def test_without_an_acknowledgement_the_run_fails_at_its_deadline(
    world: WorkerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(world)
    later(monkeypatch, 301)
    world.send("reconciler-1")
    world.work("two")

    assert (world.run().status, world.run().error["error"]) == (JobStatus.FAILED, "States.Timeout")
    assert "TaskTimedOut" in [event["type"] for event in world.events()]


def test_one_that_came_before_anybody_looked_counts_though_the_deadline_is_over(
    world: WorkerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(world)
    acknowledge(world)
    later(monkeypatch, 301)
    world.work("two")

    assert world.run().status is JobStatus.SUCCEEDED


def test_a_run_that_was_cancelled_while_it_waited_is_ended_quietly(world: WorkerWorld) -> None:
    waiting(world)
    job = world.job.model_copy(update={"fence": world.run().fence})
    world.services.runs.close(job, JobStatus.CANCELLED, {"error": "Cancelled", "message": "by an operator"})
    world.send("cancelled")
    world.work("two")

    assert world.data.record().status is JobStatus.CANCELLED
    assert world.events()[-1]["type"] == "ExecutionAborted"
    assert (world.left(), world.run().checkpoint) == (0, None)
