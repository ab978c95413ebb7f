"""Ordered routes: a user's files start one after another, whatever becomes of each."""

from __future__ import annotations

import pytest

from fileferry.closing import close_run
from fileferry.intake.outcome import Outcome
from fileferry.model.job import JobStatus
from tests.unit.router.world import Killed, RouterWorld


@pytest.fixture
def ordered(world: RouterWorld) -> RouterWorld:
    world.route(ordered=True)
    return world


KEPT = {"bucket": "archive", "key": "k", "version_id": "v", "size": 1, "sha256": "0" * 64}
OUTCOMES = {
    JobStatus.SUCCEEDED: {
        "sha256": "0" * 64,
        "archived": {"original": KEPT, "delivered": KEPT},
        "deliveries": {},
    },
    JobStatus.QUARANTINED: {"sha256": "0" * 64, "quarantined": KEPT},
}


def close(world: RouterWorld, job_id: str, status: JobStatus) -> None:
    error = None if status is JobStatus.SUCCEEDED else {"error": "DestinationRefused", "message": "no"}
    ref = world.services.jobs.get(job_id).ref()
    close_run(world.services, ref, status, error=error, outcome=OUTCOMES.get(status))


def running(world: RouterWorld) -> list[str]:
    return [job.filename for job in world.jobs() if job.status is JobStatus.RUNNING]


@pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.QUARANTINED, JobStatus.CANCELLED])
def test_the_next_file_starts_once_the_one_before_is_over(ordered: RouterWorld, status: JobStatus) -> None:
    jobs = [ordered.receive(ordered.upload(f"{number}.csv")).job_id for number in range(3)]
    for number, job_id in enumerate(jobs):
        assert running(ordered) == [f"{number}.csv"]
        close(ordered, job_id, status)
        ordered.resume_all()
    assert ordered.statuses() == {status: 3}


def test_users_do_not_wait_for_each_other(ordered: RouterWorld) -> None:
    for user in ("bob", "eve"):
        ordered.receive(ordered.upload(f"{user}.csv", user=user))
    assert running(ordered) == ["bob.csv", "eve.csv"]


def test_repeats_and_early_start_messages_do_not_jump_the_line(ordered: RouterWorld) -> None:
    events = [ordered.upload(f"{number}.csv") for number in range(3)]
    for event in events:
        ordered.receive(event)
    assert [ordered.receive(event).outcome for event in reversed(events)] == [
        Outcome.WAITING,
        Outcome.WAITING,
        Outcome.REPEATED,
    ]
    assert running(ordered) == ["0.csv"]
    assert len(ordered.executions()) == 1


def test_a_first_file_whose_starter_died_holds_its_place(ordered: RouterWorld) -> None:
    first = ordered.upload("1.csv")
    ordered.faults.fail("start_execution", Killed())
    with pytest.raises(Killed):
        ordered.receive(first)
    assert ordered.receive(ordered.upload("2.csv")).outcome is Outcome.WAITING
    assert ordered.receive(first).outcome is Outcome.STARTED
    assert running(ordered) == ["1.csv"]


def test_a_refused_file_makes_way(ordered: RouterWorld) -> None:
    ordered.receive(ordered.upload("1.csv"))
    ordered.receive(ordered.upload("empty.csv", b""))
    ordered.receive(ordered.upload("3.csv"))
    assert ordered.statuses() == {JobStatus.RUNNING: 1, JobStatus.QUARANTINED: 1, JobStatus.RECEIVED: 1}
    close(ordered, ordered.jobs()[0].job_id, JobStatus.SUCCEEDED)
    ordered.resume_all()
    assert running(ordered) == ["3.csv"]


def test_a_file_that_waits_for_its_sidecar_holds_those_behind_it(world: RouterWorld) -> None:
    world.route(ordered=True, validation={"checksum": "required"})
    world.receive(world.upload("1.csv"))
    assert world.receive(world.upload("2.csv", sha256="ab" * 32)).outcome is Outcome.WAITING
    world.receive(world.upload("1.csv.sha256", b"cd" * 32))
    world.resume_all()
    assert running(world) == ["1.csv"]
    close(world, world.jobs()[0].job_id, JobStatus.SUCCEEDED)
    world.resume_all()
    assert running(world) == ["2.csv"]


def test_a_closer_killed_anywhere_wakes_the_next_when_it_is_called_again(ordered: RouterWorld) -> None:
    first = ordered.receive(ordered.upload("1.csv")).job_id
    second = ordered.receive(ordered.upload("2.csv")).job_id
    for number in range(1, 20):
        ordered.faults.kill_at(number, after=True)
        try:
            close(ordered, first, JobStatus.SUCCEEDED)
        except Killed:
            continue
        break
    ordered.faults.kill_at(0, after=False)
    assert number > 4
    ordered.resume_all()
    assert ordered.services.jobs.get(second).status is JobStatus.RUNNING
