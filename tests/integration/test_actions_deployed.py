"""Actions on the deployed system, over the API: what they do to real runs, on both executors."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fileferry.clock import timestamp
from fileferry.model.job import Executor, Job, JobStatus, ObjectRef, ObjectVersion, Step, StepStatus, job_id_of
from fileferry.repositories.creation import new_run
from fileferry.repositories.jobs import job_item
from fileferry.repositories.runs import run_item
from tests.trials import TENANT, Trials, unique
from tests.waiting import until

JOBS = f"/v1/tenants/{TENANT}/jobs"
BULK = f"/v1/tenants/{TENANT}/bulk-actions"
END_SECONDS = 180


def act(trials: Trials, job: Job, action: str, **body: Any) -> dict[str, Any]:
    """The job as the API answers it."""
    return trials.api.call("POST", f"{JOBS}/{job.job_id}/{action}", body)


def ended(trials: Trials, job: Job, run: int) -> Job:
    """The job once this run of it is over."""

    def found() -> Job | None:
        now = trials.stack.jobs.get(job.job_id)
        return now if now.run == run and now.status.is_final else None

    return until(found, END_SECONDS, f"run {run} of {job.filename} has no end")


def names(trials: Trials, job: Job) -> dict[str, bytes]:
    """What the partner has got of a file, hidden names too."""
    stem = job.filename.split(".")[0]
    return {path.name: path.read_bytes() for path in trials.inbox.folder.iterdir() if stem in path.name}


def test_a_replay_gives_the_original_or_the_current_result_after_the_route_has_changed(trials: Trials) -> None:
    trials.write_route("replayed", transform=[{"op": "rename", "to": "first-{name}"}])
    path = f"replayed/{unique('r.txt')}"
    trials.send({path: b"replayed"})
    job = trials.ended(path)
    assert job.status is JobStatus.SUCCEEDED
    trials.write_route("replayed", transform=[{"op": "rename", "to": "second-{name}"}])
    (trials.inbox.folder / f"first-{job.filename}").unlink()

    assert act(trials, job, "replay", comment="lost it")["run"] == 2
    assert ended(trials, job, 2).status is JobStatus.SUCCEEDED
    assert names(trials, job) == {f"first-{job.filename}": b"replayed"}
    act(trials, job, "replay", revision="current")
    current = ended(trials, job, 3)
    assert (current.status, current.revision) == (JobStatus.SUCCEEDED, job.revision + 1)
    assert names(trials, job) == {f"{which}-{job.filename}": b"replayed" for which in ("first", "second")}

    first, second, third = trials.stack.runs.of_job(job.job_id)
    assert second.source is not None
    assert second.source.model_dump() == first.result(Step.ARCHIVE)["original"]
    assert (second.action, second.comment) == ("replay", "lost it")
    assert third.source is not None
    kept = trials.archived(job)
    assert kept == {
        "original/" + job.filename: b"replayed",
        f"run-2/original/{job.filename}": b"replayed",
        f"run-3/original/{job.filename}": b"replayed",
    }


def test_a_redrive_repeats_no_finished_step(trials: Trials) -> None:
    trials.write_destination("lost", {**trials.inbox.target("fileferry/trials/inbox"), "port": 1})
    trials.write_route("redriven", "lost")
    path = f"redriven/{unique('d.txt')}"
    trials.send({path: b"redriven"})
    job = trials.job(path)
    until(lambda: trials.run(job).steps[Step.DELIVER].error, END_SECONDS, "deliver has not failed")
    act(trials, job, "cancel")
    ended(trials, job, 1)
    trials.write_destination("lost", trials.inbox.target("fileferry/trials/inbox"))
    act(trials, job, "redrive")
    assert ended(trials, job, 2).status is JobStatus.SUCCEEDED
    first, second = trials.stack.runs.of_job(job.job_id)
    for step in (Step.VALIDATE, Step.STAGE, Step.TRANSFORM):
        assert second.steps[step] == first.steps[step], step
    assert second.steps[Step.DELIVER].started_at >= second.steps[Step.TRANSFORM].ended_at
    assert trials.delivered(job.filename) == b"redriven"
    told = [event["data"]["step"] for event in trials.published.of_job(job.job_id, "StepSucceeded")]
    assert told.count("transform") == 2  # by each run's wrapper; the second one told the stored result
    assert second.result(Step.TRANSFORM) == first.result(Step.TRANSFORM)


@pytest.fixture
def slow_partner(trials: Trials) -> Iterator[None]:
    """The partner's server takes half a second for each write."""
    trials.inbox.faults.write_seconds = 0.5
    yield
    trials.inbox.faults.write_seconds = 0


@pytest.mark.parametrize("executor", ["step_functions", "worker"])
@pytest.mark.usefixtures("slow_partner")
def test_a_cancel_in_the_middle_of_a_delivery_leaves_no_file(trials: Trials, executor: str) -> None:
    trials.write_route(f"slow-{executor.replace('_', '-')}", executor=executor)
    path = f"slow-{executor.replace('_', '-')}/{unique('s.bin')}"
    content = bytes(64 * 1024**2)
    trials.send({path: content})
    job = trials.job(path)
    partial = until(lambda: begun(trials, job), END_SECONDS, "nothing has come to the partner")
    assert partial[0].name.startswith(".")
    assert trials.stack.jobs.get(job.job_id).executor is Executor(executor)

    answer = act(trials, job, "cancel", comment="not this one")
    assert (answer["status"], answer["reason"].endswith("not this one")) == ("CANCELLED", True)
    until(lambda: not names(trials, job), 60, f"left at the partner: {list(names(trials, job))}")
    time.sleep(5)
    assert not names(trials, job)
    run = trials.run(job)
    assert run.decision is not None
    assert (run.status, run.decision.comment) == (JobStatus.CANCELLED, "not this one")
    assert run.steps[Step.DELIVER].status is not StepStatus.SUCCEEDED
    trials.event(job, "JobCancelled", "failure")
    if executor == "worker":
        until(lambda: trials.run(job).history, 60, "the worker has not kept the run's history")
    else:
        arn = trials.stack.jobs.get(job.job_id).execution_arn
        assert trials.stack.sfn.describe_execution(executionArn=arn)["status"] == "ABORTED"
    assert len(trials.in_ingest(path)) == 1


def begun(trials: Trials, job: Job) -> list[Path]:
    """Files of the job at the partner, which are not empty."""
    stem = job.filename.split(".")[0]
    return [path for path in trials.inbox.folder.iterdir() if stem in path.name and path.stat().st_size]


def test_a_file_that_no_route_took_is_released_to_a_route_and_a_refused_one_with_its_violations(
    trials: Trials,
) -> None:
    lost, bad = f"nowhere/{unique('n.txt')}", f"strict/{unique('b.csv')}"
    trials.write_route("strict", validation={"csv": {"columns": [{"name": "id", "type": "integer"}]}})
    trials.send({lost: b"lost", bad: b"id\nx\n"})
    first, second = trials.ended(lost), trials.ended(bad)
    assert (first.status, second.status) == (JobStatus.QUARANTINED, JobStatus.QUARANTINED)
    act(trials, first, "release", route="plain")
    act(trials, second, "release", accept_violations=True, comment="agreed with the partner")
    assert ended(trials, first, 2).status is JobStatus.SUCCEEDED
    assert ended(trials, second, 2).status is JobStatus.SUCCEEDED
    assert (trials.delivered(first.filename), trials.delivered(second.filename)) == (b"lost", b"id\nx\n")
    assert trials.run(trials.stack.jobs.get(second.job_id)).result(Step.VALIDATE)["accepted"]["comment"]


@pytest.mark.timeout(900)
def test_a_thousand_failed_jobs_are_replayed_in_bulk_exactly_as_planned(trials: Trials) -> None:
    """All but ten files are empty, and the router ends those in quarantine: a thousand executions would take long."""
    trials.write_route("many", confirm={"mode": "none"}, zero_bytes="quarantine")
    prefix = unique("bulk.txt").removesuffix(".txt")
    kept = [kept_copy(trials, prefix, content) for content in (b"x", b"")]
    made = [failed_job(trials, f"{prefix}-{number:04d}.txt", kept[number >= 10]) for number in range(1000)]
    other = failed_job(trials, f"other-{prefix}.txt", kept[1])
    body = {"action": "replay", "filter": {"status": "FAILED", "filename": prefix}, "comment": "all"}
    planned = until_status(trials, trials.api.call("POST", BULK, body)["id"], "PLANNED")
    assert (planned["total"], planned["possible"], planned["done"]) == (1000, 1000, 0)
    assert {found["job_id"] for found in plan_of(trials, planned["id"])} == set(made)
    assert {trials.stack.jobs.get(job_id).run for job_id in made[:20]} == {1}

    trials.api.call("POST", f"{BULK}/{planned['id']}/run")
    seen = set[int]()
    done = until_status(trials, planned["id"], "DONE", seen)
    assert (done["done"], done["failed"], done["skipped"]) == (1000, 0, 0)
    assert len(seen) > 3, "progress was not readable"
    assert {found["outcome"] for found in plan_of(trials, planned["id"])} == {"DONE"}
    assert {trials.stack.jobs.get(job_id).run for job_id in made} == {2}
    assert trials.stack.jobs.get(other).run == 1
    for job_id, status in ((made[0], JobStatus.SUCCEEDED), (made[-1], JobStatus.QUARANTINED)):
        assert ended(trials, trials.stack.jobs.get(job_id), 2).status is status


def kept_copy(trials: Trials, prefix: str, content: bytes) -> ObjectRef:
    """A file that has left ingest."""
    key, bucket = f"quarantine/{TENANT}/{prefix}/{len(content)}", trials.stack["ArchiveBucketName"]
    version = trials.stack.s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
    digest = hashlib.sha256(content).hexdigest()
    return ObjectRef(bucket=bucket, key=key, version_id=version, size=len(content), sha256=digest)


def failed_job(trials: Trials, filename: str, kept: ObjectRef) -> str:
    """A job that is FAILED in the table, and whose file is a kept copy."""
    version = ObjectVersion(
        bucket=trials.stack["IngestBucketName"], key=trials.key(f"many/{filename}"), version_id="gone", size=kept.size
    )
    job = Job(
        job_id=job_id_of(version, "many"),
        tenant=TENANT,
        user="trials-sender",
        route="many",
        revision=1,
        object=version,
        filename=filename,
        status=JobStatus.FAILED,
        home_region=trials.stack.emulator.region,
        created_at=timestamp(),
        updated_at=timestamp(),
    )
    run = run_item(new_run(job, {}))
    run["outcome"] = {"S": json.dumps({"stored": kept.model_dump()})}
    dynamodb = trials.stack.dynamodb
    dynamodb.put_item(TableName=trials.stack["RunsTableName"], Item=run)
    dynamodb.put_item(TableName=trials.stack["JobsTableName"], Item=job_item(job))
    return job.job_id


def until_status(trials: Trials, bulk: str, status: str, seen: set[int] | None = None) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        answer = trials.api.call("GET", f"{BULK}/{bulk}")
        if seen is not None:
            seen.add(answer["done"])
        return answer if answer["status"] == status else None

    return until(found, 600, f"bulk action {bulk} is not {status}")


def plan_of(trials: Trials, bulk: str) -> list[dict[str, Any]]:
    return list(trials.api.items(f"{BULK}/{bulk}/jobs"))
