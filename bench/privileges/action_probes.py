"""What makes the bulk worker, and status_service where it acts on jobs, use each of their permissions."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from fileferry.actions.bulk import new_bulk_id
from fileferry.clock import timestamp
from fileferry.model.bulk_action import BulkAction, BulkFilter, BulkJob, BulkOutcome, BulkStatus
from fileferry.model.job import Action, JobStatus, Run, Step

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


Act = Callable[[JobOnItsWay, Action], Seen]
"""Does an action on a job, and is ok when it was done."""


def _by_bulk_worker(job: JobOnItsWay, action: Action) -> Seen:
    bulk = _running(job, action)
    seen = _message(job.world, bulk, "chunk", first=0, until=1)
    (done,) = job.services.bulk_actions.between(bulk, 0, 1)
    return replace(seen, ok=seen.ok and done.outcome is BulkOutcome.DONE)


def _by_status_service(job: JobOnItsWay, action: Action) -> Seen:
    path = f"/v1/tenants/{job.tenant}/jobs/{job.job.job_id}/{action}"
    return request(job.world, "status-service", "POST", path, {"comment": "bench"})


def _spread(world: World) -> Seen:
    job = JobOnItsWay(world, status=JobStatus.FAILED)
    return _message(world, _running(job, Action.RETRY), "spread")


def _cancelled(world: World, act: Act) -> Seen:
    return act(JobOnItsWay(world, in_line=True), Action.CANCEL)


def _cancelled_worker(world: World, act: Act) -> Seen:
    job = JobOnItsWay(world)
    job.set_run(executor="worker")
    return act(job, Action.CANCEL)


def _cancelled_too_late(world: World, act: Act) -> Seen:
    """The run has done all its work, and nobody has closed it."""
    job = JobOnItsWay(world)
    kept = job.staged().model_dump()
    job.done(Step.ARCHIVE, original=kept, delivered=kept)
    seen = act(job, Action.CANCEL)
    return replace(seen, ok=job.services.jobs.get(job.job.job_id).status is JobStatus.SUCCEEDED)


def _rejected(world: World, act: Act) -> Seen:
    return act(JobOnItsWay(world, status=JobStatus.QUARANTINED), Action.REJECT)


def _released(world: World, act: Act) -> Seen:
    return act(JobOnItsWay(world, status=JobStatus.QUARANTINED), Action.RELEASE)


def _retried_in_line(world: World, act: Act) -> Seen:
    return act(JobOnItsWay(world, status=JobStatus.FAILED, in_line=True), Action.RETRY)


def _retried_with_its_version(world: World, act: Act) -> Seen:
    """The last run's execution is known, and with it the workflow version that the next one has."""
    job = JobOnItsWay(world, status=JobStatus.FAILED)
    world.services.sfn.start_execution(
        stateMachineArn=world.stack["TransferLiveAliasArn"], name=job.job.execution_name, input="{}"
    )
    seen = act(job, Action.RETRY)
    return replace(seen, ok=seen.ok and _second_run(job).workflow is not None)


def _redriven(world: World, act: Act) -> Seen:
    job = JobOnItsWay(world)
    original = job.staged()
    job.done(Step.VALIDATE, checks=[], rows=0, violations=0)
    job.transformed(original, job.staged("1/output"))
    job.services.runs.close(job.job, JobStatus.FAILED)
    job.services.jobs.close(job.job, JobStatus.FAILED)
    job.record = job.services.jobs.get(job.job.job_id)
    seen = act(job, Action.REDRIVE)
    return replace(seen, ok=seen.ok and bool(_second_run(job).result(Step.TRANSFORM)))


def _second_run(job: JobOnItsWay) -> Run:
    return next(run for run in [*job.services.runs.of_job(job.job.job_id), _NO_RUN] if run.run in (0, 2))


_NO_RUN = Run(job_id="", run=0, fence=1, status=JobStatus.FAILED, tenant="", route="", revision=0)


def _replayed(folder: str, *, recorded: bool = True) -> Callable[[World, Act], Seen]:
    """A replay whose file has left ingest for this folder of the archive bucket; `recorded`: the run tells of it."""

    def run(world: World, act: Act) -> Seen:
        job = JobOnItsWay(world, status=JobStatus.FAILED)
        settings, version = world.services.settings, job.record.object
        world.services.s3.delete_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)
        kept = job.staged()
        told = {"job-id": job.job.job_id, "sha256": kept.sha256}
        key = f"{folder}/{job.prefix}/{job.record.filename}"
        copy = world.services.s3.put_object(Bucket=settings.archive_bucket, Key=key, Body=job.content, Metadata=told)
        ref = kept.model_copy(update={"bucket": settings.archive_bucket, "key": key, "version_id": copy["VersionId"]})
        if recorded:
            job.set_run(outcome=json.dumps({"stored": ref.model_dump()}))
        return act(job, Action.REPLAY)

    return run


_FILES = ("FindFiles", "ReadKept", "TellAbsentFromDenied")
_RUNS = ("ActOnJobs", "ActOnRuns")


def _acting(act: Act, keys: str) -> tuple[Probe, ...]:
    """All actions, by whoever does them; `keys` is the statement about the lines of ordered routes."""
    acts: list[tuple[str, Callable[[World, Act], Seen], tuple[str, ...]]] = [
        ("a job is cancelled", _cancelled, ("StopCancelled", "PublishEvents", "CountEnds", keys)),
        ("a worker's job is cancelled", _cancelled_worker, ("SendMessages",)),
        ("a job is cancelled that is done", _cancelled_too_late, ("PublishEvents",)),
        ("a file is rejected", _rejected, _RUNS),
        ("a file is released", _released, ("ReadConfig",)),
        ("a job is retried in its line", _retried_in_line, (keys,)),
        ("a job is retried with its version", _retried_with_its_version, ("ReadWorkflows", "ReadExecutions")),
        ("a job is redriven", _redriven, (*_FILES, *_RUNS)),
        *((f"a file is replayed from {name}", _replayed(name), _FILES) for name in ("archive", "duplicate")),
        ("a file is replayed from quarantine", _replayed("quarantine"), _FILES),
        ("a file is found in quarantine", _replayed("quarantine", recorded=False), _FILES),
    ]
    return tuple(Probe(name, partial(_acted, deed, act), shows) for name, deed, shows in acts)


def _acted(deed: Callable[[World, Act], Seen], act: Act, world: World) -> Seen:
    return deed(world, act)


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
    *_acting(_by_bulk_worker, "KeepPlans"),
)


def _dead_letters(world: World) -> Seen:
    return request(world, "status-service", "GET", "/v1/dead-letters")


def _sent_again(queue: str) -> Callable[[World], Seen]:
    """A dead letter of this queue that is none of anybody's, so that it does no more harm when it comes again."""

    def run(world: World) -> Seen:
        fifo: Any = {"MessageGroupId": "bench", "MessageDeduplicationId": secrets.token_hex(8)}
        url = world.stack[f"{queue.capitalize()}DlqUrl"]
        world.services.sqs.send_message(QueueUrl=url, MessageBody="{}", **({} if queue == "bulk" else fifo))
        return request(world, "status-service", "POST", "/v1/dead-letters/send-again", {"queue": queue})

    return run


def _plan(world: World) -> Seen:
    path = f"/v1/tenants/{JobOnItsWay(world).tenant}/bulk-actions"
    return request(world, "status-service", "POST", path, {"action": "retry", "filter": {}})


STATUS_ACTIONS = (
    *_acting(_by_status_service, "AdmitCallers"),
    Probe("a bulk action is planned", _plan, ("SendMessages",)),
    Probe("dead letters are listed", _dead_letters, ("TakeDeadLetters",)),
    *(Probe(f"{name}'s dead letters", _sent_again(name), ("TakeDeadLetters",)) for name in ("ingest", "work", "bulk")),
)
