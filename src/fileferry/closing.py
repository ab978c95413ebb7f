"""The end of a run: status in run and job, the outcome on SNS, the next file of an ordered route.

Every step of it may be repeated: a closer that was killed in between is simply called again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fileferry.model.job import JobRef, JobStatus, ObjectRef
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
    """Close run and job with `status` and publish it. Raises RunClosed when another status was given before."""
    world.runs.close(job, status, error)
    attributes = {"reason": str(error.get("message", ""))[:1000]} if error else {}
    for name in ("sha256", "first_job"):
        if outcome and outcome.get(name):
            attributes[name] = str(outcome[name])
    world.jobs.close(job, status, **attributes)
    data = dict(outcome or {})
    if error:
        data["error"] = dict(error)
    world.notifier.job_closed(job, status, data)
    if job.sequence:
        wake_next(world, job)


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


def put_away(world: Services, job: JobRef, folder: str, *, sha256: str = "") -> ObjectRef:
    """Move the ingest object to `folder/{tenant}/{job_id}/` in the archive bucket: verified copy, then removal.

    When the ingest version is gone already the copy that an earlier try made is returned.
    """
    key = f"{folder}/{job.tenant}/{job.job_id}/{job.filename}"
    copy = world.objects.copy_verified(
        job.object,
        world.settings.archive_bucket,
        key,
        sha256=sha256,
        metadata={"job-id": job.job_id, "run": str(job.run)},
        repeat=True,
    )
    world.objects.delete_version(job.object.bucket, job.object.key, job.object.version_id)
    return copy
