"""What makes status_service use each permission to read: lists, runs, workflows, links, statistics, explanations."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fileferry.downloads import Kept
from fileferry.ingest_key import home_prefix
from fileferry.model.job import Executor, HistorySummary, ObjectRef, Step

from .control_probes import request
from .jobs import JobOnItsWay
from .task_probes import Probe, bucket_target
from .world import BIG, USER, Seen, World

_ABSENT = 404


def _get(world: World, path: str, query: str = "") -> Seen:
    return request(world, "status-service", "GET", path, query=query)


def _post(world: World, path: str, body: Mapping[str, Any]) -> Seen:
    return request(world, "status-service", "POST", path, body)


def _address(job: JobOnItsWay, rest: str = "") -> str:
    return f"/v1/tenants/{job.tenant}/jobs/{job.job.job_id}{rest}"


def _listed(query: str) -> Callable[[World], Seen]:
    """A list in which the job is found."""

    def run(world: World) -> Seen:
        job = JobOnItsWay(world)
        seen = _get(world, f"/v1/tenants/{job.tenant}/jobs", query)
        return replace(seen, ok=seen.ok and job.job.job_id in seen.answer)

    return run


def _of_tenant(what: str, query: str = "") -> Callable[[World], Seen]:
    return lambda world: _get(world, f"/v1/tenants/{world.new_tenant()}/{what}", query)


def _kept(job: JobOnItsWay, key: str, content: bytes = b"content") -> ObjectRef:
    version = job.world.put(job.services.settings.archive_bucket, key, content)
    return ObjectRef(**version.model_dump(exclude={"etag"}), sha256="0" * 64)


def _executed(world: World, *, versioned: bool = True) -> JobOnItsWay:
    """A job whose first run is an execution, of a published version or of none."""
    job = JobOnItsWay(world)
    machine = world.stack["TransferLiveAliasArn" if versioned else "TransferStateMachineArn"]
    world.stack.sfn.start_execution(stateMachineArn=machine, name=f"{job.job.job_id}-1", input="{}")
    return job


def _worked(world: World) -> JobOnItsWay:
    """A job whose first run the worker has ended."""
    job = JobOnItsWay(world)
    body = gzip.compress(json.dumps({"events": []}).encode())
    history = HistorySummary(object=_kept(job, f"history/{job.prefix}/1.json.gz", body), events=0, states=[])
    job.set_run(executor=Executor.WORKER.value, history=history.model_dump())
    return job


def _history(make: Callable[[World], JobOnItsWay]) -> Callable[[World], Seen]:
    return lambda world: _get(world, _address(make(world), "/runs/1/history"))


def _workflow(world: World) -> Seen:
    return _get(world, _address(_executed(world), "/runs/1/workflow"))


def _workflow_of_no_version(world: World) -> Seen:
    return _get(world, _address(_executed(world, versioned=False), "/runs/1/workflow"))


def _version(world: World) -> Seen:
    arn = world.services.workflows.pin("transfer/v1", world.stack["TransferLiveAliasArn"]).version_arn
    return _get(world, f"/v1/workflows/transfer/v1/versions/{arn.rsplit(':', 1)[-1]}")


def _link(kept: Kept, *, gone: bool = False) -> Callable[[World], Seen]:
    """A link to what is kept; or the answer that it is not kept any more."""

    def run(world: World) -> Seen:
        job = JobOnItsWay(world)
        folder = kept.value.split("-")[0].replace("archived", "archive").replace("quarantined", "quarantine")
        ref = _kept(job, f"{folder}/{job.prefix}/orders.csv")
        if gone:
            world.stack.s3.delete_object(Bucket=ref.bucket, Key=ref.key, VersionId=ref.version_id)
        if folder == "archive":
            job.done(Step.ARCHIVE, original=ref.model_dump(), delivered=ref.model_dump())
        else:
            name = "quarantined" if kept is Kept.QUARANTINED else "stored"
            job.set_run(outcome=json.dumps({name: ref.model_dump()}))
        seen = _post(world, _address(job, "/download"), {"what": kept.value})
        return _absent(seen) if gone else seen

    return run


def _absent(seen: Seen) -> Seen:
    return replace(seen, ok=bool(seen.answer) and json.loads(seen.answer).get("statusCode") == _ABSENT)


def _explained(key: bool = False, *, absent: bool = False, **more: Any) -> Callable[[World], Seen]:
    """An explanation; with `key` of the very object that lies in ingest, or of one that is not there."""

    def run(world: World) -> Seen:
        job = JobOnItsWay(world, target=bucket_target())
        body: dict[str, Any] = {"user": USER, "path": "orders.csv", **more}
        if key:
            name = "absent.csv" if absent else job.job.object.key.rsplit("/", 1)[-1]
            settings = world.services.settings
            body = {"key": f"{home_prefix(settings.region, job.tenant, USER, settings.shards)}/{name}", **more}
        return _post(world, f"/v1/tenants/{job.tenant}/explain", body)

    return run


def _ordered(world: World) -> Seen:
    job = JobOnItsWay(world, route={"ordered": True}, in_line=True)
    return _post(world, f"/v1/tenants/{job.tenant}/explain", {"user": USER, "path": "orders.csv"})


STATUS_READS = (
    Probe("jobs of a route and status", _listed("route=files&status=RUNNING")),
    Probe("jobs by name", _listed("filename=orders"), ("ReadJobs",)),
    Probe("jobs by name and status", _listed("filename=orders&status=RUNNING")),
    Probe("jobs by name and route", _listed("filename=orders&route=files")),
    Probe("jobs by name, route and status", _listed("filename=orders&route=files&status=RUNNING")),
    Probe("a history of Step Functions", _history(_executed), ("ReadExecutions", "ReadRuns")),
    Probe("a history of the worker", _history(_worked), ("ReadKept",)),
    Probe("a run's workflow", _workflow, ("ReadExecutions",)),
    Probe("the workflow of no version", _workflow_of_no_version, ("ReadExecutions",)),
    Probe("the workflows", lambda world: _get(world, "/v1/workflows"), ("ReadWorkflows",)),
    Probe("a workflow's versions", lambda world: _get(world, "/v1/workflows/transfer/v1/versions"), ("ReadWorkflows",)),
    Probe("a workflow's version", _version, ("ReadWorkflows",)),
    Probe("a link to a refused file", _link(Kept.QUARANTINED), ("ReadKept",)),
    Probe("a link to content seen before", _link(Kept.DUPLICATE), ("ReadKept",)),
    Probe("a link to an archived file", _link(Kept.ARCHIVED_ORIGINAL), ("ReadKept",)),
    Probe("no link to what is gone", _link(Kept.ARCHIVED_ORIGINAL, gone=True), ("TellAbsentFromDenied",)),
    Probe("statistics", _of_tenant("statistics"), ("ReadStatistics",)),
    Probe("statistics of all tenants", lambda world: _get(world, "/v1/statistics"), ("ListTenants",)),
    Probe("the backlog", _of_tenant("backlog")),
    Probe("a file is explained", _explained(key=True), ("LookAtReceived", "ReadKeys", "ReadConfig")),
    Probe("a file that is not there", _explained(key=True, absent=True), ("TellAbsentFromDenied",)),
    Probe("a large file", _explained(size=BIG // 2), ("ReadKeys",)),
    Probe("a file as of yesterday", _explained(at="2026-01-01"), ("ReadConfig",)),
    Probe("a file of an ordered route", _ordered, ("ReadKeys",)),
)
