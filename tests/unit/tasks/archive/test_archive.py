"""What came and what was delivered, kept and verified; then, and only then, the file leaves ingest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fileferry.errors import IntegrityError, RunClosed
from fileferry.model.job import JobStatus, Step, StepStatus
from tasks.archive import app
from tasks.archive.app import RETENTION_STEPS, archive, kept_days
from tests.unit.faults import Killed
from tests.unit.world import JobWorld

ORIGINAL = b"id,amount\n1,2\n"
OUTPUT = b"\x1f\x8b delivered"


def run(world: JobWorld, **more: Any) -> dict[str, Any]:
    return app.run(world.event(**more), world.home(), world.services)


def folder(world: JobWorld) -> str:
    return f"archive/acme/2026/01/31/{world.job.job_id}"


def transformed(world: JobWorld, **route: Any) -> None:
    world.receive(ORIGINAL, "a+b %41 ü.csv", **route)
    world.deliverable(ORIGINAL, OUTPUT, "ü.csv.gz")


def test_the_original_and_the_delivered_bytes_are_kept(world: JobWorld) -> None:
    transformed(world)
    result = run(world)
    assert world.content(result["original"]) == ORIGINAL
    assert world.content(result["delivered"]) == OUTPUT
    assert [key for key, _ in world.versions("archive")] == [
        f"{folder(world)}/delivered/ü.csv.gz",
        f"{folder(world)}/original/a+b %41 ü.csv",
    ]
    assert result["delivered"]["sha256"] == hashlib.sha256(OUTPUT).hexdigest()


def test_bytes_that_nothing_changed_are_kept_once(world: JobWorld) -> None:
    world.receive(ORIGINAL)
    world.deliverable(ORIGINAL, filename="renamed.csv")
    result = run(world)
    assert result["delivered"] == result["original"]
    assert [key for key, _ in world.versions("archive")] == [f"{folder(world)}/original/orders.csv"]


def test_metadata_and_tags_say_what_it_is_and_how_long_it_stays(world: JobWorld) -> None:
    transformed(world, archive={"retention_days": 30, "tags": {"class": "gold", "retention-days": "1"}})
    for ref in run(world).values():
        head = world.services.objects.head(ref["bucket"], ref["key"])
        assert dict(head.metadata) == {"job-id": world.job.job_id, "run": "1", "sha256": ref["sha256"]}
        tags = world.raw_s3.get_object_tagging(Bucket=ref["bucket"], Key=ref["key"])["TagSet"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == {"class": "gold", "retention-days": "30"}


@pytest.mark.parametrize(("asked", "kept"), [(1, 7), (7, 7), (45, 90), (3650, 3650), (36_500, 36_500)])
def test_an_object_is_kept_at_least_as_long_as_the_route_asks(asked: int, kept: int) -> None:
    assert kept_days(asked) == kept


def test_the_bucket_has_a_rule_for_every_retention_that_is_given() -> None:
    template = Path(__file__).parents[4] / "template.yaml"
    rules = re.findall(
        r'TagFilters: \[\{Key: retention-days, Value: "(\d+)"\}\]\n +ExpirationInDays: (\d+)', template.read_text()
    )
    assert [(int(value), int(days)) for value, days in rules] == [(days, days) for days in RETENTION_STEPS]


def test_the_file_leaves_ingest_and_staging(world: JobWorld) -> None:
    transformed(world)
    run(world)
    assert not world.versions("ingest")
    assert not world.versions("staging")


def test_another_version_of_the_name_stays_in_ingest(world: JobWorld) -> None:
    transformed(world)
    later = world.raw_s3.put_object(Bucket="ingest", Key=world.job.object.key, Body=b"later")["VersionId"]
    run(world)
    assert world.versions("ingest") == [(world.job.object.key, later)]


def test_the_run_is_closed_and_told_on_events_and_success(world: JobWorld) -> None:
    transformed(world)
    result = run(world)
    assert world.run().status is JobStatus.SUCCEEDED
    record = world.record()
    assert (record.status, record.sha256) == (JobStatus.SUCCEEDED, result["original"]["sha256"])
    (event,) = world.sns.of_type("JobSucceeded")
    assert world.sns.of_type("JobSucceeded", "success") == [event]
    assert event["data"]["archived"] == result
    assert not world.sns.of_type("JobSucceeded", "failure")


def test_nothing_is_removed_when_a_copy_is_not_what_was_recorded(world: JobWorld) -> None:
    transformed(world)
    wrong = {**world.run().result(Step.TRANSFORM)}
    wrong["object"] = {**wrong["object"], "sha256": "0" * 64}
    world.services.runs.finish_step(world.job, Step.TRANSFORM, wrong)
    with pytest.raises(IntegrityError):
        run(world)
    assert len(world.versions("ingest")) == 1
    assert len(world.versions("staging")) == 2
    assert not any("delivered" in key for key, _ in world.versions("archive"))
    assert world.run().status is JobStatus.RUNNING


def test_a_runner_that_was_replaced_after_its_copies_removes_nothing(world: JobWorld) -> None:
    transformed(world)

    def pulse(_safe: int) -> None:
        if len(world.versions("archive")) == 2:
            raise RunClosed("another runner has the run")

    with pytest.raises(RunClosed):
        app.run(world.event(), replace(world.home(), pulse=pulse), world.services)
    assert (len(world.versions("ingest")), len(world.versions("staging"))) == (1, 2)


def test_a_redrive_finds_the_copies_of_the_run_before_and_clears_its_staged_objects(world: JobWorld) -> None:
    transformed(world)
    archive(world.work())
    old = world.staged(b"run 1 left this", "1/output")
    world.finish(Step.TRANSFORM, {"object": old.model_dump(), "filename": "x", "operations": []})
    world.next_run()
    world.deliverable(ORIGINAL, OUTPUT, "ü.csv.gz")
    run(world)
    assert len(world.versions("archive")) == 2
    assert not world.versions("staging")


class TestRepeats:
    def test_a_repeat_after_the_end_returns_the_result_and_tells_the_same_events(self, world: JobWorld) -> None:
        transformed(world)
        first = run(world)
        assert run(world, attempt=1) == first
        assert len(world.versions("archive")) == 2
        for kind in ("StepSucceeded", "JobSucceeded"):
            assert len({event["id"] for event in world.sns.of_type(kind) if "archive" in str(event)}) == 1

    @pytest.mark.parametrize("moment", ["before", "after"])
    @pytest.mark.parametrize("number", range(1, 13))
    def test_killed_at_any_side_effect_the_repeat_ends_well_with_one_version(
        self, world: JobWorld, number: int, moment: str
    ) -> None:
        transformed(world)
        world.kill(number, moment)
        with pytest.raises(Killed):
            run(world)
        safe = {key.split("/")[-2] for key, _ in world.versions("archive")} == {"original", "delivered"}
        assert safe or world.versions("ingest")
        world.kill(0, "")
        result = run(world, attempt=1)
        assert len(world.versions("archive")) == 2
        assert not world.versions("ingest") + world.versions("staging")
        assert world.content(result["original"]) == ORIGINAL
        assert world.content(result["delivered"]) == OUTPUT
        assert (world.run().status, world.record().status) == (JobStatus.SUCCEEDED, JobStatus.SUCCEEDED)
        assert world.run().steps[Step.ARCHIVE].status is StepStatus.SUCCEEDED
        for topic in ("events", "success"):
            assert len({event["id"] for event in world.sns.of_type("JobSucceeded", topic)}) == 1

    def test_these_are_all_its_side_effects_in_the_order_that_keeps_files_safe(self, world: JobWorld) -> None:
        transformed(world)
        run(world)
        assert world.faults.log == [
            "dynamodb.update_item",  # the step begins
            "s3.copy_object",
            "s3.copy_object",
            "s3.delete_object",  # ingest
            "s3.delete_object",
            "s3.delete_object",
            "dynamodb.update_item",  # the step is recorded
            "sns.publish",
            "dynamodb.update_item",  # the run is closed
            "sns.publish",
            "sns.publish",
            "dynamodb.transact_write_items",  # the job is closed, and its end counted
        ]


class TestClosedOtherwise:
    def test_a_cancelled_run_is_not_archived(self, world: JobWorld) -> None:
        transformed(world)
        world.services.runs.close(world.job, JobStatus.CANCELLED)
        with pytest.raises(RunClosed, match="CANCELLED"):
            run(world)
        assert not world.versions("archive")
        assert world.versions("ingest")

    def test_a_fenced_out_runner_closes_nothing(self, world: JobWorld) -> None:
        transformed(world)
        world.take_over()
        with pytest.raises(RunClosed, match="another runner"):
            run(world)
        assert world.run().status is JobStatus.RUNNING
        assert not world.sns.published
        assert not world.versions("archive")


def test_a_run_that_is_cancelled_while_its_copies_are_made_removes_nothing(
    world: JobWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    transformed(world)
    before = [world.versions(bucket) for bucket in ("ingest", "staging")]
    copy = world.services.objects.copy_verified

    def cancelled_meanwhile(*args: Any, **more: Any) -> Any:
        kept = copy(*args, **more)
        world.services.runs.close(world.job, JobStatus.CANCELLED)
        return kept

    monkeypatch.setattr(world.services.objects, "copy_verified", cancelled_meanwhile)
    with pytest.raises(RunClosed, match="CANCELLED"):
        run(world)
    assert [world.versions(bucket) for bucket in ("ingest", "staging")] == before
