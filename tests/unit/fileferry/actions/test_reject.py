"""Reject: a quarantined file is refused for good, by somebody, for a reason, once."""

from __future__ import annotations

import pytest

from fileferry.actions.asked import Asked, Request
from fileferry.actions.performing import perform
from fileferry.errors import Conflict
from fileferry.model.job import Action, JobStatus
from tests.unit.fileferry.actions.ended_jobs import ANN, failed, quarantined
from tests.unit.router.world import Killed, RouterWorld

REJECT = Asked(Action.REJECT)


def test_the_decision_is_recorded_and_told_and_the_file_stays(world: RouterWorld) -> None:
    ended = quarantined(world)
    archived = world.archived()
    job = perform(world.services, ended.job_id, REJECT, ANN)
    decision = world.services.runs.get(job.job_id, 1).decision
    assert decision is not None
    assert (decision.action, decision.requested_by, decision.comment) == ("reject", "ann", "as agreed")
    assert (job.status, job.rejected_at) == (JobStatus.QUARANTINED, decision.at)
    assert world.topics.types()[-1] == world.topics.types("failure")[-1] == "JobRejected"
    assert world.archived() == archived


def test_the_first_decision_stays(world: RouterWorld) -> None:
    job = perform(world.services, quarantined(world).job_id, REJECT, ANN)
    assert perform(world.services, job.job_id, REJECT, Request("bob")) == job
    decision = world.services.runs.get(job.job_id, 1).decision
    assert decision is not None
    assert decision.requested_by == "ann"
    assert len([event["id"] for _, event in world.topics.events if event["type"] == "fileferry.JobRejected"]) == 4
    assert len({event["id"] for _, event in world.topics.events if event["type"] == "fileferry.JobRejected"}) == 1


@pytest.mark.parametrize("asked", [Asked(Action.RELEASE), Asked(Action.REPLAY)])
def test_a_rejected_file_goes_nowhere(world: RouterWorld, asked: Asked) -> None:
    job = perform(world.services, quarantined(world).job_id, REJECT, ANN)
    with pytest.raises(Conflict, match="refused for good"):
        perform(world.services, job.job_id, asked, ANN)


def test_only_what_is_quarantined_is_rejected(world: RouterWorld) -> None:
    with pytest.raises(Conflict, match="only a quarantined file"):
        perform(world.services, failed(world).job_id, REJECT, ANN)


@pytest.mark.parametrize("first", ["reject", "release"])
def test_of_a_rejection_and_a_release_at_the_same_time_one_holds(
    world: RouterWorld, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    stale = quarantined(world)
    asked = {"reject": REJECT, "release": Asked(Action.RELEASE)}
    perform(world.services, stale.job_id, asked.pop(first), ANN)
    (second,) = asked.values()
    after = world.services.jobs.get(stale.job_id)
    seen = iter((stale,))
    get = world.services.jobs.get
    monkeypatch.setattr(world.services.jobs, "get", lambda job_id: next(seen, None) or get(job_id))
    with pytest.raises(Conflict, match="changed meanwhile"):
        perform(world.services, stale.job_id, second, ANN)
    assert get(stale.job_id) == after


def test_a_repeat_ends_what_was_killed_at_any_call(world: RouterWorld) -> None:
    for number in range(1, 30):
        ended = quarantined(world, f"{number}.csv")
        world.topics.events.clear()
        world.faults.kill_at(number, after=number % 2 == 0)
        try:
            perform(world.services, ended.job_id, REJECT, ANN)
        except Killed:
            killed = True
        else:
            killed = False
        world.faults.kill_at(0, after=False)
        job = perform(world.services, ended.job_id, REJECT, ANN)
        assert job.rejected_at
        assert world.topics.types() == ["JobRejected"]
        if not killed:
            break
    assert number > 5
    assert not killed
