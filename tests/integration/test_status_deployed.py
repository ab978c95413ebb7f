"""status_service on the deployed system: both executors' runs, links that a stranger may follow, what was counted."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fileferry.clock import now, timestamp
from fileferry.model.job import Executor, Job, JobStatus
from fileferry.workflows import workflow_digest
from local.follow.jobs import jobs_since
from local.workspace import ROOT
from tests.trials import SENDER, TENANT, Trials, unique
from tests.waiting import until

JOBS = f"/v1/tenants/{TENANT}/jobs"
ROUTES = {Executor.STEP_FUNCTIONS: "by-step-functions", Executor.WORKER: "by-worker"}
CONTENT = b"a,b\n1,2\n"


@pytest.fixture(scope="module")
def ended(trials: Trials) -> dict[Executor, Job]:
    """A file that went through each executor."""
    paths = {executor: f"{ROUTES[executor]}/{unique('through.csv')}" for executor in Executor}
    for executor in Executor:
        trials.write_route(ROUTES[executor], executor=executor.value)
    trials.send({path: CONTENT for path in paths.values()})
    return {executor: trials.ended(path) for executor, path in paths.items()}


def events(trials: Trials, job: Job, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = trials.api.call("GET", f"{JOBS}/{job.job_id}/runs/1/history", query=query)
        found += page["items"]
        if page["cursor"] is None:
            return found
        query["cursor"] = page["cursor"]


@pytest.mark.parametrize("executor", Executor)
def test_a_runs_history_is_read_page_by_page(trials: Trials, ended: dict[Executor, Job], executor: Executor) -> None:
    job = ended[executor]
    assert (job.status, job.executor) == (JobStatus.SUCCEEDED, executor)
    if executor is Executor.WORKER:  # stored a moment after the job's end
        until(lambda: trials.stack.runs.get(job.job_id, 1).history, 60, "the worker stored no history")
    whole = events(trials, job, 200)
    assert events(trials, job, 7) == whole
    assert (whole[0]["type"], whole[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")
    entered = [e["stateEnteredEventDetails"]["name"] for e in whole if e["type"] == "TaskStateEntered"]
    assert entered == ["Validate", "Stage", "Transform", "Deliver", "Confirm", "Archive"]
    assert [event["id"] for event in whole] == list(range(1, len(whole) + 1))


@pytest.mark.parametrize("executor", Executor)
def test_a_run_shows_the_definition_that_it_ran(trials: Trials, ended: dict[Executor, Job], executor: Executor) -> None:
    shown = trials.api.call("GET", f"{JOBS}/{ended[executor].job_id}/runs/1/workflow")
    file = (ROOT / "workflows" / "transfer" / "v1.asl.json").read_text()
    assert (shown["name"], shown["digest"]) == ("transfer/v1", workflow_digest(file))
    assert shown["definition"]["States"].keys() == json.loads(file)["States"].keys()
    published = trials.api.call("GET", f"/v1/workflows/transfer/v1/versions/{shown['version']}")
    assert (published["definition"], published["live"]) == (shown["definition"], True)
    listed = trials.api.call("GET", "/v1/workflows/transfer/v1/versions")["items"]
    assert shown["version"] in [version["version"] for version in listed]


@pytest.mark.parametrize("executor", Executor)
def test_a_link_gives_the_archived_file_to_whoever_has_it(
    trials: Trials, ended: dict[Executor, Job], executor: Executor
) -> None:
    job = ended[executor]
    link = trials.api.call("POST", f"{JOBS}/{job.job_id}/download", {"what": "archived-original"})
    answer = httpx.get(link["url"], timeout=60)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{job.filename}"')
    assert link["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    other = httpx.get(link["url"].replace(job.job_id, "j" + "a" * 25), timeout=60)
    assert other.status_code == 403


def test_a_file_that_no_route_takes_is_explained_before_and_read_out_of_quarantine_after(trials: Trials) -> None:
    path = f"nowhere/{unique('ä b.csv')}"
    before = trials.api.call("POST", f"/v1/tenants/{TENANT}/explain", {"user": SENDER, "path": path})
    trials.send({path: CONTENT})
    job = trials.ended(path)
    assert (before["outcome"], job.status) == ("quarantined", JobStatus.QUARANTINED)
    reasons = {each["route"]: each["reason"] for each in before["routes"]}
    assert {each["route"]: each["reason"] for each in job.reasons} == reasons
    link = trials.api.call("POST", f"{JOBS}/{job.job_id}/download", {"what": "quarantined"})
    assert httpx.get(link["url"], timeout=60).content == CONTENT
    assert link["filename"] == job.filename


def test_the_ends_are_counted_once_by_route(trials: Trials, ended: dict[Executor, Job]) -> None:
    query = {"since": timestamp(now() - timedelta(days=2)), "grain": "total"}
    for executor in Executor:
        found = trials.api.call("GET", f"/v1/tenants/{TENANT}/statistics", query={**query, "route": ROUTES[executor]})
        (total,) = found["items"]
        every = jobs_since(trials.stack, TENANT, timestamp(now() - timedelta(days=2)))
        jobs = [job for job in every if job.route == ROUTES[executor] and job.status.is_final]
        assert sum(total["jobs"].values()) == len(jobs)
        assert total["bytes"]["SUCCEEDED"] == sum(job.object.size for job in jobs)
        assert 0 < total["latency"]["p50_seconds"] < 180


def test_a_job_is_found_by_the_beginning_of_its_name(trials: Trials, ended: dict[Executor, Job]) -> None:
    job = ended[Executor.WORKER]
    query = {"filename": job.filename[:-5], "route": job.route, "status": "SUCCEEDED"}
    assert [found["job_id"] for found in trials.api.call("GET", JOBS, query=query)["items"]] == [job.job_id]
    backlog = trials.api.call("GET", f"/v1/tenants/{TENANT}/backlog")
    assert backlog["complete"] is True
