"""The end of a run: one status, told before the job is final; the next file of an ordered route."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.closing import close_run, put_away, send_start
from fileferry.errors import IntegrityError, RunClosed
from fileferry.model.job import JobStatus
from tests.unit.faults import Killed
from tests.unit.world import SETTINGS, JobWorld

ERROR = {"error": "DestinationRefused", "message": "no"}


def close(world: JobWorld, status: JobStatus = JobStatus.FAILED, **more: Any) -> None:
    close_run(world.services, world.job, status, error=ERROR, **more)


def test_run_and_job_get_the_status_with_its_reason(world: JobWorld) -> None:
    world.receive(b"x")
    close(world)
    run, job = world.run(), world.record()
    assert (run.status, run.error, job.status, job.reason) == (JobStatus.FAILED, ERROR, JobStatus.FAILED, "no")
    assert run.ended_at
    assert job.ended_at
    assert not list(world.services.jobs.open_jobs(SETTINGS.region, "3000"))


def test_another_status_than_the_first_is_refused_and_not_told(world: JobWorld) -> None:
    world.receive(b"x")
    close(world)
    world.sns.published.clear()
    with pytest.raises(RunClosed, match="FAILED"):
        close(world, JobStatus.CANCELLED)
    assert not world.sns.published
    assert world.record().status is JobStatus.FAILED


@pytest.mark.parametrize("number", range(1, 5))
def test_a_job_is_final_only_when_it_was_told(world: JobWorld, number: int) -> None:
    world.receive(b"x")
    world.kill(number, "before")
    with pytest.raises(Killed):
        close(world)
    assert world.record().status is JobStatus.RUNNING
    world.kill(0, "")
    close(world)
    assert world.record().status is JobStatus.FAILED
    assert len({event["id"] for event in world.sns.of_type("JobFailed", "failure")}) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 7))
def test_killed_anywhere_the_next_in_line_is_started_in_the_end(world: JobWorld, number: int, moment: str) -> None:
    first = world.receive(b"1", "1.csv", sequence="001", ordered=True)
    second = world.receive(b"2", "2.csv", sequence="002", ordered=True)
    world.job = first
    world.kill(number, moment)
    with pytest.raises(Killed):
        close(world)
    world.kill(0, "")
    close(world)
    assert world.services.keys.first_in_line("acme", "orders", "bob") == second.job_id
    assert world.messages(SETTINGS.ingest_queue_url) == [{"start": second.job_id}]


def test_the_last_in_line_starts_nobody(world: JobWorld) -> None:
    world.receive(b"1", sequence="001", ordered=True)
    close(world)
    assert not world.messages(SETTINGS.ingest_queue_url)


def test_a_start_is_sent_to_the_group_of_the_files_shard(world: JobWorld) -> None:
    send_start(world.services, "j1", "in/eu-central-1/07/acme/bob/a.csv", reason="test")
    answer = world.services.sqs.receive_message(QueueUrl=SETTINGS.ingest_queue_url, AttributeNames=["MessageGroupId"])
    assert answer["Messages"][0]["Attributes"]["MessageGroupId"] == "shard-07"


class TestPutAway:
    def test_the_file_moves_and_a_repeat_finds_it(self, world: JobWorld) -> None:
        job = world.receive(b"content", "a+b %41 ü.csv")
        first = put_away(world.services, job, "quarantine")
        assert put_away(world.services, job, "quarantine") == first
        assert first.key == f"quarantine/acme/{job.job_id}/a+b %41 ü.csv"
        assert world.content(first.model_dump()) == b"content"
        assert not world.versions("ingest")
        assert len(world.versions("archive")) == 1

    def test_a_copy_that_differs_leaves_the_file_where_it_is(self, world: JobWorld) -> None:
        job = world.receive(b"content")
        with pytest.raises(IntegrityError):
            put_away(world.services, job, "quarantine", sha256="0" * 64)
        assert world.versions("ingest")
        assert not world.versions("archive")
