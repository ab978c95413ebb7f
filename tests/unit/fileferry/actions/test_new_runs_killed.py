"""Whoever makes a new run dies at any of its calls: a repeat of the request, or the reconciler, ends it; one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fileferry.actions.asked import Asked
from fileferry.actions.performing import perform
from fileferry.clock import now
from fileferry.intake.reconcile import Sweep, reconcile
from fileferry.model.job import Action, Job, JobStatus
from tests.unit.fileferry.actions.ended_jobs import ANN, failed, quarantined, succeeded
from tests.unit.router.world import Killed, RouterWorld

CASES: dict[Action, Callable[..., Job]] = {
    Action.RETRY: failed,
    Action.REDRIVE: failed,
    Action.REPLAY: succeeded,
    Action.RELEASE: quarantined,
}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("action", CASES)
def test_a_repeat_makes_no_second_run_and_starts_the_one(world: RouterWorld, action: Action, after: bool) -> None:
    for number in range(1, 40):
        ended = CASES[action](world, f"{number}.csv")
        killed = die_at(world, ended, action, number, after=after)
        assert perform(world.services, ended.job_id, Asked(action), replace(ANN, id="one")).run == 2
        world.resume_all()
        assert_started_once(world, ended)
        if not killed:
            break
    assert number > 5
    assert not killed


@pytest.mark.parametrize("action", CASES)
def test_the_reconciler_starts_a_run_whose_maker_died(world: RouterWorld, action: Action) -> None:
    for number in range(1, 40):
        ended = CASES[action](world, f"{number}.csv")
        killed = die_at(world, ended, action, number, after=True)
        world.queues.messages.clear()
        if world.services.jobs.get(ended.job_id).run == 2:
            reconcile(Sweep(world.services, lambda: False, at=now().replace(year=2099)))
            world.resume_all()
            assert_started_once(world, ended)
        if not killed:
            break
    assert not killed


def die_at(world: RouterWorld, ended: Job, action: Action, number: int, *, after: bool) -> bool:
    world.faults.kill_at(number, after=after)
    try:
        perform(world.services, ended.job_id, Asked(action), replace(ANN, id="one"))
    except Killed:
        return True
    finally:
        world.faults.kill_at(0, after=False)
    return False


def assert_started_once(world: RouterWorld, ended: Job) -> None:
    job = world.services.jobs.get(ended.job_id)
    assert (job.status, job.run) == (JobStatus.RUNNING, 2)
    assert len(world.services.runs.of_job(job.job_id)) == 2
    assert [f"{job.job_id}-{run}" in world.executions() for run in (1, 2, 3)] == [True, True, False]
