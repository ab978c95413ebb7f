"""The pinned version in staging, with its digest, once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from fileferry.errors import DuplicateContent, IntegrityError, NoSuchRecord
from fileferry.model.job import JobStatus, Step
from fileferry.steps import run_step
from tasks.stage.app import stage
from tests.unit.faults import Killed
from tests.unit.world import JobWorld

CONTENT = b"id,amount\n1,2\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_the_version_is_staged_with_its_digest(world: JobWorld) -> None:
    world.receive(CONTENT, "a+b %41 ü.csv")
    ref = stage(world.work())["object"]
    assert (ref["bucket"], ref["key"]) == ("staging", f"acme/{world.job.job_id}/original")
    assert (ref["size"], ref["sha256"]) == (len(CONTENT), SHA256)
    assert world.content(ref) == CONTENT
    assert world.services.objects.head("staging", ref["key"]).metadata["job-id"] == world.job.job_id


def test_an_empty_file_is_staged(world: JobWorld) -> None:
    world.receive(b"", zero_bytes="accept")
    ref = stage(world.work())["object"]
    assert (ref["size"], ref["sha256"]) == (0, hashlib.sha256(b"").hexdigest())


def test_it_is_the_pinned_version_although_the_name_was_written_again(world: JobWorld) -> None:
    world.receive(CONTENT)
    world.raw_s3.put_object(Bucket="ingest", Key=world.job.object.key, Body=b"later")
    assert world.content(stage(world.work())["object"]) == CONTENT


def test_a_file_above_the_copy_limit_is_copied_in_parts(world: JobWorld) -> None:
    world.receive(CONTENT)
    ref = stage(replace(world.work(), home=replace(world.home(), copy_limit=4)))["object"]
    assert "s3.copy_object" not in world.faults.log
    assert "s3.upload_part_copy" in world.faults.log
    assert (world.content(ref), ref["sha256"]) == (CONTENT, SHA256)


def test_a_repeat_and_a_later_run_take_the_copy_that_is_there(world: JobWorld) -> None:
    world.receive(CONTENT)
    first = stage(world.work())
    assert stage(world.work()) == first
    world.next_run()
    assert stage(world.work()) == first
    assert len(world.versions("staging")) == 1


def test_a_copy_that_is_not_what_the_sender_declared_is_removed_and_told(world: JobWorld) -> None:
    world.receive(CONTENT)
    world.services.runs.declare(world.job.job_id, 1, "sha256", "0" * 64)
    with pytest.raises(IntegrityError, match="is recorded"):
        stage(world.work())
    assert not world.versions("staging")


def test_a_declared_digest_does_not_matter_where_the_route_ignores_it(world: JobWorld) -> None:
    world.receive(CONTENT, validation={"checksum": "none"})
    world.services.runs.declare(world.job.job_id, 1, "sha256", "0" * 64)
    assert stage(world.work())["object"]["sha256"] == SHA256


def test_a_source_that_is_gone_fails_the_step(world: JobWorld) -> None:
    world.receive(CONTENT)
    world.services.objects.delete_version("ingest", world.job.object.key, world.job.object.version_id)
    with pytest.raises(NoSuchRecord, match=r"orders\.csv"):
        run_step(Step.STAGE, world.event(), world.home(), stage, world.services)


class TestDuplicates:
    @pytest.fixture(autouse=True)
    def hashes_nothing(self, world: JobWorld) -> None:
        """The router hashes no file in these tests."""
        world.services.settings = replace(world.services.settings, duplicate_check_bytes=0)

    def test_content_that_another_job_has_taken_is_refused(self, world: JobWorld) -> None:
        first = world.receive(CONTENT, duplicates="skip")
        stage(world.work())
        world.receive(CONTENT, "again.csv", duplicates="skip")
        with pytest.raises(DuplicateContent) as caught:
            stage(world.work())
        assert caught.value.first_job == first.job_id

    def test_content_of_a_job_that_failed_is_free(self, world: JobWorld) -> None:
        failed = world.receive(CONTENT, duplicates="skip")
        stage(world.work())
        world.services.jobs.close(failed, JobStatus.FAILED)
        world.receive(CONTENT, "again.csv", duplicates="skip")
        stage(world.work())
        assert world.services.keys.content_job("acme", "orders", SHA256) == world.job.job_id

    def test_a_repeat_is_no_duplicate_of_itself(self, world: JobWorld) -> None:
        world.receive(CONTENT, duplicates="skip")
        assert stage(world.work()) == stage(world.work())

    def test_small_files_are_the_routers_affair(self, world: JobWorld) -> None:
        world.services.settings = replace(world.services.settings, duplicate_check_bytes=len(CONTENT))
        world.receive(CONTENT, duplicates="skip")
        stage(world.work())
        assert not world.services.keys.content_job("acme", "orders", SHA256)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
def test_killed_at_any_side_effect_the_repeat_ends_well_with_one_version(
    world: JobWorld, number: int, moment: str
) -> None:
    world.services.settings = replace(world.services.settings, duplicate_check_bytes=0)
    world.receive(CONTENT, duplicates="skip")
    world.kill(number, moment)
    with pytest.raises(Killed):
        run_step(Step.STAGE, world.event(), world.home(), stage, world.services)
    world.kill(0, "")
    result = run_step(Step.STAGE, world.event(attempt=1), world.home(), stage, world.services)
    assert [key for key, _ in world.versions("staging")] == [f"acme/{world.job.job_id}/original"]
    assert world.content(result["object"]) == CONTENT
    assert world.run().result(Step.STAGE) == result
    assert {event["id"] for event in world.sns.of_type("StepSucceeded")} == {f"{world.job.job_id}/1/stage/succeeded"}


def test_these_are_all_side_effects_of_the_step(world: JobWorld) -> None:
    world.services.settings = replace(world.services.settings, duplicate_check_bytes=0)
    world.receive(CONTENT, duplicates="skip")
    run_step(Step.STAGE, world.event(), world.home(), stage, world.services)
    assert world.faults.log == [
        "dynamodb.update_item",
        "s3.copy_object",
        "dynamodb.put_item",
        "dynamodb.update_item",
        "sns.publish",
    ]
