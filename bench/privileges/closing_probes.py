"""What makes archive, close and ended use each of their permissions."""

from __future__ import annotations

import json
from typing import Any

from fileferry.model.job import JobStatus, ObjectRef, Step
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_item
from fileferry.repositories.keys import content_key

from .jobs import JobOnItsWay
from .task_probes import Probe
from .world import Seen, World, failed, made


def _archivable(world: World, original: ObjectRef | None = None, **more: Any) -> JobOnItsWay:
    """A job whose other steps are done."""
    job = JobOnItsWay(world, **more)
    job.transformed(original)
    return job


def _archive(world: World) -> Seen:
    return _archivable(world, in_line=True).call("archive")


def _archive_output(world: World) -> Seen:
    job = JobOnItsWay(world)
    original = job.staged()
    job.content = b"another\n"
    job.transformed(original, job.staged("1/output"))
    return job.call("archive")


def _archive_after_parts(world: World) -> Seen:
    job = _archivable(world)
    year, month, day = job.job.created_at[:10].split("-")
    key = f"archive/{job.tenant}/{year}/{month}/{day}/{job.job.job_id}/original/{job.job.filename}"
    world.put_in_parts(world.services.settings.archive_bucket, key, job.content)
    return job.call("archive")


def _archive_wrong_digest(world: World) -> Seen:
    job = JobOnItsWay(world)
    job.transformed(job.staged(sha256="0" * 64))
    return failed(job.call("archive"), "IntegrityError")


def _archive_broken(world: World) -> Seen:
    job = _archivable(world, world.big_in_staging)
    seen = failed(job.call("archive"), "IntegrityError")
    return world.all_closed(seen, world.services.settings.archive_bucket, f"archive/{job.tenant}/")


def _archive_second_run(world: World) -> Seen:
    job = JobOnItsWay(world)
    job.job = job.job.model_copy(update={"run": 2})
    job.put_item("jobs_table", job_item(job.record.model_copy(update={"run": 2})))
    job.write_run(2)
    job.transformed()
    return job.call("archive")


ARCHIVE = (
    Probe("a file is kept", _archive),
    Probe("a changed file is kept", _archive_output, ("ReadStaging", "RemoveStaging")),
    Probe("a copy in parts is there", _archive_after_parts, ("WriteArchive",)),
    Probe("the copy has another digest", _archive_wrong_digest, ("WriteArchive",)),
    Probe("a large file's stream breaks", _archive_broken, ("WriteArchive",)),
    Probe("a job's second run", _archive_second_run, ("RecordStepAndCloseRun",)),
)


def _close(job: JobOnItsWay, error: str, **more: Any) -> Seen:
    caught = {"Error": error, "Cause": json.dumps({"errorMessage": "The bench says so.", **more})}
    return job.call("close", error=caught, state="Validate")


def _close_refused(world: World) -> Seen:
    return made(_close(JobOnItsWay(world, in_line=True), "ContentRefused"), "QUARANTINED")


def _close_duplicate(world: World) -> Seen:
    job = JobOnItsWay(world)
    staged = job.staged()
    job.done(Step.STAGE, object=staged.model_dump())
    first = {**content_key(job.tenant, "files", staged.sha256), "job_id": "jfirst"}
    job.put_item("keys_table", to_item(first))
    return made(_close(job, "DuplicateContent"), "DUPLICATE")


def _close_again(world: World) -> Seen:
    """A closer that was killed between the run and the job."""
    job = JobOnItsWay(world)
    world.services.runs.close(job.job, JobStatus.FAILED)
    return made(_close(job, "IntegrityError"), "FAILED")


def _close_after_parts(world: World) -> Seen:
    job = JobOnItsWay(world)
    key = f"quarantine/{job.prefix}/{job.job.filename}"
    world.put_in_parts(world.services.settings.archive_bucket, key, job.content)
    return made(_close(job, "ContentRefused"), "QUARANTINED")


def _close_wrong_digest(world: World) -> Seen:
    job = JobOnItsWay(world)
    job.done(Step.STAGE, object=job.staged(sha256="0" * 64).model_dump())
    return failed(_close(job, "ContentRefused"), "IntegrityError")


def _close_broken(world: World) -> Seen:
    job = JobOnItsWay(world, version=world.big_in_ingest)
    seen = failed(_close(job, "ContentRefused"), "IntegrityError")
    return world.all_closed(seen, world.services.settings.archive_bucket, f"quarantine/{job.tenant}/")


CLOSE = (
    Probe("refused content", _close_refused),
    Probe("content seen before", _close_duplicate, ("PutAway", "PublishEvents", "FindFirstJobAndLeaveLine")),
    Probe("a run that is closed", _close_again, ("CloseJob",)),
    Probe("a copy in parts is there", _close_after_parts, ("PutAway",)),
    Probe("the copy has another digest", _close_wrong_digest, ("PutAway",)),
    Probe("a large file's stream breaks", _close_broken, ("PutAway",)),
)


def ended_event(job: JobOnItsWay, *, with_input: bool) -> dict[str, Any]:
    """EventBridge's event; it leaves a large input out."""
    given = {"input": json.dumps({"job": job.job.model_dump(mode="json")})} if with_input else {}
    return {"detail": {"name": job.job.execution_name, "status": "ABORTED", **given}}


def _ended(world: World) -> Seen:
    job = JobOnItsWay(world, in_line=True)
    return made(world.call("ended", ended_event(job, with_input=True)), "CANCELLED")


def _ended_without_input(world: World) -> Seen:
    job = JobOnItsWay(world)
    return made(world.call("ended", ended_event(job, with_input=False)), "CANCELLED")


def _ended_after_archive(world: World) -> Seen:
    job = JobOnItsWay(world)
    kept = job.staged().model_dump()
    job.done(Step.ARCHIVE, original=kept, delivered=kept)
    return made(world.call("ended", ended_event(job, with_input=True)), "SUCCEEDED")


ENDED = (
    Probe("a stopped execution", _ended),
    Probe("an event without its input", _ended_without_input, ("CloseJob",)),
    Probe("a run that was archived", _ended_after_archive, ("PublishEvents",)),
)
