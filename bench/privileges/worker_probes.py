"""What makes the worker use each of its permissions: every task in this process with its role, and messages."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fileferry.model.job import JobStatus, PinnedWorkflow
from local.partner.account import BUCKET

from .closing_probes import ARCHIVE, CLOSE
from .jobs import JobOnItsWay
from .task_probes import CONFIRM, DELIVER, STAGE, TRANSFORM, VALIDATE, Probe, bucket_target
from .worker_world import PART, WorkerWorld, worker_world
from .world import Seen

_SHOWS: Mapping[str, tuple[str, ...]] = {
    "validate": ("ReadIngest", "ReadConfig"),
    "stage": ("ReadIngest", "UseStaging", "ClaimContentAndLeaveLine", "CloseJob"),
    "transform": ("UseStaging", "ReadSecrets"),
    "deliver": ("UseDestinations", "ReadSecrets", "ClaimContentAndLeaveLine"),
    "confirm": ("UseDestinations", "ClaimContentAndLeaveLine"),
    "archive": ("WriteArchive", "UseStaging", "RemoveIngest", "ClaimContentAndLeaveLine", "SendMessages"),
    "close": ("WriteArchive", "RemoveIngest", "PublishEvents", "CloseJob", "ClaimContentAndLeaveLine"),
}
"""Statements of the worker's role that a task uses."""


def _in_worker(name: str, probe: Probe) -> Probe:
    """A task's probe, its call made by the worker."""
    return Probe(f"{name}: {probe.name}", lambda world: probe.run(worker_world(world)), _SHOWS[name])


def _own(name: str, run: Callable[[WorkerWorld], Seen], *shows: str) -> Probe:
    return Probe(name, lambda world: run(worker_world(world)), shows)


_LONG = bytes(2 * PART + 1)
"""A file of three parts."""


def _goes_on(world: WorkerWorld, function: str) -> Seen:
    """A transfer that was interrupted after a part, and goes on with the same upload."""
    job = JobOnItsWay(world, _LONG, target=bucket_target(), name=f"{secrets.token_hex(6)}.csv")
    if function != "stage":
        job.transformed()
    first = world.step(function, job.event(), parts=1)
    if not first.ok:
        return replace(first, answer=f"was not interrupted: {first.answer}")
    settings = world.services.settings
    bucket, prefix = {
        "stage": (settings.staging_bucket, job.prefix),
        "archive": (settings.archive_bucket, f"archive/{job.tenant}/"),
        "deliver": (BUCKET, f"privileges/{job.record.filename}"),
    }[function]
    return world.all_closed(world.step(function, job.event()), bucket, prefix)


def _pinned(world: WorkerWorld) -> dict[str, Any]:
    """A version whose definition is not the image's, by its digest."""
    states = world.client("stepfunctions")
    live = states.describe_state_machine_alias(stateMachineAliasArn=world.stack["TransferLiveAliasArn"])
    arn = live["routingConfiguration"][0]["stateMachineVersionArn"]
    return PinnedWorkflow(name="transfer/v1", version_arn=arn, digest="0" * 64).model_dump()


def _over(world: WorkerWorld, job: JobOnItsWay, seen: Seen, status: JobStatus) -> Seen:
    """The same, ok when besides the run ended so and nothing of it is left: no message, no checkpoint."""
    run = world.run(job.job)
    bucket = world.services.settings.staging_bucket
    left = world.stack.s3.list_object_versions(Bucket=bucket, Prefix=f"{job.prefix}/checkpoint").get("Versions", [])
    ok = seen.ok and run.status is status and not left and not world.waits()
    return replace(seen, ok=ok, answer=f"{run.status}, {len(left)} checkpoints left: {json.dumps(run.error)}")


def _whole_way(world: WorkerWorld) -> Seen:
    job = JobOnItsWay(world, target=bucket_target())
    job.set_run(workflow=_pinned(world))
    seen = _over(world, job, world.handle(job.job), JobStatus.SUCCEEDED)
    return replace(seen, ok=seen.ok and world.run(job.job).history is not None)


def _refused(world: WorkerWorld) -> Seen:
    job = JobOnItsWay(world, route={"validation": {"name": "no file has this name"}})
    return _over(world, job, world.handle(job.job), JobStatus.QUARANTINED)


def _handed_on(world: WorkerWorld) -> Seen:
    """A worker that must stop in the middle, and the next one, which goes on from the checkpoint."""
    job = JobOnItsWay(world, target=bucket_target())
    first = world.handle(job.job, stopped_in="deliver")
    if not first.ok or first.denied:
        return first
    return _over(world, job, world.handle_next(job.job), JobStatus.SUCCEEDED)


def _owned(world: WorkerWorld) -> Seen:
    """A job that another worker has: its message is put off."""
    job = JobOnItsWay(world)
    job.set_run(lease_owner="another", lease_until=4_000_000_000)
    seen = world.handle(job.job)
    return replace(seen, ok=seen.ok and world.waits())


def _poison(world: WorkerWorld) -> Seen:
    job = JobOnItsWay(world)
    job.set_run(takes=100)
    return _over(world, job, world.handle(job.job), JobStatus.FAILED)


_TASKS = {
    "validate": VALIDATE,
    "stage": STAGE,
    "transform": TRANSFORM,
    "deliver": DELIVER,
    "confirm": CONFIRM,
    "archive": ARCHIVE,
    "close": CLOSE,
}
WORKER = (
    _own("a file goes its whole way", _whole_way, "TakeWork", "KeepCheckpoint", "KeepHistory", "ReadPinnedWorkflow"),
    _own("a worker is stopped", _handed_on, "KeepCheckpoint", "SendMessages"),
    _own("a job of another worker", _owned, "TakeWork"),
    _own("a job that is given up", _poison, "SendMessages"),
    _own("a file is refused", _refused),
    _own("staging goes on", lambda world: _goes_on(world, "stage"), "UseStaging"),
    _own("archiving goes on", lambda world: _goes_on(world, "archive"), "WriteArchive"),
    _own("a delivery goes on", lambda world: _goes_on(world, "deliver"), "UseDestinations"),
    *(_in_worker(name, probe) for name, probes in _TASKS.items() for probe in probes),
)
