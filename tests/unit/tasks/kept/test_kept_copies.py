"""A run that begins from a kept copy: it reads that copy, removes nothing that is kept, and keeps its own apart."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from fileferry.errors import ContentRefused, DuplicateContent, IntegrityError
from fileferry.model.job import JobStatus, ObjectRef, Step
from fileferry.repositories.items import to_item
from tasks.archive.app import run as archive
from tasks.close.app import run as close
from tasks.stage.app import stage
from tasks.validate.app import validate
from tests.unit.world import JobWorld

CONTENT = b"id,amount\n1,x\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
CSV = {"columns": [{"name": "id"}, {"name": "amount", "type": "integer"}]}


def kept(world: JobWorld, key: str = "archive/acme/2026/01/31/JOB/original/orders.csv") -> ObjectRef:
    """A copy in the archive bucket of the job's file, which has left ingest."""
    key = key.replace("JOB", world.job.job_id)
    version = world.raw_s3.put_object(Bucket="archive", Key=key, Body=CONTENT)["VersionId"]
    ingested = world.job.object
    world.raw_s3.delete_object(Bucket="ingest", Key=ingested.key, VersionId=ingested.version_id)
    return ObjectRef(bucket="archive", key=key, version_id=version, size=len(CONTENT), sha256=SHA256)


def begun_from(world: JobWorld, source: ObjectRef | None, **values: Any) -> None:
    """The job's next run, which begins from `source`, or from the ingest version."""
    world.next_run()
    given = {"source": source.model_dump() if source else None, **values}
    world.raw_dynamodb.update_item(
        TableName="runs",
        Key=to_item({"job_id": world.job.job_id, "run": world.job.run}),
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in given),
        ExpressionAttributeNames={f"#{name}": name for name in given},
        ExpressionAttributeValues=to_item({f":{name}": value for name, value in given.items()}),
    )


def caught(world: JobWorld, error: str) -> dict[str, Any]:
    return {"job": world.job.model_dump(mode="json"), "error": {"Error": error, "Cause": "no"}, "state": "Validate"}


def test_validate_and_stage_read_the_kept_copy(world: JobWorld) -> None:
    world.receive(CONTENT, validation={"csv": CSV})
    begun_from(world, kept(world))
    with pytest.raises(ContentRefused) as refused:
        validate(world.work(Step.VALIDATE))
    assert refused.value.total == 1
    staged = stage(world.work())["object"]
    assert (world.content(staged), staged["sha256"]) == (CONTENT, SHA256)


def test_a_kept_copy_that_is_not_what_it_was_is_not_staged(world: JobWorld) -> None:
    world.receive(CONTENT)
    begun_from(world, kept(world).model_copy(update={"sha256": "0" * 64}))
    with pytest.raises(IntegrityError):
        stage(world.work())
    assert not world.versions("staging")


def test_archive_keeps_its_copies_apart_and_removes_none_that_is_kept(world: JobWorld) -> None:
    world.receive(CONTENT)
    source = kept(world)
    begun_from(world, source)
    world.deliverable(CONTENT)
    original = archive(world.event(), world.home(), world.services)["original"]
    assert original["key"] == source.key.replace("/original/", "/run-2/original/")
    assert world.content(original) == world.content(source.model_dump()) == CONTENT
    assert len(world.versions("archive")) == 2
    assert not world.versions("staging")
    assert world.record().status is JobStatus.SUCCEEDED


@pytest.mark.parametrize("error", ["ContentRefused", "DuplicateContent"])
def test_what_is_refused_again_is_put_aside_and_stays_where_it_is_kept(world: JobWorld, error: str) -> None:
    world.receive(CONTENT)
    world.services.keys.claim_content("acme", "orders", SHA256, "jfirst")
    source = kept(world)
    begun_from(world, source)
    close(caught(world, error), world.home(), world.services)
    folder = {"ContentRefused": "quarantine", "DuplicateContent": "duplicate"}[error]
    assert [key for key, _ in world.versions("archive")] == [source.key, f"{folder}/acme/{world.job.job_id}/orders.csv"]


def test_what_lies_in_quarantine_and_is_refused_again_lies_there_once(world: JobWorld) -> None:
    world.receive(CONTENT)
    source = kept(world, "quarantine/acme/JOB/orders.csv")
    begun_from(world, source)
    close(caught(world, "ContentRefused"), world.home(), world.services)
    assert world.record().status is JobStatus.QUARANTINED
    assert world.run().outcome == {"sha256": SHA256, "quarantined": source.model_dump()}
    assert world.versions("archive") == [(source.key, source.version_id)]


def test_a_file_that_somebody_accepts_is_not_checked_and_who_did_it_is_recorded(world: JobWorld) -> None:
    world.receive(CONTENT, validation={"csv": CSV, "name": "never"})
    accepted = {"action": "release", "requested_by": "ann", "comment": "agreed with the partner", "at": "2026-02-01"}
    begun_from(world, kept(world), accepted=accepted)
    assert validate(world.work(Step.VALIDATE)) == {
        "checks": [],
        "rows": 0,
        "violations": 0,
        "accepted": {"requested_by": "ann", "comment": "agreed with the partner"},
    }


@pytest.mark.parametrize("action", ["replay", "release"])
def test_content_seen_before_goes_on_where_somebody_asked_for_it(world: JobWorld, action: str) -> None:
    world.services.settings = replace(world.services.settings, duplicate_check_bytes=1)
    world.receive(CONTENT, duplicates="skip")
    other = {**_rest_of_a_job(world), "job_id": "jother", "status": "SUCCEEDED"}
    world.raw_dynamodb.put_item(TableName="jobs", Item=to_item(other))
    world.services.keys.claim_content("acme", "orders", SHA256, "jother")
    with pytest.raises(DuplicateContent):
        stage(world.work())
    begun_from(world, None, action=action)
    assert stage(world.work())["object"]["sha256"] == SHA256


def _rest_of_a_job(world: JobWorld) -> dict[str, Any]:
    plain = world.record().model_dump(mode="json")
    return {name: value for name, value in plain.items() if name not in ("job_id", "status")}
