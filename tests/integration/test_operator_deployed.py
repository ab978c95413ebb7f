"""The operator's commands on the deployed system, as people and as a machine of the demo would give them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from fileferry.model.job import JobStatus, Step
from local.cli import app
from local.operator.login import forget
from local.temporary import System
from tests.trials import SENDER, TENANT, Trials, unique
from tests.waiting import until

Ferry = Callable[..., Result]


@pytest.fixture
def ferry(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ferry]:
    """`ferry` about the tests' tenant."""
    monkeypatch.setenv("FERRY_HOME", str(system.workspace.home))
    monkeypatch.setenv("FERRY_TENANT", TENANT)
    forget(system.workspace)
    yield lambda *arguments, **rest: CliRunner().invoke(app, list(arguments), **rest)
    forget(system.workspace)


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_job_is_explained_shown_and_replayed(trials: Trials, ferry: Ferry) -> None:
    path = f"plain/{unique('told.csv')}"
    assert answer(ferry("explain", path, "--user", SENDER, "--json"))["route"]["id"] == "plain"
    trials.send({path: b"a,b\n"})
    job = trials.ended(path)

    shown = answer(ferry("jobs", "show", job.job_id, "--json"))
    listed = answer(ferry("jobs", "--filename", job.filename, "--json"))
    assert (shown["status"], [each["job_id"] for each in listed]) == ("SUCCEEDED", [job.job_id])

    replayed = answer(ferry("replay", job.job_id, "-m", "the partner lost it", "--json"))
    assert [each["run"] for each in replayed] == [2]
    until(lambda: trials.stack.jobs.get(job.job_id).status is JobStatus.SUCCEEDED, 120, "the replay has no end")
    assert ferry("retry", job.job_id).exit_code == 5


def test_many_jobs_are_cancelled_as_planned(trials: Trials, ferry: Ferry) -> None:
    name = unique("bulk.xml").removesuffix(".xml")
    paths = [f"acknowledged/{name}-{number}.xml" for number in range(3)]
    trials.send({path: b"<x/>" for path in paths})
    jobs = [trials.job(path) for path in paths]
    for job in jobs:
        until(lambda job=job: trials.run(job).steps[Step.CONFIRM].started_at, 120, "confirm has not begun")

    planned = answer(ferry("bulk", "plan", "cancel", "--filename", name, "-m", "recalled", "--json"))
    assert (planned["total"], planned["possible"]) == (3, 3)
    assert {trials.stack.jobs.get(job.job_id).status for job in jobs} == {JobStatus.RUNNING}

    done = answer(ferry("bulk", "run", planned["id"], "--json"))
    assert (done["done"], done["failed"], done["skipped"]) == (3, 0, 0)
    assert {trials.stack.jobs.get(job.job_id).status for job in jobs} == {JobStatus.CANCELLED}
    assert {each["outcome"] for each in answer(ferry("bulk", "jobs", planned["id"], "--json"))} == {"DONE"}


def test_who_may_not_is_told_so_and_nothing_is_done(ferry: Ferry, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ferry("login", "tenant-admin").exit_code == 0

    refused = ferry("jobs", "--json")
    assert (refused.exit_code, refused.stdout) == (3, "")

    monkeypatch.setenv("FERRY_TENANT", "acme")
    assert ferry("users", "--json").exit_code == 0
    assert ferry("login", "viewer").exit_code == 0
    assert ferry("destinations", "test", "partner-sftp").exit_code == 3
    assert ferry("login", "operator").exit_code == 0
    assert answer(ferry("destinations", "test", "partner-sftp", "--json"))["ok"]
    assert ferry("jobs", "show", "jnone").exit_code == 4


def test_tail_tells_of_a_file_while_it_is_on_its_way(trials: Trials, ferry: Ferry) -> None:
    path = f"plain/{unique('tailed.csv')}"
    trials.send({path: b"a\n"})
    trials.ended(path)

    result = ferry("tail", "--past", "--for", "1", "--json")

    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert path.rpartition("/")[2] in {job["filename"] for job in told}
