"""What makes the state machine use each of its permissions: whole executions."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from fileferry.model.job import JobStatus

from .jobs import JobOnItsWay
from .task_probes import Probe, bucket_target
from .world import Seen, World

_SECONDS = 120.0


def _executed(world: World, job: JobOnItsWay, status: JobStatus) -> Seen:
    """Start the job's execution and wait for its end; ok when the job ends so."""
    client = world.client("stepfunctions")
    started = client.start_execution(
        stateMachineArn=world.stack["TransferLiveAliasArn"],
        name=job.job.execution_name,
        input=json.dumps({"job": job.job.model_dump(mode="json")}),
    )
    ends = time.monotonic() + _SECONDS
    while (told := client.describe_execution(executionArn=started["executionArn"]))["status"] == "RUNNING":
        if time.monotonic() > ends:
            return Seen(False, f"the execution runs longer than {_SECONDS:.0f} s")
        time.sleep(0.2)
    record = world.services.jobs.get(job.job.job_id)
    seen = Seen(record.status is status, f"{record.status}: {told.get('error', '')} {told.get('cause', '')}")
    return replace(seen, log=record.reason)


def _whole_way(world: World) -> Seen:
    return _executed(world, JobOnItsWay(world, target=bucket_target()), JobStatus.SUCCEEDED)


def _refused(world: World) -> Seen:
    route = {"validation": {"name": "no file has this name"}}
    return _executed(world, JobOnItsWay(world, route=route), JobStatus.QUARANTINED)


TRANSFER = (Probe("a file goes its whole way", _whole_way), Probe("a file is refused", _refused))
