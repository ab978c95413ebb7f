"""What makes the bulk worker, and status_service where it acts on jobs, use each of their permissions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fileferry.actions.bulk import new_bulk_id
from fileferry.clock import timestamp
from fileferry.model.bulk_action import BulkAction, BulkFilter, BulkJob, BulkOutcome, BulkStatus
from fileferry.model.job import Action, JobStatus, Step

from .control_probes import request
from .jobs import JobOnItsWay
from .task_probes import Probe
from .world import Seen, World


def _bulk(job: JobOnItsWay, action: Action, **wanted: Any) -> BulkAction:
    bulk = BulkAction(
        id=new_bulk_id(),
        tenant=job.tenant,
        action=action,
        filter=BulkFilter(**wanted),
        requested_by="bench",
        created_at=timestamp(),
    )
    job.services.bulk_actions.create(bulk)
    return bulk


def _message(world: World, bulk: BulkAction, do: str, **more: int) -> Seen:
    body = json.dumps({"do": do, "tenant": bulk.tenant, "bulk": bulk.id, **more})
    return world.call("bulk-worker", {"Records": [{"body": body}]})


def _planned(**wanted: Any) -> Callable[[World], Seen]:
    def run(world: World) -> Seen:
        job = JobOnItsWay(world, status=JobStatus.FAILED)
        bulk = _bulk(job, Action.RETRY, **wanted)
        seen = _message(world, bulk, "plan")
        now = world.services.bulk_actions.get(bulk.tenant, bulk.id)
        return replace(seen, ok=seen.ok and (now.status, now.total) == (BulkStatus.PLANNED, 1))

    return run


def _running(job: JobOnItsWay, action: Action, **members: Any) -> BulkAction:
    """A bulk action that runs, with one job in its plan."""
    bulks, record = job.services.bulk_actions, job.record
    bulk = _bulk(job, action, **members)
    planned = BulkJob(
        position=0,
        job_id=record.job_id,
        filename=record.filename,
        route=record.route,
        status=record.status,
        run=record.run,
        possible=True,
        plan="by hand",
    )
    bulks.write_plan(bulk, [planned])
    bulks.planned(bulk, 1, 1)
    return bulks.start(bulks.get(bulk.tenant, bulk.id), "bench")


def _worked_off(job: JobOnItsWay, action: Action, **members: Any) -> Seen:
    bulk = _running(job, action, **members)
    seen = _message(job.world, bulk, "chunk", first=0, until=1)
    (done,) = job.services.bulk_actions.between(bulk, 0, 1)
    return replace(seen, ok=seen.ok and done.outcome is BulkOutcome.DONE)


def _spread(world: World) -> Seen:
    job = JobOnItsWay(world, status=JobStatus.FAILED)
    return _message(world, _running(job, Action.RETRY), "spread")


def _cancelled(world: World) -> Seen:
    return _worked_off(JobOnItsWay(world, in_line=True), Action.CANCEL)


def _cancelled_worker(world: World) -> Seen:
    job = JobOnItsWay(world)
    job.set_run(executor="worker")
    return _worked_off(job, Action.CANCEL)


def _redriven(world: World) -> Seen:
    job = JobOnItsWay(world)
    original = job.staged()
    job.done(Step.VALIDATE, checks=[], rows=0, violations=0)
    job.transformed(original, job.staged("1/output"))
    job.services.runs.close(job.job, JobStatus.FAILED)
    job.services.jobs.close(job.job, JobStatus.FAILED)
    job.record = job.services.jobs.get(job.job.job_id)
    seen = _worked_off(job, Action.REDRIVE)
    kept = job.services.runs.get(job.job.job_id, 2).result(Step.TRANSFORM)
    return replace(seen, ok=seen.ok and bool(kept))


def _replayed(folder: str) -> Callable[[World], Seen]:
    """A replay whose file has left ingest for this folder of the archive bucket."""

    def run(world: World) -> Seen:
        job = JobOnItsWay(world, status=JobStatus.FAILED)
        settings, version = world.services.settings, job.record.object
        world.services.s3.delete_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)
        kept = job.staged()
        key = f"{folder}/{job.prefix}/{job.record.filename}"
        copy = world.put(settings.archive_bucket, key, job.content)
        ref = kept.model_copy(update={"bucket": copy.bucket, "key": copy.key, "version_id": copy.version_id})
        job.set_run(outcome=json.dumps({"stored": ref.model_dump()}))
        return _worked_off(job, Action.REPLAY)

    return run


BULK_WORKER = (
    Probe("a plan by status", _planned(status=JobStatus.FAILED), ("KeepPlans", "ListJobs")),
    Probe("a plan by route", _planned(route="files"), ("ListJobs",)),
    Probe("a plan by route and status", _planned(route="files", status=JobStatus.FAILED), ("ListJobs",)),
    Probe("a plan by name", _planned(filename="ord"), ("ListJobs", "ReadJobs")),
    Probe("a plan by name and status", _planned(filename="ord", status=JobStatus.FAILED), ("ListJobs",)),
    Probe("a plan by name and route", _planned(filename="ord", route="files"), ("ListJobs",)),
    Probe(
        "a plan by name, route and status",
        _planned(filename="ord", route="files", status=JobStatus.FAILED),
        ("ListJobs",),
    ),
    Probe("a plan of all", _planned(), ("ListJobs",)),
    Probe("chunks are sent", _spread, ("SendMessages",)),
    Probe("a job is cancelled", _cancelled, ("StopCancelled", "PublishEvents", "CountEnds", "KeepPlans")),
    Probe("a worker's job is cancelled", _cancelled_worker, ("SendMessages",)),
    Probe("a job is redriven", _redriven, ("FindFiles", "ActOnJobs", "ActOnRuns")),
    *(
        Probe(f"a file is replayed from {folder}", _replayed(folder), ("ReadKept", "TellAbsentFromDenied"))
        for folder in ("archive", "quarantine", "duplicate")
    ),
)


def _asked(action: str, status: JobStatus = JobStatus.FAILED) -> Callable[[World], Seen]:
    def run(world: World) -> Seen:
        job = JobOnItsWay(world, status=status)
        path = f"/v1/tenants/{job.tenant}/jobs/{job.job.job_id}/{action}"
        return request(world, "status-service", "POST", path, {"comment": "bench"})

    return run


def _dead_letters(world: World) -> Seen:
    return request(world, "status-service", "GET", "/v1/dead-letters")


def _send_again(world: World) -> Seen:
    return request(world, "status-service", "POST", "/v1/dead-letters/send-again", {"queue": "bulk"})


def _plan(world: World) -> Seen:
    path = f"/v1/tenants/{JobOnItsWay(world).tenant}/bulk-actions"
    return request(world, "status-service", "POST", path, {"action": "retry", "filter": {}})


STATUS_ACTIONS = (
    Probe("a job is retried", _asked("retry"), ("ActOnJobs", "ActOnRuns", "FindFiles", "SendMessages")),
    Probe("a job is cancelled", _asked("cancel", JobStatus.RUNNING), ("StopCancelled", "PublishEvents", "CountEnds")),
    Probe("a bulk action is planned", _plan, ("SendMessages",)),
    Probe("dead letters are listed", _dead_letters, ("TakeDeadLetters",)),
    Probe("dead letters are sent again", _send_again, ("TakeDeadLetters",)),
)
