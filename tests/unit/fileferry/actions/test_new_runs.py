"""Retry, replay and release: which revision, which file, and what is recorded of who asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fileferry.actions.asked import Asked, Request
from fileferry.actions.performing import perform
from fileferry.closing import put_away
from fileferry.errors import Conflict
from fileferry.executions import execution_of
from fileferry.intake.outcome import Outcome
from fileferry.model.job import Action, Executor, Job, JobStatus, Run
from fileferry.objects import Target
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_item
from tests.unit.fileferry.actions.ended_jobs import (
    ANN,
    ERROR,
    again,
    end,
    failed,
    kept,
    latest,
    quarantined,
    succeeded,
)
from tests.unit.router.world import MACHINE, RouterWorld, client_error

RETRY = Asked(Action.RETRY)
ORIGINAL = Asked(Action.REPLAY)
CURRENT = Asked(Action.REPLAY, revision="current")
RELEASE = Asked(Action.RELEASE)


def refused(world: RouterWorld, job: Job, asked: Asked, request: Request = ANN) -> str:
    with pytest.raises(Conflict) as conflict:
        perform(world.services, job.job_id, asked, request)
    assert conflict.value.todo
    return str(conflict.value)


# Who asked, and how often


def test_the_new_run_says_who_asked_for_it_and_why(world: RouterWorld) -> None:
    _, run = again(world, failed(world), RETRY)
    assert (run.action, run.requested_by, run.comment) == ("retry", "ann", "as agreed")


def test_a_request_that_comes_again_makes_one_run(world: RouterWorld) -> None:
    ended = failed(world)
    request = replace(ANN, id="r1")
    for _ in range(2):
        assert perform(world.services, ended.job_id, RETRY, request).run == 2
    world.resume_all()
    end(world, ended.job_id)
    assert perform(world.services, ended.job_id, RETRY, request).run == 2
    assert perform(world.services, ended.job_id, RETRY, replace(ANN, id="r2")).run == 3


def test_a_disabled_routes_job_is_retried_but_not_replayed_with_the_current_revision(world: RouterWorld) -> None:
    ended = failed(world)
    world.route(revision=2, enabled=False)
    assert "is disabled" in refused(world, ended, CURRENT)
    assert again(world, ended, RETRY)[0].status is JobStatus.RUNNING


# Retry


def test_a_retry_carries_nothing_over(world: RouterWorld) -> None:
    job, run = again(world, failed(world), RETRY)
    assert (job.status, job.run, run.source) == (JobStatus.RUNNING, 2, None)
    assert not [step for step in run.steps.values() if step.started_at]


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        (JobStatus.SUCCEEDED, "replay it"),
        (JobStatus.QUARANTINED, "release or reject it"),
        (JobStatus.DUPLICATE, "replay it"),
    ],
)
def test_what_has_not_failed_is_not_retried_and_is_told_what_can_be_done(
    world: RouterWorld, status: JobStatus, todo: str
) -> None:
    world.route()
    world.receive(world.upload())
    world.services.jobs.close(world.job(), status)
    assert todo in refused(world, world.job(), RETRY)


# Replay


def test_a_replay_has_the_first_runs_revision_and_version_after_the_route_has_changed(world: RouterWorld) -> None:
    ended = succeeded(world, deliver={"destinations": ["bank"]})
    world.states.executions[f"{ended.job_id}-1"]["stateMachineVersionArn"] = f"{MACHINE}:1"
    world.route(revision=2, executor="worker", deliver={"destinations": ["shop"]})
    world.states.live = f"{MACHINE}:2"
    job, run = again(world, ended, CURRENT)
    assert (job.revision, run.revision, job.executor) == (2, 2, Executor.WORKER)
    assert run.workflow is not None
    assert run.workflow.version_arn == f"{MACHINE}:2"
    end(world, job.job_id)
    job, run = again(world, job, ORIGINAL)
    assert (job.run, job.revision, run.revision, job.executor) == (3, 1, 1, Executor.STEP_FUNCTIONS)


def test_the_original_version_is_that_of_the_first_execution(world: RouterWorld) -> None:
    ended = succeeded(world)
    world.states.executions[f"{ended.job_id}-1"]["stateMachineVersionArn"] = f"{MACHINE}:1"
    world.states.live = f"{MACHINE}:2"
    again(world, ended, ORIGINAL)
    assert world.states.executions[f"{ended.job_id}-2"]["machine"] == f"{MACHINE}:1"


@pytest.mark.parametrize("executor", ["step_functions", "worker"])
def test_the_original_version_and_execution_are_known_after_a_run_that_had_none(
    world: RouterWorld, executor: str
) -> None:
    ended = succeeded(world)
    world.states.executions[f"{ended.job_id}-1"]["stateMachineVersionArn"] = f"{MACHINE}:1"
    world.states.live = f"{MACHINE}:2"
    if executor == "worker":
        world.route(revision=2, executor="worker")
        again(world, ended, CURRENT)
        end(world, ended.job_id)
    else:
        perform(world.services, ended.job_id, CURRENT, ANN)
        perform(world.services, ended.job_id, Asked(Action.CANCEL), ANN)
        world.resume_all()
    job, run = again(world, ended, ORIGINAL)
    assert run.run == 3
    assert world.states.executions[f"{ended.job_id}-3"]["machine"] == f"{MACHINE}:1"
    runs = world.services.runs.of_job(ended.job_id)
    assert [execution_of(job, each) for each in runs] == [ended.execution_arn, "", job.execution_arn]


def test_a_replay_begins_from_the_archived_original(world: RouterWorld) -> None:
    ended = succeeded(world)
    archived = world.services.runs.get(ended.job_id, 1).steps["archive"].result
    job, run = again(world, ended, ORIGINAL)
    assert job.object == ended.object
    assert archived is not None
    assert run.source is not None
    assert run.source.model_dump() == archived["original"]


def test_a_replay_begins_from_ingest_while_the_file_is_there(world: RouterWorld) -> None:
    assert again(world, failed(world), ORIGINAL)[1].source is None


def test_a_replay_of_a_duplicate_goes_on_although_its_content_was_seen(world: RouterWorld) -> None:
    world.route(duplicates="skip")
    world.receive(world.upload("first.csv", b"same"))
    second = world.receive(world.upload("second.csv", b"same"))
    assert second.outcome is Outcome.DUPLICATE
    job, run = again(world, world.services.jobs.get(second.job_id), ORIGINAL)
    assert job.status is JobStatus.RUNNING
    assert run.source is not None
    assert run.source.key == f"duplicate/acme/{job.job_id}/second.csv"


def test_a_replay_that_is_refused_by_the_router_leaves_the_kept_copy(world: RouterWorld) -> None:
    ended = succeeded(world)
    long_ago = ended.model_copy(update={"created_at": "2026-01-01T00:00:00.000000Z"})
    world.services.dynamodb.put_item(TableName="jobs", Item=job_item(long_ago))
    world.route(revision=2, validation={"checksum": "required"})
    job, run = again(world, ended, CURRENT)
    assert job.status is JobStatus.QUARANTINED
    assert run.source is not None
    assert world.archived() == [run.source.key, f"quarantine/acme/{job.job_id}/orders.csv"]
    job, run = again(world, job, Asked(Action.RELEASE, accept_violations=True))
    assert job.status is JobStatus.RUNNING


def test_a_running_job_and_one_without_any_route_are_not_replayed(world: RouterWorld) -> None:
    world.route(match={"glob": "*.csv"})
    world.receive(world.upload())
    assert "is RUNNING" in refused(world, world.job(), CURRENT)
    nobody = world.services.jobs.get(world.receive(world.upload("a.txt")).job_id)
    assert "no original revision" in refused(world, nobody, ORIGINAL)


def test_a_file_that_is_nowhere_is_not_replayed(world: RouterWorld) -> None:
    ended = succeeded(world)
    for version in world.services.s3.list_object_versions(Bucket="archive")["Versions"]:
        world.services.s3.delete_object(Bucket="archive", Key=version["Key"], VersionId=version["VersionId"])
    assert "neither in ingest nor in the archive" in refused(world, ended, ORIGINAL)


@pytest.mark.parametrize("folder", ["quarantine", "archive"])
def test_a_copy_that_nobody_came_to_record_is_found(world: RouterWorld, folder: str) -> None:
    if folder == "quarantine":
        world.route()
        job = world.services.jobs.get(world.receive(world.upload()).job_id)
        put_away(world.services, job.ref(), "quarantine")
        ended = end(world, job.job_id, JobStatus.CANCELLED)
    else:
        ended = failed(world, status=JobStatus.CANCELLED)
        day = ended.created_at[:10].replace("-", "/")
        key = f"archive/acme/{day}/{ended.job_id}/original/orders.csv"
        target = Target("archive", key, metadata={"job-id": ended.job_id, "run": "1"})
        world.services.objects.copy_verified(ended.object, target)
        world.services.s3.delete_object(Bucket="ingest", Key=ended.object.key, VersionId=ended.object.version_id)
    _, run = again(world, ended, RETRY)
    assert run.source is not None
    assert run.source.key.startswith(folder)
    assert run.source.sha256 == world.services.objects.sha256(run.source)


def test_a_replay_of_an_ordered_route_goes_to_the_end_of_the_line(world: RouterWorld) -> None:
    ended = succeeded(world)
    world.route(revision=2, ordered=True)
    world.services.__dict__.pop("config")  # and its cache
    waiting = world.services.jobs.get(world.receive(world.upload("b.csv")).job_id)
    job, _ = again(world, ended, CURRENT)
    assert (waiting.status, job.status, job.waiting_for) == (JobStatus.RUNNING, JobStatus.RECEIVED, "order")
    end(world, waiting.job_id)
    world.resume_all()
    assert world.services.jobs.get(job.job_id).status is JobStatus.RUNNING


# Release


def test_a_quarantined_file_goes_on_with_the_current_revision(world: RouterWorld) -> None:
    ended = quarantined(world)
    world.route(revision=2)
    job, run = again(world, ended, RELEASE)
    assert (job.status, job.revision, job.reason, run.accepted) == (JobStatus.RUNNING, 2, "", None)
    assert run.source is not None
    assert run.source.key.startswith("quarantine/")


def test_violations_are_accepted_by_somebody_for_a_reason_and_stay_so_in_a_retry(world: RouterWorld) -> None:
    ended = quarantined(world)
    accepting = Asked(Action.RELEASE, accept_violations=True)
    assert "without a reason" in refused(world, ended, accepting, Request("ann", " "))
    job, run = again(world, ended, accepting)
    assert run.accepted is not None
    assert (run.accepted.requested_by, run.accepted.comment) == ("ann", "as agreed")
    end(world, job.job_id)
    perform(world.services, job.job_id, RETRY, Request("bob"))
    assert latest(world, job).accepted == run.accepted
    assert latest(world, job).source == run.source


def test_an_empty_file_that_is_accepted_goes_on(world: RouterWorld) -> None:
    world.route(zero_bytes="quarantine")
    ended = world.services.jobs.get(world.receive(world.upload(content=b"")).job_id)
    assert ended.status is JobStatus.QUARANTINED
    assert again(world, ended, Asked(Action.RELEASE, accept_violations=True))[0].status is JobStatus.RUNNING


def test_a_file_that_no_route_took_is_routed_anew(world: RouterWorld) -> None:
    ended = world.services.jobs.get(world.receive(world.upload("in/orders.csv")).job_id)
    assert (ended.status, ended.route, ended.revision) == (JobStatus.QUARANTINED, "none", 0)
    assert "No route takes the file" in refused(world, ended, RELEASE)
    world.route("other", match={"glob": "other/*"})
    assert "does not match" in refused(world, ended, RELEASE)
    world.route("orders", revision=3, match={"glob": "in/*.csv"}, priority=200)
    job, run = again(world, ended, RELEASE)
    assert (job.job_id, job.route, job.revision, job.status) == (ended.job_id, "orders", 3, JobStatus.RUNNING)
    assert (run.route, run.revision) == ("orders", 3)
    item = world.services.dynamodb.get_item(TableName="jobs", Key=to_item({"job_id": job.job_id}))["Item"]
    assert item["tenant_route"]["S"] == "acme#orders"


def test_a_file_that_no_route_took_is_given_to_a_named_one(world: RouterWorld) -> None:
    world.route("special", match={"glob": "never"})
    ended = world.services.jobs.get(world.receive(world.upload("x.bin")).job_id)
    assert "does not exist" in refused(world, ended, replace(RELEASE, route="nothing"))
    job, _ = again(world, ended, replace(RELEASE, route="special"))
    assert (job.route, job.status) == ("special", JobStatus.RUNNING)


def test_a_file_of_one_route_is_not_given_to_another(world: RouterWorld) -> None:
    ended = quarantined(world)
    world.route("other", match={"glob": "never"})
    assert "cannot go over" in refused(world, ended, replace(RELEASE, route="other"))


def test_a_job_that_is_not_quarantined_is_not_released(world: RouterWorld) -> None:
    assert "retry, redrive or replay it" in refused(world, failed(world), RELEASE)


def test_a_duplicate_is_replayed_from_where_it_was_stored(world: RouterWorld) -> None:
    world.route()
    job = world.services.jobs.get(world.receive(world.upload()).job_id)
    ended = kept(world, job, "duplicate", first_job="jfirst")
    run: Run = again(world, ended, ORIGINAL)[1]
    assert run.source is not None
    assert run.source.key.startswith("duplicate/")


def test_a_failed_read_of_the_old_execution_is_told_and_makes_no_run(world: RouterWorld) -> None:
    ended = failed(world)
    world.faults.fail("describe_execution", client_error("ThrottlingException", "DescribeExecution"))
    with pytest.raises(Exception, match="injected"):
        perform(world.services, ended.job_id, RETRY, ANN)
    assert latest(world, ended).error == ERROR
