"""Jobs: made once, moved forward only, and never by a run that is not theirs any more."""

from __future__ import annotations

import pytest

from fileferry.errors import NoSuchRecord
from fileferry.model.job import Job, JobStatus, ObjectVersion, job_id_of, parse_execution_name
from fileferry.repositories.creation import create_job
from fileferry.repositories.jobs import JobRepository
from tests.unit.world import REGION, SETTINGS, JobWorld


@pytest.fixture
def jobs(world: JobWorld) -> JobRepository:
    return world.services.jobs


def received(world: JobWorld) -> Job:
    """A job that has not started."""
    world.receive(b"content")
    plain = world.record()
    version = plain.object.model_copy(update={"version_id": "other"})
    job = plain.model_copy(
        update={"object": version, "job_id": job_id_of(version, "orders"), "status": JobStatus.RECEIVED}
    )
    assert create_job(world.services.dynamodb, SETTINGS, job, {"md5": "ab"})
    return job


class TestCreation:
    def test_claim_job_and_run_are_made_together(self, world: JobWorld) -> None:
        job = received(world)
        assert world.services.jobs.get(job.job_id) == job
        run = world.services.runs.get(job.job_id, 1)
        assert (run.fence, run.status, run.declared) == (1, JobStatus.RECEIVED, {"md5": "ab"})
        claim = world.services.keys.claim_of(job.object)
        assert claim
        assert claim.job_id == job.job_id

    def test_a_second_creation_changes_nothing(self, world: JobWorld) -> None:
        job = received(world)
        world.services.jobs.close(job, JobStatus.FAILED)
        assert not create_job(world.services.dynamodb, SETTINGS, job, {})
        assert world.services.jobs.get(job.job_id).status is JobStatus.FAILED
        assert world.services.runs.get(job.job_id, 1).declared == {"md5": "ab"}

    def test_an_object_that_another_route_has_claimed_makes_no_job(self, world: JobWorld) -> None:
        job = received(world)
        other = job.model_copy(update={"route": "other", "job_id": job_id_of(job.object, "other")})
        assert not create_job(world.services.dynamodb, SETTINGS, other, {})
        with pytest.raises(NoSuchRecord):
            world.services.jobs.get(other.job_id)
        with pytest.raises(NoSuchRecord):
            world.services.runs.get(other.job_id, 1)

    def test_jobs_of_an_ordered_route_stand_in_line_by_sequence(self, world: JobWorld) -> None:
        late = world.receive(b"2", "2.csv", sequence="002", ordered=True)
        early = world.receive(b"1", "1.csv", sequence="001", ordered=True)
        keys = world.services.keys
        assert keys.first_in_line("acme", "orders", "bob") == early.job_id
        keys.leave_line("acme", "orders", "bob", "001")
        keys.leave_line("acme", "orders", "bob", "001")
        assert keys.first_in_line("acme", "orders", "bob") == late.job_id


class TestStatus:
    def test_a_received_job_starts(self, world: JobWorld, jobs: JobRepository) -> None:
        job = received(world)
        jobs.wait(job.job_id, "order")
        assert jobs.get(job.job_id).waiting_for == "order"
        jobs.started(job, "arn:x")
        record = jobs.get(job.job_id)
        assert (record.status, record.execution_arn, record.waiting_for) == (JobStatus.RUNNING, "arn:x", "")

    def test_a_job_that_is_over_is_not_started_again(self, world: JobWorld, jobs: JobRepository) -> None:
        job = received(world)
        jobs.close(job, JobStatus.SUCCEEDED)
        jobs.started(job, "arn:x")
        assert jobs.get(job.job_id).status is JobStatus.SUCCEEDED

    def test_the_first_final_status_counts(self, world: JobWorld, jobs: JobRepository) -> None:
        job = received(world)
        assert jobs.close(job, JobStatus.FAILED, reason="first")
        assert jobs.close(job, JobStatus.FAILED, reason="again")
        assert not jobs.close(job, JobStatus.SUCCEEDED)
        assert jobs.get(job.job_id).status is JobStatus.FAILED

    def test_an_earlier_run_does_not_close_the_job_of_a_later_one(self, world: JobWorld, jobs: JobRepository) -> None:
        first = world.receive(b"content")
        world.next_run()
        assert not jobs.close(first, JobStatus.FAILED)
        assert jobs.close(world.job, JobStatus.SUCCEEDED)

    def test_only_jobs_that_are_not_final_are_open_the_oldest_first(self, world: JobWorld, jobs: JobRepository) -> None:
        job = received(world)
        closed = world.job
        assert len(list(jobs.open_jobs(REGION, "2027"))) == 2
        assert not list(jobs.open_jobs(REGION, "2026"))
        assert not list(jobs.open_jobs("us-east-1", "2027"))
        jobs.close(closed, JobStatus.FAILED)
        assert [open_job.job_id for open_job in jobs.open_jobs(REGION, "2027")] == [job.job_id]

    def test_a_job_that_does_not_exist_is_told(self, jobs: JobRepository) -> None:
        with pytest.raises(NoSuchRecord, match="nothing"):
            jobs.get("nothing")


class TestIdentity:
    def test_a_job_id_is_derived_from_version_and_route(self) -> None:
        version = ObjectVersion(bucket="b", key="k", version_id="v", size=1, etag="e")
        first = job_id_of(version, "r")
        assert job_id_of(version.model_copy(update={"size": 2, "etag": ""}), "r") == first
        others = [{"bucket": "c"}, {"key": "l"}, {"version_id": "w"}]
        ids = {job_id_of(version.model_copy(update=change), "r") for change in others} | {job_id_of(version, "s")}
        assert len(ids | {first}) == 5

    def test_an_execution_name_leads_back_to_its_run(self, world: JobWorld) -> None:
        ref = world.receive(b"x").model_copy(update={"run": 12})
        assert parse_execution_name(ref.execution_name) == (ref.job_id, 12)
        assert len(ref.execution_name) <= 80

    @pytest.mark.parametrize("name", ["", "x-1", "j", "j-", "jabc-x", "-1", "jabc-1.5", "jabc-²"])
    def test_a_strangers_execution_name_leads_nowhere(self, name: str) -> None:
        assert parse_execution_name(name) is None
