"""The router dies after any of its AWS calls, and SQS brings the message again: nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fileferry.intake.messages import ObjectCreated
from fileferry.model.job import JobStatus
from tests.unit.router.world import Killed, RouterWorld

Arrange = Callable[[RouterWorld, int], ObjectCreated]


def _started(world: RouterWorld, round_: int) -> ObjectCreated:
    world.route()
    return world.upload(content=str(round_).encode())


def _ordered(world: RouterWorld, round_: int) -> ObjectCreated:
    world.route(ordered=True)
    return world.upload(content=str(round_).encode(), user=f"user{round_}")


def _worker(world: RouterWorld, round_: int) -> ObjectCreated:
    world.route(executor="worker")
    return world.upload(content=str(round_).encode())


def _unrouted(world: RouterWorld, round_: int) -> ObjectCreated:
    return world.upload(content=str(round_).encode())


def _empty(world: RouterWorld, round_: int) -> ObjectCreated:
    world.route()
    return world.upload(content=b"")


def _undeployed(world: RouterWorld, round_: int) -> ObjectCreated:
    world.route(workflow={"name": "transfer/v9"})
    return world.upload(content=str(round_).encode())


def _duplicate(world: RouterWorld, round_: int) -> ObjectCreated:
    world.route(duplicates="skip")
    world.receive(world.upload("first.csv", b"same"))
    return world.upload("second.csv", b"same")


def _declared(world: RouterWorld, round_: int) -> ObjectCreated:
    world.route(validation={"checksum": "required"})
    world.receive(world.upload(f"{round_}.csv.sha256", b"ab" * 32))
    return world.upload(f"{round_}.csv")


@pytest.mark.parametrize(
    ("arrange", "status"),
    [
        (_started, JobStatus.RUNNING),
        (_ordered, JobStatus.RUNNING),
        (_worker, JobStatus.RUNNING),
        (_unrouted, JobStatus.QUARANTINED),
        (_empty, JobStatus.QUARANTINED),
        (_undeployed, JobStatus.FAILED),
        (_duplicate, JobStatus.DUPLICATE),
        (_declared, JobStatus.RUNNING),
    ],
)
def test_a_message_whose_router_died_at_any_call_ends_as_if_it_had_not(
    world: RouterWorld, arrange: Arrange, status: JobStatus
) -> None:
    died = 0
    for number in range(1, 40):
        world.topics.events.clear()
        event = arrange(world, number)
        before = {job.job_id for job in world.jobs()}
        world.faults.kill_at(number, after=True)
        try:
            world.receive(event)
        except Killed:
            died += 1
        finished = died < number
        world.faults.kill_at(0, after=False)
        world.receive(event)
        (job,) = [job for job in world.jobs() if job.job_id not in before]
        assert job.status is status, f"died at call {number}"
        _assert_seen_once(world, job.job_id, status)
        if finished:
            break
    assert died > 5
    assert finished


def _assert_seen_once(world: RouterWorld, job_id: str, status: JobStatus) -> None:
    events: dict[str, Any] = {e["id"]: e["type"] for _, e in world.topics.events if e["subject"] == job_id}
    run = world.services.runs.get(job_id, 1)
    moved = [key for key in world.archived() if job_id in key]
    started = [name for name in world.executions() if name.startswith(job_id)] + [
        message for message in world.queues.messages if message["MessageGroupId"] == job_id
    ]
    assert events[f"{job_id}/1/JobReceived"] == "fileferry.JobReceived"
    assert len(events) == 2
    if status is JobStatus.RUNNING:
        assert len(started) == 1
        assert not moved
    else:
        assert run.status is status
        assert not started
        # A copy that was made twice is the same object in two versions.
        assert len(set(moved)) == (0 if status is JobStatus.FAILED else 1)


def test_a_digest_that_came_before_its_file_is_not_lost_when_the_router_dies(world: RouterWorld) -> None:
    for number in range(1, 14):
        event = _declared(world, number)
        world.faults.kill_at(number, after=True)
        try:
            world.receive(event)
        except Killed:
            world.receive(event)
        world.faults.kill_at(0, after=False)
        job = world.jobs()[-1]
        assert world.services.runs.get(job.job_id, 1).declared == {"sha256": "ab" * 32}
