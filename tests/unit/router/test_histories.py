"""A run's history, from Step Functions or from what the worker stored: the same form."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from asl.history_table import history_table
from fileferry.errors import NoSuchRecord
from fileferry.executions import execution_arn, execution_of
from fileferry.histories import read_history
from fileferry.model.job import HistorySummary, Job, ObjectRef
from tests.unit.router.world import MACHINE, RouterWorld, client_error

AT = datetime(2026, 11, 25, 4, 0, 0, 250_000, tzinfo=UTC)
EVENTS = [
    {"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "executionStartedEventDetails": {"input": "{}"}},
    {"id": 2, "previousEventId": 1, "type": "ExecutionSucceeded", "executionSucceededEventDetails": {"output": "{}"}},
]


@pytest.fixture(autouse=True)
def routes(world: RouterWorld) -> None:
    """Files below `sfn/` for Step Functions, `worker/` for the worker, `held/` for nobody yet."""
    world.route("sfn", match={"glob": "sfn/*"})
    world.route("worker", match={"glob": "worker/*"}, executor="worker")
    world.route("held", match={"glob": "held/*"}, validation={"checksum": "required"})


def job_of(world: RouterWorld, folder: str) -> Job:
    return world.services.jobs.get(world.receive(world.upload(f"{folder}/a.csv")).job_id)


def store(world: RouterWorld, job: Job) -> None:
    """What the worker does at a run's end."""
    body = gzip.compress(json.dumps({"events": [{**event, "timestamp": AT.timestamp()} for event in EVENTS]}).encode())
    key = f"history/acme/{job.job_id}/1.json.gz"
    version = world.services.s3.put_object(Bucket="archive", Key=key, Body=body)["VersionId"]
    stored = ObjectRef(bucket="archive", key=key, version_id=version, size=len(body), sha256=sha256(body).hexdigest())
    world.update_run(job.job_id, history=HistorySummary(object=stored, events=2, states=[]).model_dump())


def pages(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Step Functions answers one event a page; the ARNs that it was asked for."""
    asked: list[str] = []

    def paginate(*, executionArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        asked.append(executionArn)
        if executionArn.rsplit(":", 1)[-1] not in world.states.executions:
            raise client_error("ExecutionDoesNotExist", "GetExecutionHistory")
        yield from ({"events": [{**event, "timestamp": AT}]} for event in EVENTS)

    monkeypatch.setattr(world.states, "get_paginator", lambda _: SimpleNamespace(paginate=paginate), raising=False)
    return asked


def test_both_executors_histories_have_the_same_form(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    pages(world, monkeypatch)
    executed, worked = job_of(world, "sfn"), job_of(world, "worker")
    store(world, worked)
    ours, theirs = (read_history(world.services, world.services.runs.get(job.job_id, 1)) for job in (worked, executed))
    assert ours == theirs == [{**event, "timestamp": AT} for event in EVENTS]
    assert "ExecutionSucceeded" in history_table(ours, 120)


def test_a_history_is_that_of_the_runs_own_execution(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pages(world, monkeypatch)
    job = job_of(world, "sfn")
    read_history(world.services, world.services.runs.get(job.job_id, 1))
    assert asked == [job.execution_arn] == [execution_arn(f"{MACHINE}:live", f"{job.job_id}-1")]
    world.update_run(job.job_id, execution_arn="arn:of:the-first")
    assert execution_of(job.model_copy(update={"run": 2}), world.services.runs.get(job.job_id, 1)) == "arn:of:the-first"


def test_what_has_no_history_says_why(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    pages(world, monkeypatch)
    executed = job_of(world, "sfn")
    run = world.services.runs.get(executed.job_id, 1)
    world.states.executions.clear()
    with pytest.raises(NoSuchRecord, match="any more"):
        read_history(world.services, run)
    working = job_of(world, "worker")
    with pytest.raises(NoSuchRecord, match="when the run ends"):
        read_history(world.services, world.services.runs.get(working.job_id, 1))
    waiting = job_of(world, "held")
    with pytest.raises(NoSuchRecord, match="has not been started"):
        read_history(world.services, world.services.runs.get(waiting.job_id, 1))
