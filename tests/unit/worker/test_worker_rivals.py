"""Two workers and one run: one of them works, and the other one changes nothing and says so."""

from __future__ import annotations

import logging
import time

import pytest

from fileferry.errors import RunClosed
from fileferry.model.job import Delivery, JobStatus
from fileferry.repositories.leases import FencedOut
from tests.unit.worker.world import WorkerWorld
from worker.hold import Hold, Moment


def test_a_run_of_another_worker_is_left_to_it(world: WorkerWorld) -> None:
    world.receive()
    world.leases.take(world.job, "other", 60)
    before = world.run()
    world.work()

    assert world.run() == before
    assert world.left() == 1


def test_whoever_is_fenced_out_in_a_step_makes_nothing_visible_and_says_so(
    world: WorkerWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.receive()
    world.around("deliver", lambda: world.set_run(fence=9, lease_owner="other", lease_until=int(time.time()) + 60))
    with caplog.at_level(logging.ERROR):
        world.work()

    run = world.run()
    assert (run.status, run.fence, run.history) == (JobStatus.RUNNING, 9, None)
    assert world.delivered() == []
    assert world.left() == 1
    assert "its fence is 9, ours was 2" in caplog.text
    assert world.metrics.counts["FencedOut"] == 1


def test_the_new_owner_ends_what_a_fenced_out_worker_began(world: WorkerWorld) -> None:
    world.receive()
    real = dict(world.functions)

    def lose() -> None:
        world.functions.update(real)
        world.die()
        world.end()

    world.around("archive", lose)
    world.work("frozen")

    assert world.run().status is JobStatus.SUCCEEDED
    assert world.metrics.counts["FencedOut"] == 1
    assert (len(world.delivered()), world.left()) == (1, 0)


def test_a_run_that_is_cancelled_in_a_step_is_stopped_quietly(world: WorkerWorld) -> None:
    world.receive()
    holds: list[Hold] = []

    def cancel() -> None:
        job = world.job.model_copy(update={"fence": world.run().fence})
        world.services.runs.close(job, JobStatus.CANCELLED, {"error": "Cancelled", "message": "by an operator"})
        for hold in holds:
            hold.renew()

    runner = world.worker()
    world.around("deliver", lambda: holds.extend(runner.holds.all()))
    world.around("deliver", cancel, after=True)
    runner.handle(world.take(runner))

    assert world.data.record().status is JobStatus.CANCELLED
    assert world.events()[-1]["type"] == "ExecutionAborted"
    assert world.left() == 0


def hold_of(world: WorkerWorld, seconds: int = 60) -> Hold:
    world.receive()
    runner = world.worker()
    lease = world.leases.take(world.job, "one", seconds)
    return Hold(world.take(runner), world.job, lease, world.leases, seconds, Moment())


def frozen(monkeypatch: pytest.MonkeyPatch, clock: str, seconds: float) -> None:
    real = getattr(time, clock)
    monkeypatch.setattr(time, clock, lambda: real() + seconds)


@pytest.mark.parametrize("clock", ["monotonic", "time"])
def test_a_lease_that_ran_out_stops_the_step_though_nobody_took_the_run(
    world: WorkerWorld, monkeypatch: pytest.MonkeyPatch, clock: str
) -> None:
    hold = hold_of(world)
    hold.check()
    frozen(monkeypatch, clock, 61)

    with pytest.raises(FencedOut):
        hold.check()


def test_a_lease_that_ran_out_is_not_renewed(world: WorkerWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = hold_of(world)
    until = world.run().lease_until
    frozen(monkeypatch, "monotonic", 61)
    hold.renew()

    assert world.run().lease_until == until


def test_a_lease_that_was_released_is_not_renewed_by_a_heartbeat_that_comes_late(world: WorkerWorld) -> None:
    hold = hold_of(world)
    hold.release()
    hold.renew()

    assert world.leases.take(world.job, "two", 60).run.lease_owner == "two"


def test_the_heartbeat_finds_that_the_run_is_anothers(world: WorkerWorld) -> None:
    hold = hold_of(world)
    world.set_run(fence=9)
    hold.renew()

    assert hold.lost
    with pytest.raises(FencedOut):
        hold.check_owner()


def test_the_heartbeat_finds_that_the_run_is_over_which_stops_a_transfer_only(world: WorkerWorld) -> None:
    hold = hold_of(world)
    world.services.runs.close(hold.job, JobStatus.SUCCEEDED)
    hold.renew()

    assert (hold.closed, hold.lost) == (True, False)
    hold.check_owner()
    with pytest.raises(RunClosed):
        hold.check()


def test_a_run_that_is_over_waits_for_a_retry_without_spinning(
    world: WorkerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, slept = hold_of(world), list[float]()
    monkeypatch.setattr(time, "sleep", slept.append)
    hold.refuse(RunClosed("over"))
    hold.rest(30)
    hold.rest(0.25)

    assert slept == [1.0, 0.25]


def test_the_first_part_that_comes_further_is_noted_at_once_and_the_others_by_the_heartbeat(world: WorkerWorld) -> None:
    hold = hold_of(world)
    hold.moved(0)
    assert (world.run().mark, world.run().takes) == (0, 1)
    hold.moved(5)
    hold.moved(10)
    assert (world.run().mark, world.run().takes) == (5, 0)
    hold.renew()
    assert world.run().mark == 10
    assert hold.take_moved() == 5


def test_a_reader_beside_a_writer_tells_nothing_of_what_is_safe(world: WorkerWorld) -> None:
    hold = hold_of(world)
    for safe in (5, 0, 10, 0, 10):
        hold.moved(safe)
    hold.renew()
    assert (world.run().mark, hold.take_moved()) == (10, 5)


def test_the_next_transfer_comes_further_once_the_one_before_is_recorded(world: WorkerWorld) -> None:
    hold = hold_of(world)
    hold.moved(100)
    delivery = Delivery(status="DELIVERED", kind="s3", name="a", location="s3://a")
    world.services.runs.record_delivery(hold.job, "a", delivery)
    hold.moved(10)
    hold.renew()
    assert world.run().mark == (1 << 50) + 10
