"""The end of a run: its status, the outcome on SNS, the next file of an ordered route, the job's status.

Every step of it may be repeated: a closer that was killed in between is simply called again. The job's status
comes last, so a job that is final has been told of; one that is open beside a closed run is half-closed, and
`finish_closing` ends it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fileferry.archive_places import aside
from fileferry.errors import RunClosed
from fileferry.home import Transfer
from fileferry.model.job import JobRef, JobStatus, ObjectRef, Run, Step
from fileferry.objects import Target
from fileferry.services import Services

NO_ROUTE = "none"
"""The route of a job whose file no route takes; revision 0."""


def close_run(
    world: Services,
    job: JobRef,
    status: JobStatus,
    *,
    error: Mapping[str, Any] | None = None,
    outcome: Mapping[str, Any] | None = None,
) -> None:
    """Close run and job with `status` and publish it. Raises RunClosed when another status was given before.

    `error` is `{"error": name, "message": text, …}`, `outcome` what the final event tells beside it.
    """
    world.runs.close(job, status, error, outcome)
    data = dict(outcome or {})
    if error:
        data["error"] = dict(error)
    world.notifier.job_closed(job, status, data)
    if job.sequence:
        wake_next(world, job)
    attributes = {"reason": str(error.get("message", ""))[:1000]} if error else {}
    for name in ("sha256", "first_job"):
        if data.get(name):
            attributes[name] = str(data[name])
    world.jobs.close(job, status, **attributes)


def close_as_succeeded(world: Services, job: JobRef, run: Run) -> None:
    """Close a run whose archive step is recorded. Raises RunClosed when it was closed otherwise meanwhile."""
    archived = run.result(Step.ARCHIVE)
    delivered = {
        name: delivery.model_dump(include={"kind", "name", "location", "size", "sha256", "at"})
        for name, delivery in run.deliveries.items()
    }
    outcome = {"sha256": archived["original"]["sha256"], "archived": archived, "deliveries": delivered}
    close_run(world, job, JobStatus.SUCCEEDED, outcome=outcome)


def close_unless_over(
    world: Services, job: JobRef, status: JobStatus, error: Mapping[str, Any], outcome: Mapping[str, Any] | None = None
) -> JobStatus:
    """Close a run that ended with `error`, unless it is over or another runner's; the status that it has then.

    A run whose archive step is recorded has done all its work, and is SUCCEEDED whatever came after it.
    """
    run = world.runs.get(job.job_id, job.run)
    if run.fence != job.fence:
        return run.status
    if run.status.is_final:
        return finish_closing(world, job, run)
    try:
        if run.result(Step.ARCHIVE):
            close_as_succeeded(world, job, run)
            return JobStatus.SUCCEEDED
        close_run(world, job, status, error=error, outcome=outcome)
    except RunClosed:
        return world.runs.get(job.job_id, job.run).status
    return status


def finish_closing(world: Services, job: JobRef, run: Run) -> JobStatus:
    """End what a killed closer of `run` left undone, as it is recorded in the run; the run's status."""
    record = world.jobs.get(job.job_id)
    if record.run == job.run and not record.status.is_final:
        close_run(world, job, run.status, error=run.error, outcome=run.outcome)
    return run.status


def wake_next(world: Services, job: JobRef) -> None:
    """Leave the line of an ordered route, and have the router start the job whose turn it is now."""
    world.keys.leave_line(job.tenant, job.route, job.user, job.sequence)
    following = world.keys.first_in_line(job.tenant, job.route, job.user)
    if following:
        send_start(world, following, job.object.key, reason=f"after-{job.job_id}-{job.run}")


def send_start(world: Services, job_id: str, ingest_key: str, *, reason: str) -> None:
    """Ask the router to start a RECEIVED job; in the FIFO group of its shard, once per `reason`."""
    shard = ingest_key.split("/")[2]
    world.sqs.send_message(
        QueueUrl=world.settings.ingest_queue_url,
        MessageBody=json.dumps({"start": job_id}),
        MessageGroupId=f"shard-{shard}",
        MessageDeduplicationId=f"{job_id}-{reason}"[:128],
    )


def put_away(
    world: Services,
    job: JobRef,
    folder: str,
    *,
    source: ObjectRef | None = None,
    sha256: str = "",
    transfer: Transfer | None = None,
) -> ObjectRef:
    """Move the ingest object to `folder/{tenant}/{job_id}/` in the archive bucket: verified copy, then removal.

    When the ingest version is gone already the copy that an earlier try made is returned. The kept copy `source` that a
    run began from stays where it is; one that lies there already is the answer. Raises RunClosed, and removes nothing,
    when the run was cancelled meanwhile: the next one may have begun from the version in ingest.
    """
    target = Target(
        world.settings.archive_bucket, aside(job, folder), metadata={"job-id": job.job_id, "run": str(job.run)}
    )
    if source:
        if (source.bucket, source.key) == (target.bucket, target.key):
            return source
        return world.objects.copy_verified(source, target, transfer, sha256=source.sha256, repeat=True)
    copy = world.objects.copy_verified(job.object, target, transfer, sha256=sha256, repeat=True)
    if transfer:
        transfer.check()  # who was replaced meanwhile removes nothing
    world.runs.check_open(job)
    world.objects.delete_version(job.object.bucket, job.object.key, job.object.version_id)
    return copy
