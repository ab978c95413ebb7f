"""Redrive: what a new run takes over, what it does anew, and who may not have one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fileferry.closing import close_run
from fileferry.errors import Conflict, NoSuchRecord, RunClosed
from fileferry.intake.outcome import Outcome
from fileferry.model.job import Delivery, Executor, Job, JobStatus, Run, Step, StepStatus
from fileferry.repositories.config import route_key
from tests.unit.fileferry.actions.ended_jobs import ERROR, again, end, failed, latest, redrive
from tests.unit.router.world import MACHINE, Killed, RouterWorld

# The new run


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_an_ended_job_starts_in_a_new_run_with_the_same_id(world: RouterWorld, status: JobStatus) -> None:
    ended = failed(world, status=status)
    job, run = again(world, ended)
    assert (job.job_id, job.run, job.status, job.reason, job.ended_at) == (ended.job_id, 2, JobStatus.RUNNING, "", "")
    assert (run.run, run.fence, run.status, run.error) == (2, 1, JobStatus.RECEIVED, None)
    assert world.executions() == [f"{job.job_id}-1", f"{job.job_id}-2"]
    assert json.loads(world.states.executions[f"{job.job_id}-2"]["input"]) == {"job": job.ref().model_dump(mode="json")}
    assert world.services.runs.get(job.job_id, 1).status is status
    started = [event["id"] for _, event in world.topics.events if event["type"] == "fileferry.JobStarted"]
    assert started == [f"{job.job_id}/1/JobStarted", f"{job.job_id}/2/JobStarted"]


def test_the_new_run_ends_like_any_other_and_the_old_one_cannot_touch_the_job(world: RouterWorld) -> None:
    ended = failed(world)
    job, _ = again(world, ended)
    with pytest.raises(RunClosed):
        close_run(world.services, ended.ref(), JobStatus.CANCELLED)
    close_run(world.services, ended.ref(), JobStatus.FAILED, error=ERROR)
    assert world.services.jobs.get(job.job_id).status is JobStatus.RUNNING
    assert end(world, job.job_id, JobStatus.CANCELLED).status is JobStatus.CANCELLED
    assert again(world, job)[0].run == 3


def test_the_reconciler_sees_the_job_as_open_again(world: RouterWorld) -> None:
    ended = failed(world)
    assert not list(world.services.jobs.open_jobs("eu-central-1", "3"))
    again(world, ended)
    assert [job.job_id for job in world.services.jobs.open_jobs("eu-central-1", "3")] == [ended.job_id]


def test_a_job_that_was_left_between_the_transaction_and_its_message_is_received(world: RouterWorld) -> None:
    ended = failed(world)
    world.faults.fail("send_message", Killed())
    with pytest.raises(Killed):
        redrive(world, ended.job_id)
    assert world.job().status is JobStatus.RECEIVED
    with pytest.raises(Conflict, match="is RECEIVED"):
        redrive(world, ended.job_id)


def test_an_event_that_comes_again_does_not_start_a_second_new_run(world: RouterWorld) -> None:
    world.route()
    event = world.upload()
    ended = end(world, world.receive(event).job_id)
    redrive(world, ended.job_id)
    assert world.receive(event).outcome is Outcome.STARTED
    assert [taken.outcome for taken in world.resume_all()] == [Outcome.REPEATED]
    assert len(world.executions()) == 2


@pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.QUARANTINED, JobStatus.DUPLICATE])
def test_a_job_whose_file_has_left_ingest_is_refused(world: RouterWorld, status: JobStatus) -> None:
    world.route()
    job_id = world.receive(world.upload()).job_id
    world.services.jobs.close(world.job(), status)
    with pytest.raises(Conflict, match=f"is {status}"):
        redrive(world, job_id)


def test_a_running_job_and_one_that_is_unknown_are_refused(world: RouterWorld) -> None:
    world.route()
    with pytest.raises(Conflict, match="is RUNNING"):
        redrive(world, world.receive(world.upload()).job_id)
    with pytest.raises(NoSuchRecord):
        redrive(world, "jnone")


def test_a_job_whose_route_could_not_be_read_is_refused(world: RouterWorld) -> None:
    world.put("config", {**route_key("acme", "broken"), "doc": "{"})
    broken = world.receive(world.upload())
    assert broken.outcome is Outcome.FAILED
    with pytest.raises(Conflict, match="has no route"):
        redrive(world, broken.job_id)


def test_of_two_at_the_same_time_one_makes_the_run(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = failed(world)
    stale = world.services.jobs.get(ended.job_id)
    redrive(world, ended.job_id)
    monkeypatch.setattr(world.services.jobs, "get", lambda _: stale)
    with pytest.raises(Conflict, match="changed meanwhile"):
        redrive(world, ended.job_id)
    assert latest(world, ended).run == 2


def test_a_rival_in_the_middle_of_its_own_transaction_is_told_as_a_conflict(
    world: RouterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = failed(world)

    def cancelled(**_: Any) -> None:
        reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
        answer: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
        raise ClientError(answer, "TransactWriteItems")

    monkeypatch.setattr(world.services.dynamodb, "transact_write_items", cancelled)
    with pytest.raises(Conflict, match="changed meanwhile"):
        redrive(world, ended.job_id)


# Executor and workflow version


def test_a_new_run_of_the_worker_is_its_again_with_the_same_version(world: RouterWorld) -> None:
    ended = failed(world, executor="worker")
    world.states.live = f"{MACHINE}:2"
    job, run = again(world, ended)
    assert (job.executor, run.executor, job.status) == (Executor.WORKER, Executor.WORKER, JobStatus.RUNNING)
    assert run.workflow == world.services.runs.get(job.job_id, 1).workflow
    assert [message["MessageDeduplicationId"] for message in world.queues.messages] == [
        f"{job.job_id}-1-start",
        f"{job.job_id}-2-start",
    ]


def test_a_new_execution_runs_the_version_that_the_last_one_ran(world: RouterWorld) -> None:
    ended = failed(world)
    world.states.executions[f"{ended.job_id}-1"]["stateMachineVersionArn"] = f"{MACHINE}:1"
    world.states.live = f"{MACHINE}:2"
    again(world, ended)
    assert world.states.executions[f"{ended.job_id}-2"]["machine"] == f"{MACHINE}:1"


def test_an_execution_that_step_functions_has_forgotten_is_followed_by_the_live_version(world: RouterWorld) -> None:
    ended = failed(world)
    world.states.executions.clear()
    again(world, ended)
    assert world.states.executions[f"{ended.job_id}-2"]["machine"] == f"{MACHINE}:live"


# Ordered routes


def test_a_job_of_an_ordered_route_goes_to_the_end_of_the_line(world: RouterWorld) -> None:
    world.route(ordered=True)
    first, second, third = (world.receive(world.upload(f"{name}.csv")).job_id for name in "abc")
    end(world, first)
    world.resume_all()
    redrive(world, first)
    assert [taken.outcome for taken in world.resume_all()] == [Outcome.WAITING]
    fourth = world.receive(world.upload("d.csv")).job_id
    ends = []
    for _ in range(4):
        (running,) = [job.job_id for job in world.jobs() if job.status is JobStatus.RUNNING]
        ends.append(running)
        end(world, running)
        world.resume_all()
    assert ends == [second, third, first, fourth]
    assert not world.services.keys.first_in_line("acme", "orders", "bob")


def test_a_job_of_an_ordered_route_that_is_alone_starts_at_once(world: RouterWorld) -> None:
    ended = failed(world, ordered=True)
    job, _ = again(world, ended)
    assert (job.status, job.sequence) == (JobStatus.RUNNING, ended.sequence)
    assert world.services.keys.first_in_line("acme", "orders", "bob") == job.job_id


# What goes over


DIGEST = hashlib.sha256(b"12345").hexdigest()


def staged(world: RouterWorld, job: Job, name: str, digest: str = DIGEST) -> dict[str, Any]:
    """A step's result that names an object which is there, and which S3 keeps the checksum of."""
    key = f"acme/{job.job_id}/{name}"
    s3 = world.services.s3
    version = s3.put_object(Bucket="archive", Key=key, Body=b"12345", ChecksumAlgorithm="SHA256")["VersionId"]
    return {"object": {"bucket": "archive", "key": key, "version_id": version, "size": 5, "sha256": digest}}


def with_steps(world: RouterWorld, *, until: Step, waiting: bool = False, digest: str = DIGEST) -> Job:
    """A job that failed in `until`, or was `waiting` there; with one of two destinations served if it came as far."""
    world.route(deliver={"destinations": ["bank", "shop"]})
    job = world.services.jobs.get(world.receive(world.upload()).job_id)
    runs, ref = world.services.runs, job.ref()
    results = {
        Step.VALIDATE: {"checks": [], "rows": 1, "violations": 0},
        Step.STAGE: staged(world, job, "original", digest),
        Step.TRANSFORM: {**staged(world, job, "output"), "filename": "x", "operations": []},
        Step.DELIVER: {"destinations": {}},
        Step.CONFIRM: {"confirmed": {}, "acknowledged_by": None},
    }
    for step in Step:
        runs.begin_step(ref, step, 0)
        if step is Step.DELIVER:
            delivery = {"kind": "s3", "name": "orders.csv", "location": "s3://far/orders.csv"}
            runs.record_delivery(ref, "bank", Delivery(status="DELIVERED", **delivery))
            runs.record_delivery(ref, "shop", Delivery(status="FAILED", **delivery, error="down"))
        if step is until:
            if not waiting:
                runs.fail_step(ref, step, ERROR)
            break
        runs.finish_step(ref, step, results[step])
    return end(world, job.job_id)


def carried(run: Run) -> list[str]:
    return [name for name, step in run.steps.items() if step.status is StepStatus.SUCCEEDED]


def test_what_is_staged_and_delivered_is_not_done_twice(world: RouterWorld) -> None:
    ended = with_steps(world, until=Step.DELIVER)
    _, run = again(world, ended)
    last = world.services.runs.get(ended.job_id, 1)
    assert carried(run) == ["validate", "stage", "transform"]
    assert run.result(Step.TRANSFORM) == last.result(Step.TRANSFORM)
    assert run.deliveries == last.deliveries
    deliver = run.steps[Step.DELIVER]
    assert (deliver.status, deliver.started_at) == (StepStatus.PENDING, last.steps[Step.DELIVER].started_at)
    begun = world.services.runs.begin_step(world.job().ref(), Step.DELIVER, 0)
    assert begun.steps[Step.DELIVER].started_at == deliver.started_at


def test_what_the_partner_was_asked_about_is_delivered_again(world: RouterWorld) -> None:
    _, run = again(world, with_steps(world, until=Step.CONFIRM))
    assert carried(run) == ["validate", "stage", "transform"]
    assert not run.deliveries
    assert run.steps[Step.DELIVER].started_at == ""


def test_a_step_whose_object_is_gone_is_done_anew_and_all_after_it(world: RouterWorld) -> None:
    ended = with_steps(world, until=Step.DELIVER)
    output = world.services.runs.get(ended.job_id, 1).result(Step.TRANSFORM)["object"]
    world.services.s3.delete_object(Bucket="archive", Key=output["key"], VersionId=output["version_id"])
    _, run = again(world, ended)
    assert carried(run) == ["validate", "stage"]
    assert not run.deliveries


def test_a_run_that_failed_early_keeps_what_it_had_finished(world: RouterWorld) -> None:
    _, run = again(world, with_steps(world, until=Step.STAGE))
    assert carried(run) == ["validate"]


def test_a_run_whose_archive_failed_is_neither_delivered_nor_confirmed_again(world: RouterWorld) -> None:
    ended = with_steps(world, until=Step.ARCHIVE)
    _, run = again(world, ended)
    last = world.services.runs.get(ended.job_id, 1)
    assert carried(run) == ["validate", "stage", "transform", "deliver", "confirm"]
    assert run.steps[Step.DELIVER] == last.steps[Step.DELIVER]


def test_a_partner_who_has_not_answered_in_time_is_waited_for_again_without_a_second_delivery(
    world: RouterWorld,
) -> None:
    ended = with_steps(world, until=Step.CONFIRM, waiting=True)
    _, run = again(world, ended)
    assert carried(run) == ["validate", "stage", "transform", "deliver"]
    assert run.steps[Step.CONFIRM].started_at == ""


def test_an_object_with_another_checksum_than_the_recorded_one_is_made_anew(world: RouterWorld) -> None:
    ended = with_steps(world, until=Step.DELIVER, digest="0" * 64)
    _, run = again(world, ended)
    assert carried(run) == ["validate"]


def test_declared_checksums_go_over(world: RouterWorld) -> None:
    world.route(validation={"checksum": "required"})
    world.receive(world.upload("a.csv.sha256", b"ab" * 32))
    ended = end(world, world.receive(world.upload("a.csv")).job_id)
    job, run = again(world, ended)
    assert job.status is JobStatus.RUNNING
    assert run.declared == {"sha256": "ab" * 32}
