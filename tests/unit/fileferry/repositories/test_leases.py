"""A run is one worker's at a time, and whoever lost it can write nothing more."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from fileferry import clock
from fileferry.errors import NoSuchRecord, RunClosed
from fileferry.model.job import JobStatus, ObjectRef, Step
from fileferry.repositories import leases as module
from fileferry.repositories.leases import FencedOut, LeaseHeld, LeaseRepository
from tests.unit.world import JobWorld, world

__all__ = ["world"]


@pytest.fixture
def leases(world: JobWorld) -> LeaseRepository:
    world.receive(b"1")
    return LeaseRepository(world.raw_dynamodb, "runs")


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(module, "now", lambda: clock.now() + timedelta(seconds=seconds))


def test_a_lease_is_taken_under_a_new_number(world: JobWorld, leases: LeaseRepository) -> None:
    lease = leases.take(world.job, "one", 60)

    assert (lease.job.fence, lease.run.takes, lease.run.lease_owner) == (2, 1, "one")
    assert world.run().fence == 2


def test_of_many_takers_one_gets_the_run(world: JobWorld, leases: LeaseRepository) -> None:
    """One after the other: moto's writes are not atomic. Real rivals: tests/integration/worker."""
    owners = []
    for number in range(8):
        with suppress(LeaseHeld):
            owners.append(leases.take(world.job, f"worker-{number}", 60).owner)

    assert owners == ["worker-0"]
    assert world.run().fence == 2


def test_who_comes_too_late_is_told_how_long_the_lease_lasts(world: JobWorld, leases: LeaseRepository) -> None:
    leases.take(world.job, "one", 60)

    with pytest.raises(LeaseHeld) as refused:
        leases.take(world.job, "two", 60)

    assert 58 <= refused.value.seconds <= 60


def test_the_owner_itself_may_take_the_run_again(world: JobWorld, leases: LeaseRepository) -> None:
    leases.take(world.job, "one", 60)

    assert leases.take(world.job, "one", 60).job.fence == 3


def test_a_lease_that_ran_out_is_anybodys(
    world: JobWorld, leases: LeaseRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases.take(world.job, "one", 60)
    later(monkeypatch, 61)

    assert leases.take(world.job, "two", 60).job.fence == 3


def test_a_renewed_lease_lasts_from_then(
    world: JobWorld, leases: LeaseRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = leases.take(world.job, "one", 60)
    later(monkeypatch, 50)
    leases.renew(lease, 60)
    later(monkeypatch, 100)

    with pytest.raises(LeaseHeld):
        leases.take(world.job, "two", 60)


def test_whoever_lost_the_run_is_told_both_numbers(world: JobWorld, leases: LeaseRepository) -> None:
    lost = leases.take(world.job, "one", 60)
    leases.take(world.job, "one", 60)

    for write in (lambda: leases.renew(lost, 60), lambda: leases.release(lost)):
        with pytest.raises(FencedOut) as refused:
            write()
        assert (refused.value.ours, refused.value.theirs) == (2, 3)
    assert not leases.mark(lost, 10**6)


def test_whoever_lost_the_run_writes_nothing_of_it(world: JobWorld, leases: LeaseRepository) -> None:
    lost = leases.take(world.job, "one", 60).job
    leases.take(world.job, "one", 60)
    before = world.run()
    stored = ObjectRef(bucket="staging", key="k", version_id="v", size=1, sha256="00")

    for write in (
        lambda: world.services.runs.begin_step(lost, Step.STAGE, 0),
        lambda: world.services.runs.save_progress(lost, "stage", {"upload": "u"}),
        lambda: world.services.runs.keep_checkpoint(lost, stored),
        lambda: world.services.runs.close(lost, JobStatus.SUCCEEDED),
    ):
        with pytest.raises(RunClosed):
            write()
    assert world.run() == before


def test_a_run_that_is_over_is_nobodys(world: JobWorld, leases: LeaseRepository) -> None:
    lease = leases.take(world.job, "one", 60)
    world.services.runs.close(lease.job, JobStatus.CANCELLED)

    for write in (lambda: leases.take(world.job, "two", 60), lambda: leases.renew(lease, 60)):
        with pytest.raises(RunClosed) as refused:
            write()
        assert not isinstance(refused.value, FencedOut)


def test_a_run_that_does_not_exist_cannot_be_taken(world: JobWorld, leases: LeaseRepository) -> None:
    with pytest.raises(NoSuchRecord):
        leases.take(world.job.model_copy(update={"run": 9}), "one", 60)


def test_a_released_run_may_be_taken_at_once_and_the_take_does_not_count(
    world: JobWorld, leases: LeaseRepository
) -> None:
    leases.release(leases.take(world.job, "one", 60), wake_at="2026-02-01T00:00:00.000000Z", take_back=True)
    waiting = world.run()
    again = leases.take(world.job, "two", 60)

    assert (waiting.takes, waiting.wake_at) == (0, "2026-02-01T00:00:00.000000Z")
    assert (again.run.takes, again.run.wake_at) == (1, "")


def test_takes_are_counted_until_the_run_has_come_further(world: JobWorld, leases: LeaseRepository) -> None:
    for _ in range(3):
        lease = leases.take(world.job, "one", 60)
    assert world.run().takes == 3

    assert leases.mark(lease, 7)
    assert not leases.mark(lease, 7)
    assert (world.run().takes, world.run().mark) == (0, 7)


def test_why_a_worker_could_not_go_on_is_kept(world: JobWorld, leases: LeaseRepository) -> None:
    leases.release(leases.take(world.job, "one", 60), trouble="AccessDenied: no")

    assert (world.run().trouble, world.run().takes) == ("AccessDenied: no", 1)


def test_progress_is_kept_by_name_and_forgotten(world: JobWorld, leases: LeaseRepository) -> None:
    job = leases.take(world.job, "one", 60).job
    world.services.runs.save_progress(job, "deliver/bank", {"upload": "ü"})
    world.services.runs.save_progress(job, "stage", {"upload": "s"})
    world.services.runs.save_progress(job, "stage", {})

    assert world.run().progress == {"deliver/bank": '{"upload": "ü"}'}
