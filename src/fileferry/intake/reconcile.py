"""What was missed: objects without a job, jobs that stand still, runs whose execution is over.

Nothing is started here. The router is asked to, by messages into the object's own FIFO group, so that one place
decides and a user's order holds; a message too many changes nothing. Runs are closed as the rule on ended
executions does it; the worker's are put back on its queue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.actions.cancelling import stop_runner
from fileferry.clock import now, timestamp
from fileferry.closing import close_unless_over, finish_closing, send_start, wake_next
from fileferry.errors import FerryError
from fileferry.executions import run_end
from fileferry.ingest_key import NotAnIngestKey, is_no_file, parse_ingest_key
from fileferry.intake.messages import ObjectCreated, object_message
from fileferry.intake.worker_runs import is_due
from fileferry.model.job import Executor, Job, JobStatus, ObjectVersion, Run
from fileferry.services import Services
from fileferry.steps import as_ferry_error, logger
from fileferry.work_queue import send_work

_STILL_RUNNING = ("RUNNING", "PENDING_REDRIVE")
_RESEND_SECONDS = 300
"""Within this time a message for the same object or job is sent once; it is SQS's deduplication window."""


@dataclass
class Sweep:
    """One call of the reconciler: its time, what it did so far and what went wrong."""

    world: Services
    out_of_time: Callable[[], bool]
    at: datetime = field(default_factory=now)
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[FerryError] = field(default_factory=list)

    @property
    def before(self) -> datetime:
        """What was made before this should have gone on by itself."""
        return self.at - timedelta(seconds=self.world.settings.reconcile_after_seconds)

    @property
    def bucket(self) -> str:
        return str(int(self.at.timestamp()) // _RESEND_SECONDS)

    def attempt(self, what: str, action: Callable[[], None]) -> None:
        """Do one thing; an error of it is logged and kept, and does not stop the rest."""
        try:
            action()
        except (FerryError, ClientError, BotoCoreError) as error:
            named = as_ferry_error(error)
            self.errors.append(named)
            self.counts["errors"] += 1
            logger.exception("could not be reconciled: %s", what, error_type=type(named).__name__)


def reconcile(sweep: Sweep) -> Mapping[str, int]:
    """Look after all open jobs and all ingest objects of this region, and count what was done.

    A sweep that runs out of time notes where it stopped, and the next one goes on from there: from the start, what
    lies behind a large backlog would never be reached. Raises the first error once all is seen.
    """
    keys, region = sweep.world.keys, sweep.world.settings.region
    position = keys.reconciler_position(region)
    stopped = None
    if "shard" not in position:
        stopped = _jobs(sweep, position.get("created_at", "2"))
    if stopped is None:
        stopped = _objects(sweep, position)
    if (stopped or {}) != position:
        keys.keep_reconciler_position(region, stopped or {})
    sweep.counts["finished"] = int(not stopped)
    if sweep.errors:
        raise sweep.errors[0]
    return dict(sweep.counts)


def _jobs(sweep: Sweep, since: str) -> dict[str, str] | None:
    """The position to go on from when time ran out, else None."""
    world = sweep.world
    for job in world.jobs.open_jobs(world.settings.region, timestamp(sweep.before), since):
        if sweep.out_of_time():
            return {"created_at": job.created_at}
        sweep.counts["jobs"] += 1
        look_after = _received if job.status is JobStatus.RECEIVED else _running
        sweep.attempt(f"job {job.job_id}", lambda job=job, look_after=look_after: look_after(sweep, job))  # type: ignore[misc]
    return None


def _received(sweep: Sweep, job: Job) -> None:
    """Wake a job that should have started: its starter died, its sidecar's time is over, its turn has come."""
    world = sweep.world
    if job.waiting_for == "sidecar" and not _sidecar_overdue(sweep, job):
        return
    if job.waiting_for == "order" and not _turn_has_come(sweep, job):
        return
    send_start(world, job.job_id, job.object.key, reason=f"reconciler-{sweep.bucket}")
    sweep.counts["woken"] += 1


def _sidecar_overdue(sweep: Sweep, job: Job) -> bool:
    route = sweep.world.config.route_revision(job.tenant, job.route, job.revision)
    wait = timedelta(seconds=route.validation.checksum_wait_seconds)
    return job.created_at <= timestamp(sweep.at - wait)


def _turn_has_come(sweep: Sweep, job: Job) -> bool:
    """Whether the job is first in its line; one before it that is over, but did not leave, is taken out."""
    world = sweep.world
    first = world.keys.first_in_line(job.tenant, job.route, job.user)
    if first in ("", job.job_id):
        return True
    ahead = world.jobs.get(first)
    if ahead.status.is_final:
        wake_next(world, ahead.ref())
        sweep.counts["lines"] += 1
    return False


def _running(sweep: Sweep, job: Job) -> None:
    """Close a run whose execution is over or gone; have the worker take up a run of its that nobody has."""
    if job.executor is Executor.WORKER:
        _running_on_worker(sweep, job)
        return
    world = sweep.world
    ended = _ended_execution(world, job.execution_arn)
    run = world.runs.get(job.job_id, job.run)
    if ended:
        close_unless_over(world, job.ref(run.fence), *ended)
        sweep.counts["closed"] += 1
    elif run.status.is_final:
        _end_closed(sweep, job, run)


def _running_on_worker(sweep: Sweep, job: Job) -> None:
    world = sweep.world
    run = world.runs.get(job.job_id, job.run)
    if run.status.is_final:
        _end_closed(sweep, job, run)
    elif is_due(job, run, sweep.at):
        send_work(world, job.ref(), reason=f"reconciler-{sweep.bucket}")
        world.runs.woken(job.job_id, job.run, timestamp(sweep.at))
        sweep.counts["resumed"] += 1


def _end_closed(sweep: Sweep, job: Job, run: Run) -> None:
    """End what a killed closer, or whoever cancelled the run, has left undone."""
    if run.status is JobStatus.CANCELLED:
        stop_runner(sweep.world, job, run)
    finish_closing(sweep.world, job.ref(run.fence), run)
    sweep.counts["closed"] += 1


def _ended_execution(world: Services, arn: str) -> tuple[JobStatus, dict[str, Any]] | None:
    """The status and error of a run whose execution ended without closing it, or None while it goes on."""
    try:
        answer = world.sfn.describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ExecutionDoesNotExist", "InvalidArn"):
            raise
        message = f"Execution {arn} is not there any more; it ended without closing the run."
        return JobStatus.FAILED, {"error": "ExecutionGone", "message": message}
    if answer["status"] in _STILL_RUNNING:
        return None
    return run_end(answer["status"], answer.get("error", ""), answer.get("cause", ""))


def _objects(sweep: Sweep, position: Mapping[str, str]) -> dict[str, str] | None:
    """Ask the router for every object version that is no job's; the position to go on from when time ran out."""
    world = sweep.world
    shards = [f"{number:02d}" for number in range(world.settings.shards)]
    for shard in shards[int(position.get("shard", "0")) :]:
        marker = position if position.get("shard") == shard else {}
        for page, following in _pages(world, shard, marker):
            sweep.attempt(f"objects of shard {shard}", lambda page=page: _ask_for(sweep, page))  # type: ignore[misc]
            if following and sweep.out_of_time():
                return {"shard": shard, **following}
        if sweep.out_of_time() and shard != shards[-1]:
            return {"shard": f"{int(shard) + 1:02d}"}
    return None


def _pages(
    world: Services, shard: str, marker: Mapping[str, str]
) -> Iterator[tuple[list[Mapping[str, Any]], dict[str, str]]]:
    """Versions of a shard, those that newer ones cover too: their event may be lost as well. With the next marker.

    Delete markers are no versions. A version that is a job's stays until its copy is verified.
    """
    names = {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"}
    request: dict[str, Any] = {name: marker[name] for name in names if marker.get(name)}
    while True:
        answer: Mapping[str, Any] = world.s3.list_object_versions(
            Bucket=world.settings.ingest_bucket, Prefix=f"in/{world.settings.region}/{shard}/", **request
        )
        following = {}
        if answer.get("IsTruncated"):
            following = {name: str(answer[field]) for name, field in names.items() if answer.get(field)}
        yield list(answer.get("Versions", [])), following
        if not following:
            return
        request = dict(following)


def _ask_for(sweep: Sweep, page: list[Mapping[str, Any]]) -> None:
    old = [entry for entry in page if entry["LastModified"] < sweep.before and _is_file(entry["Key"])]
    versions = {_version(sweep.world, entry).digest: _version(sweep.world, entry) for entry in old}
    claimed = sweep.world.keys.claimed(list(versions.values()))
    sweep.counts["objects"] += len(old)
    # The oldest first, as they came. S3 tells times in whole seconds, and lists a key's newest version first.
    by_name = sorted(reversed(old), key=lambda entry: entry["Key"])
    for entry in sorted(by_name, key=lambda entry: entry["LastModified"]):
        version = _version(sweep.world, entry)
        if version.digest not in claimed:
            sweep.attempt(f"object {version.key}", lambda version=version: _send(sweep, version))  # type: ignore[misc]


def _is_file(key: str) -> bool:
    try:
        return is_no_file(parse_ingest_key(key).path) is None
    except NotAnIngestKey:
        return False


def _version(world: Services, entry: Mapping[str, Any]) -> ObjectVersion:
    return ObjectVersion(
        bucket=world.settings.ingest_bucket,
        key=entry["Key"],
        version_id=entry["VersionId"],
        size=entry["Size"],
        etag=entry.get("ETag", "").strip('"'),
    )


def _send(sweep: Sweep, version: ObjectVersion) -> None:
    created = ObjectCreated(version.bucket, version.key, version.version_id, version.size, version.etag, "")
    sweep.world.sqs.send_message(
        QueueUrl=sweep.world.settings.ingest_queue_url,
        MessageBody=object_message(created),
        MessageGroupId=f"shard-{parse_ingest_key(version.key).shard}",
        MessageDeduplicationId=f"{version.digest}-{sweep.bucket}",
    )
    sweep.counts["sent"] += 1
