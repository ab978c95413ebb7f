"""What makes router and reconciler use each of their permissions."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fileferry.model.job import Job, JobStatus, ObjectVersion, Step, job_id_of
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_item

from .jobs import JobOnItsWay
from .task_probes import Probe, bucket_target
from .world import LATEST, USER, Seen, World

_sequence = itertools.count(time.time_ns())
_ENDS_AT_ONCE = {"validation": {"name": "no file has this name"}}
"""A route whose executions end in their first step."""


def take(world: World, body: Mapping[str, Any]) -> Seen:
    """One message of ingest.fifo for the router, as Lambda's poller hands it over."""
    attributes = {"SequenceNumber": f"{next(_sequence):020d}", "MessageGroupId": "shard-00"}
    for name in ("ApproximateReceiveCount", "SentTimestamp", "ApproximateFirstReceiveTimestamp"):
        attributes[name] = "1"
    record = {
        "messageId": f"m{next(_sequence)}",
        "receiptHandle": "handle",
        "body": json.dumps(body),
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:fileferry-ingest.fifo",
        "awsRegion": world.stack.emulator.region,
    }
    seen = world.call("router", {"Records": [record]})
    return replace(seen, ok=seen.ok and '"batchItemFailures": []' in seen.answer)


def came(world: World, version: ObjectVersion, *, versioned: bool = True) -> Seen:
    """The message of a created object."""
    body = version.model_dump()
    return take(world, {**body, "version_id": version.version_id if versioned else "", "sequencer": ""})


def outcome(seen: Seen, word: str) -> Seen:
    """The same, ok when the log says besides what became of the message."""
    return replace(seen, ok=seen.ok and f'"outcome":"{word}"' in seen.log.replace('": "', '":"'))


def _tenant_with(world: World, **route: Any) -> str:
    tenant = world.new_tenant()
    world.write_route(tenant, **{**_ENDS_AT_ONCE, **route})
    return tenant


def _starts(world: World) -> Seen:
    tenant = _tenant_with(world)
    return outcome(came(world, world.upload(tenant, "a.csv", b"x\n")), "STARTED")


def _starts_without_version(world: World) -> Seen:
    tenant = _tenant_with(world)
    return outcome(came(world, world.upload(tenant, "a.csv", b"x\n"), versioned=False), "STARTED")


def _waits_in_line(world: World) -> Seen:
    tenant = _tenant_with(world, ordered=True)
    version = world.upload(tenant, "a.csv", b"x\n")
    ahead = {"pk": f"ORDER#{tenant}#files#{USER}", "sk": "0", "job_id": "jahead"}
    world.stack.dynamodb.put_item(TableName=world.services.settings.keys_table, Item=to_item(ahead))
    return outcome(came(world, version), "WAITING")


def _leaves_line(world: World) -> Seen:
    """An empty file of an ordered route is quarantined, and the one behind it is woken."""
    tenant = _tenant_with(world, ordered=True)
    behind = {"pk": f"ORDER#{tenant}#files#{USER}", "sk": "9", "job_id": "jbehind"}
    world.stack.dynamodb.put_item(TableName=world.services.settings.keys_table, Item=to_item(behind))
    return outcome(came(world, world.upload(tenant, "a.csv", b"")), "QUARANTINED")


def _unrouted(world: World) -> Seen:
    return outcome(came(world, world.upload(world.new_tenant(), "a.csv", b"x\n")), "QUARANTINED")


def _unrouted_after_parts(world: World) -> Seen:
    tenant, content = world.new_tenant(), b"x\n"
    version = world.upload(tenant, "a.csv", content)
    key = f"quarantine/{tenant}/{job_id_of(version, 'none')}/a.csv"
    world.put_in_parts(world.services.settings.archive_bucket, key, content)
    return outcome(came(world, version), "QUARANTINED")


def _unrouted_broken(world: World) -> Seen:
    version, none = world.big_in_ingest, {"revision": 0, "reason": "no route takes it"}
    job = JobOnItsWay(world, version=version, status=JobStatus.RECEIVED, members=none)
    seen = take(world, {"start": job.job.job_id})
    seen = replace(seen, ok="IntegrityError" in seen.answer + seen.log)
    return world.all_closed(seen, world.services.settings.archive_bucket, f"quarantine/{job.tenant}/")


def _duplicate(world: World) -> Seen:
    tenant = _tenant_with(world, duplicates="skip")
    first, content = JobOnItsWay(world), b"seen\n"
    digest = hashlib.sha256(content).hexdigest()
    world.services.keys.claim_content(tenant, "files", digest, first.job.job_id)
    return outcome(came(world, world.upload(tenant, "a.csv", content)), "DUPLICATE")


def _on_worker(world: World) -> Seen:
    tenant = _tenant_with(world, executor="worker")
    return outcome(came(world, world.upload(tenant, "a.csv", b"x\n")), "STARTED")


def _rated(world: World) -> Seen:
    """A file so large that its executor depends on how fast its destination was."""
    tenant = _tenant_with(world)
    world.write_destination(tenant, bucket_target())
    version = world.upload(tenant, "a.csv", b"x\n")
    return outcome(came(world, version.model_copy(update={"size": 10**9})), "STARTED")


def _sidecar(world: World) -> Seen:
    tenant = _tenant_with(world, validation={"checksum": "required"})
    first = outcome(came(world, world.upload(tenant, "a.csv", b"x\n")), "WAITING")
    if not first.ok:
        return first
    digest = hashlib.sha256(b"x\n").hexdigest()
    return outcome(came(world, world.upload(tenant, "a.csv.sha256", digest.encode())), "CONTROL_FILE")


def _acknowledged(world: World, suffix: str) -> Seen:
    confirm = {"mode": "acknowledgement", "user": USER, "timeout_seconds": 600}
    job = JobOnItsWay(world, route={"confirm": confirm})
    world.services.runs.begin_step(job.job, Step.CONFIRM, 0)
    world.services.keys.await_acknowledgement(job.tenant, USER, "a.csv", "token", job.job, "")
    return outcome(came(world, world.upload(job.tenant, f"a.csv.{suffix}", b"well\n")), "CONTROL_FILE")


def _resumed(world: World) -> Seen:
    job = JobOnItsWay(world, status=JobStatus.RECEIVED, route=_ENDS_AT_ONCE)
    return outcome(take(world, {"start": job.job.job_id}), "STARTED")


ROUTER = (
    Probe("a file is taken", _starts),
    Probe("an event without version id", _starts_without_version, ("ReadIngest",)),
    Probe("a file in line", _waits_in_line),
    Probe("a file leaves its line", _leaves_line, ("KeepKeys", "SendMessages")),
    Probe("a file without a route", _unrouted, ("PutAway", "RemoveIngest", "PublishEvents")),
    Probe("a copy in parts is there", _unrouted_after_parts, ("PutAway",)),
    Probe("a large file's stream breaks", _unrouted_broken, ("PutAway",)),
    Probe("content seen before", _duplicate, ("PutAway", "PublishEvents", "KeepJobs")),
    Probe("a file for the worker", _on_worker, ("SendMessages", "PinWorkflow")),
    Probe("a file whose executor depends on rates", _rated, ("KeepKeys",)),
    Probe("a sidecar", _sidecar, ("PutAway", "SendMessages")),
    Probe("an acknowledgement", lambda world: _acknowledged(world, "ack"), ("CompleteTasks",)),
    Probe("a refusal", lambda world: _acknowledged(world, "nack"), ("CompleteTasks",)),
    Probe("a job whose turn has come", _resumed, ("KeepJobs", "KeepRuns")),
)


def _sweep(world: World, **counts: int) -> Seen:
    """One call of the reconciler, which must count at least this much."""
    position = {"pk": f"RECONCILER#{world.stack.emulator.region}", "sk": "POSITION", "position": '{"created_at": "1"}'}
    world.stack.dynamodb.put_item(TableName=world.services.settings.keys_table, Item=to_item(position))
    time.sleep(1.0)  # S3 tells times in whole seconds: what was put a moment ago is not older than now
    seen = world.call("reconciler", {}, LATEST)
    found = json.loads(seen.answer)
    return replace(seen, ok=seen.ok and all(found.get(name, 0) >= least for name, least in counts.items()))


def _missed(world: World) -> Seen:
    version = world.upload(world.new_tenant(), "missed.csv", b"x\n")
    try:
        return _sweep(world, sent=1)
    finally:
        world.services.objects.delete_version(version.bucket, version.key, version.version_id)


def _standing_still(world: World) -> Seen:
    """One whose sidecar never came, and one behind a job that is over but did not leave the line."""
    required = {"validation": {"checksum": "required", "checksum_wait_seconds": 60}}
    alone = JobOnItsWay(world, route=required, status=JobStatus.RECEIVED, members=_waiting("sidecar"))
    over = JobOnItsWay(world, in_line=True, status=JobStatus.FAILED)
    behind = JobOnItsWay(world, status=JobStatus.RECEIVED, members={**_waiting("order"), "sequence": "11"})
    queued = behind.record.model_copy(update={"tenant": over.tenant})
    behind.put_item("jobs_table", job_item(queued))
    try:
        return _sweep(world, woken=1, lines=1)
    finally:
        for job in (alone.record, over.record, queued):
            _forget(world, job)


def _waiting(what: str) -> dict[str, Any]:
    """Fields of a job that waits, and has done so for long."""
    return {"created_at": "2026-01-01T00:00:00.000000Z", "waiting_for": what}


def _gone(world: World, *, archived: bool) -> Seen:
    """A run whose execution is not there any more."""
    job = JobOnItsWay(world, in_line=True)
    if archived:
        kept = job.staged().model_dump()
        job.done(Step.ARCHIVE, original=kept, delivered=kept)
    try:
        return _sweep(world, closed=1)
    finally:
        _forget(world, job.record)


def _due(world: World) -> Seen:
    """A run of the worker whose wait is over."""
    job = JobOnItsWay(world, members={"executor": "worker", "execution_arn": ""})
    job.set_run(executor="worker", wake_at="2026-01-01T00:00:00.000000Z")
    try:
        return _sweep(world, resumed=1)
    finally:
        _forget(world, job.record)


def _forget(world: World, job: Job) -> None:
    """Take a probe's job away, so that later sweeps do not find it."""
    key = to_item({"job_id": job.job_id})
    world.stack.dynamodb.delete_item(TableName=world.services.settings.jobs_table, Key=key)
    world.services.objects.delete_version(job.object.bucket, job.object.key, job.object.version_id)


RECONCILER = (
    Probe("a missed file", _missed),
    Probe("jobs that stand still", _standing_still, ("ReadConfig", "LeaveLine", "CloseJob")),
    Probe("an execution that is gone", lambda world: _gone(world, archived=False), ("LookAtExecutions", "CloseRun")),
    Probe("a run of the worker whose wait is over", _due, ("SendMessages", "CloseRun")),
    Probe("a run that was archived", lambda world: _gone(world, archived=True), ("PublishEvents",)),
)
