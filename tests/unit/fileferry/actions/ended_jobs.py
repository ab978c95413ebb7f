"""Jobs that have ended one way or another, and what is done to them."""

from __future__ import annotations

from typing import Any

from fileferry.actions.asked import Asked, Request
from fileferry.actions.performing import perform
from fileferry.archive_places import archive_folder
from fileferry.closing import close_as_succeeded, close_run, put_away
from fileferry.model.job import Action, Job, JobStatus, Run, Step
from fileferry.objects import Target
from tests.unit.router.world import RouterWorld

ERROR = {"error": "DestinationRefused", "message": "no"}
REFUSED = {"error": "ContentRefused", "message": "1 violation"}
ANN = Request("ann", "as agreed")


def failed(world: RouterWorld, path: str = "orders.csv", status: JobStatus = JobStatus.FAILED, **route: Any) -> Job:
    """A job whose first run was started and has ended."""
    world.route(**route)
    job_id = world.receive(world.upload(path)).job_id
    return end(world, job_id, status)


def end(world: RouterWorld, job_id: str, status: JobStatus = JobStatus.FAILED) -> Job:
    job = world.services.jobs.get(job_id)
    run = world.services.runs.get(job_id, job.run)
    close_run(world.services, job.ref(run.fence), status, error=ERROR)
    return world.services.jobs.get(job_id)


def redrive(world: RouterWorld, job_id: str) -> Job:
    return perform(world.services, job_id, Asked(Action.REDRIVE), ANN)


def again(world: RouterWorld, job: Job, asked: Asked | None = None) -> tuple[Job, Run]:
    """The job and its new run once the router has taken the message."""
    perform(world.services, job.job_id, asked or Asked(Action.REDRIVE), ANN)
    world.resume_all()
    return world.services.jobs.get(job.job_id), latest(world, job)


def latest(world: RouterWorld, job: Job) -> Run:
    return world.services.runs.of_job(job.job_id)[-1]


def kept(world: RouterWorld, job: Job, folder: str, **outcome: Any) -> Job:
    """The job as if its file had gone to `folder` in the archive bucket, and its run ended so."""
    status = {"quarantine": JobStatus.QUARANTINED, "duplicate": JobStatus.DUPLICATE}[folder]
    ref = put_away(world.services, job.ref(), folder)
    name = {"quarantine": "quarantined", "duplicate": "stored"}[folder]
    told = {"sha256": ref.sha256, name: ref.model_dump(), **outcome}
    close_run(world.services, job.ref(), status, error=None if "first_job" in outcome else REFUSED, outcome=told)
    return world.services.jobs.get(job.job_id)


def quarantined(world: RouterWorld, path: str = "orders.csv", **route: Any) -> Job:
    """A job whose content was refused."""
    world.route(**route)
    job_id = world.receive(world.upload(path)).job_id
    return kept(world, world.services.jobs.get(job_id), "quarantine")


def succeeded(world: RouterWorld, path: str = "orders.csv", **route: Any) -> Job:
    """A job whose original lies in the archive, and nowhere else."""
    world.route(**route)
    job = world.services.jobs.get(world.receive(world.upload(path)).job_id)
    run = world.services.runs.begin_step(job.ref(), Step.ARCHIVE, 0)
    key = f"{archive_folder(job, run)}/original/{job.filename}"
    copy = world.services.objects.copy_verified(job.object, Target("archive", key))
    world.services.s3.delete_object(Bucket="ingest", Key=job.object.key, VersionId=job.object.version_id)
    world.services.runs.finish_step(
        job.ref(), Step.ARCHIVE, {"original": copy.model_dump(), "delivered": copy.model_dump()}
    )
    close_as_succeeded(world.services, job.ref(), world.services.runs.get(job.job_id, 1))
    return world.services.jobs.get(job.job_id)
