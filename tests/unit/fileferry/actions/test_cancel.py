"""Cancel: the run is over for whoever runs it, and its runner is stopped; once, however often it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.actions.asked import Asked, Request
from fileferry.actions.performing import perform
from fileferry.clock import now
from fileferry.errors import Conflict, RunClosed
from fileferry.intake.reconcile import Sweep, reconcile
from fileferry.model.job import Action, Job, JobStatus, Step
from fileferry.repositories.leases import LeaseRepository
from tests.unit.fileferry.actions.ended_jobs import ANN, end
from tests.unit.router.world import SETTINGS, Killed, RouterWorld

CANCEL = Asked(Action.CANCEL)


def started(world: RouterWorld, path: str = "orders.csv", **route: Any) -> Job:
    world.route(**route)
    return world.services.jobs.get(world.receive(world.upload(path)).job_id)


def cancel(world: RouterWorld, job: Job, request: Request = ANN) -> Job:
    return perform(world.services, job.job_id, CANCEL, request)


def test_a_running_job_is_cancelled_and_its_execution_stopped(world: RouterWorld) -> None:
    job = cancel(world, started(world))
    run = world.services.runs.get(job.job_id, 1)
    assert (job.status, job.reason) == (JobStatus.CANCELLED, "Cancelled by ann: as agreed")
    assert run.decision is not None
    assert (run.decision.action, run.decision.requested_by, run.decision.comment) == ("cancel", "ann", "as agreed")
    assert world.states.executions[f"{job.job_id}-1"]["status"] == "ABORTED"
    assert world.topics.types("failure") == ["JobCancelled"]
    (told,) = [event["data"] for _, event in world.topics.events if event["type"].endswith("JobCancelled")][:1]
    assert told["decision"]["requested_by"] == "ann"
    with pytest.raises(RunClosed):
        world.services.runs.begin_step(job.ref(), Step.DELIVER, 0)


def test_who_cancels_again_changes_nothing(world: RouterWorld) -> None:
    job = cancel(world, started(world))
    assert cancel(world, job, Request("bob", "me too")) == job
    assert world.services.runs.get(job.job_id, 1).decision is not None
    assert len([1 for name, _ in world.topics.events if name == "failure"]) == 1


def test_a_run_that_a_worker_has_is_cancelled_under_the_workers_fence(world: RouterWorld) -> None:
    job = started(world, executor="worker")
    lease = LeaseRepository(world.services.dynamodb, "runs").take(job.ref(), "w1", 60)
    world.queues.messages.clear()
    assert cancel(world, job).status is JobStatus.CANCELLED
    with pytest.raises(RunClosed):
        world.services.runs.begin_step(lease.job, Step.DELIVER, 0)
    assert world.queues.bodies(SETTINGS.work_queue_url) == [{"job": job.ref().model_dump(mode="json")}]


def test_a_worker_that_takes_the_run_in_between_does_not_save_it(
    world: RouterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(world, executor="worker")
    leases = LeaseRepository(world.services.dynamodb, "runs")
    close = world.services.runs.cancel
    owners = iter(("w1", "w2"))

    def taken_first(ref: Any, *rest: Any) -> None:
        if owner := next(owners, None):
            world.update_run(job.job_id, lease_until=0)
            leases.take(ref, owner, 60)
        close(ref, *rest)

    monkeypatch.setattr(world.services.runs, "cancel", taken_first)
    assert cancel(world, job).status is JobStatus.CANCELLED


def test_a_job_that_waits_is_cancelled_and_the_next_in_line_comes(world: RouterWorld) -> None:
    first = started(world, "a.csv", ordered=True)
    second, third = (started(world, f"{name}.csv", ordered=True) for name in "bc")
    assert second.waiting_for == "order"
    assert cancel(world, second).status is JobStatus.CANCELLED
    end(world, first.job_id)
    world.resume_all()
    assert world.services.jobs.get(third.job_id).status is JobStatus.RUNNING
    assert f"{second.job_id}-1" not in world.executions()


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.SUCCEEDED, JobStatus.QUARANTINED])
def test_a_job_that_is_over_otherwise_cannot_be_cancelled(world: RouterWorld, status: JobStatus) -> None:
    world.services.jobs.close(started(world), status)
    job = world.job()
    with pytest.raises(Conflict, match=f"is {status} already"):
        cancel(world, job)
    assert world.services.runs.get(job.job_id, 1).decision is None


def test_a_run_that_has_done_all_its_work_succeeds_although_nobody_has_closed_it(world: RouterWorld) -> None:
    job = started(world)
    ref = {"bucket": "b", "key": "k", "version_id": "v", "size": 1, "sha256": "0" * 64}
    world.services.runs.begin_step(job.ref(), Step.ARCHIVE, 0)
    world.services.runs.finish_step(job.ref(), Step.ARCHIVE, {"original": ref, "delivered": ref})
    with pytest.raises(Conflict, match="is SUCCEEDED already"):
        cancel(world, job)
    assert world.topics.types("success") == ["JobSucceeded"]


def test_an_execution_that_is_gone_does_not_matter(world: RouterWorld) -> None:
    job = started(world)
    world.states.executions.clear()
    assert cancel(world, job).status is JobStatus.CANCELLED


@pytest.mark.parametrize("executor", ["step_functions", "worker"])
@pytest.mark.parametrize("ended_by", ["a repeat", "the reconciler"])
def test_who_is_killed_at_any_call_is_ended_by(world: RouterWorld, executor: str, ended_by: str) -> None:
    died = 0
    for number in range(1, 40):
        job = started(world, f"{number}.csv", executor=executor)
        world.topics.events.clear()
        world.queues.messages.clear()
        world.faults.kill_at(number, after=number % 2 == 0)
        try:
            cancel(world, job)
        except Killed:
            died += 1
        finished = died < number
        world.faults.kill_at(0, after=False)
        run = world.services.runs.get(job.job_id, 1)
        if ended_by == "a repeat":
            cancel(world, job)
        elif run.status is JobStatus.CANCELLED:
            reconcile(Sweep(world.services, lambda: False, at=now().replace(year=2099)))
        else:
            continue
        assert world.services.jobs.get(job.job_id).status is JobStatus.CANCELLED, f"died at call {number}"
        assert world.topics.types() == world.topics.types("failure") == ["JobCancelled"]
        if executor == "worker":
            assert job.job_id in [m["job"]["job_id"] for m in world.queues.bodies(SETTINGS.work_queue_url)]
        else:
            assert world.states.executions[f"{job.job_id}-1"]["status"] == "ABORTED"
        if finished:
            break
    assert died > 4
    assert finished
