"""Bulk actions: the plan is exact, the run is the plan, and each job's outcome is counted once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from fileferry.actions import bulk as module
from fileferry.actions.asked import Asked
from fileferry.actions.bulk import CHUNK, begin_plan, begin_run, new_bulk_id, take
from fileferry.actions.performing import perform
from fileferry.clock import timestamp
from fileferry.errors import AccessDenied, Conflict, NoSuchRecord, TransientError
from fileferry.model.bulk_action import BulkAction, BulkFilter, BulkJob, BulkOutcome, BulkStatus
from fileferry.model.job import Action, Job, JobStatus
from fileferry.repositories.creation import new_run
from fileferry.repositories.job_listing import JobListing
from fileferry.repositories.jobs import job_item
from fileferry.repositories.pages import BadCursor
from fileferry.repositories.runs import run_item
from tests.unit.fileferry.actions.ended_jobs import ANN, failed, succeeded
from tests.unit.router.world import SETTINGS, Killed, RouterWorld


def planned(world: RouterWorld, action: Action = Action.RETRY, **wanted: Any) -> BulkAction:
    """A bulk action whose plan is made."""
    filter_ = BulkFilter(**{"status": JobStatus.FAILED, **wanted})
    bulk = BulkAction(
        id=new_bulk_id(),
        tenant="acme",
        action=action,
        filter=filter_,
        comment="as agreed",
        requested_by="ann",
        created_at=timestamp(),
    )
    begin_plan(world.services, bulk)
    deliver(world)
    return now(world, bulk)


def now(world: RouterWorld, bulk: BulkAction) -> BulkAction:
    return world.services.bulk_actions.get("acme", bulk.id)


def run(world: RouterWorld, bulk: BulkAction) -> BulkAction:
    begin_run(world.services, "acme", bulk.id, "ann")
    deliver(world)
    return now(world, bulk)


def messages(world: RouterWorld) -> list[str]:
    """The bodies in the bulk queue, which are taken out."""
    sent = [m for m in world.queues.messages if m["QueueUrl"] == SETTINGS.bulk_queue_url]
    world.queues.messages = [m for m in world.queues.messages if m not in sent]
    return [message["MessageBody"] for message in sent]


def deliver(world: RouterWorld) -> None:
    """Take messages until there are none."""
    while bodies := messages(world):
        for body in bodies:
            take(world.services, body)


def jobs(world: RouterWorld, bulk: BulkAction) -> list[BulkJob]:
    return list(world.services.bulk_actions.jobs(bulk, 200).items)


def counts(bulk: BulkAction) -> tuple[int, int, int, int]:
    return bulk.total, bulk.done, bulk.failed, bulk.skipped


def many(world: RouterWorld, count: int, status: JobStatus = JobStatus.FAILED) -> list[Job]:
    """Jobs of one status as they lie in the table, one after the other; their files are nowhere."""
    like = failed(world, "like.csv")
    made = []
    for number in range(count):
        at = f"2026-01-01T00:{number // 60:02d}:{number % 60:02d}.000000Z"
        changes: dict[str, Any] = {
            "job_id": f"j{number:025d}",
            "status": status,
            "created_at": at,
            "filename": f"{number:04d}.csv",
        }
        changes["object"] = like.object.model_copy(update={"version_id": f"gone-{number}"})
        made.append(like.model_copy(update=changes))
        world.services.dynamodb.put_item(TableName="jobs", Item=job_item(made[-1]))
        world.services.dynamodb.put_item(TableName="runs", Item=run_item(new_run(made[-1], {})))
    return made


# The plan


def test_the_plan_has_exactly_the_jobs_that_the_filter_finds_the_newest_first(world: RouterWorld) -> None:
    made = many(world, 230)
    many(world, 3, JobStatus.CANCELLED)
    expected = [job.job_id for job in reversed(made) if job.job_id not in {f"j{n:025d}" for n in range(3)}]
    bulk = planned(world, until=datetime(2026, 1, 2, tzinfo=UTC))
    assert (bulk.status, bulk.total, bulk.possible) == (BulkStatus.PLANNED, 227, 227)
    first = world.services.bulk_actions.jobs(bulk, 100)
    second = world.services.bulk_actions.jobs(bulk, 200, first.cursor)
    assert second.cursor is None
    assert [job.job_id for job in first.items + second.items] == expected
    assert [job.position for job in first.items + second.items] == list(range(227))


def test_the_filter_knows_route_time_and_the_beginning_of_the_name(world: RouterWorld) -> None:
    many(world, 20)
    assert planned(world, route="nothing").total == 0
    assert planned(world, route="orders", filename="001").total == 10
    since, until = datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 8, tzinfo=UTC)
    assert [job.filename for job in jobs(world, planned(world, since=since, until=until))] == [
        "0007.csv",
        "0006.csv",
        "0005.csv",
    ]


def test_the_plan_says_of_each_job_what_would_happen_or_why_not(world: RouterWorld) -> None:
    good, bad = failed(world, "a.csv"), succeeded(world, "b.csv")
    bulk = planned(world, status=None)
    told = {job.job_id: (job.possible, job.plan) for job in jobs(world, bulk)}
    assert told[good.job_id] == (True, "Run 2 begins from the start, with revision 1 of route 'orders'.")
    assert told[bad.job_id][0] is False
    assert "is SUCCEEDED" in told[bad.job_id][1]
    assert (bulk.total, bulk.possible) == (2, 1)


def test_nothing_is_done_before_the_run(world: RouterWorld) -> None:
    ended = failed(world)
    planned(world)
    assert world.services.jobs.get(ended.job_id) == ended


def test_too_many_jobs_are_no_plan(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_JOBS", 3)
    many(world, 3)
    bulk = planned(world)
    assert (bulk.status, bulk.total) == (BulkStatus.REFUSED, 0)
    with pytest.raises(Conflict, match="narrow the filter"):
        begin_run(world.services, "acme", bulk.id, "ann")


def test_a_plan_that_is_not_made_yet_cannot_be_run_and_another_tenants_is_not_there(world: RouterWorld) -> None:
    bulk = BulkAction(
        id="b1", tenant="acme", action=Action.RETRY, filter=BulkFilter(), requested_by="a", created_at=timestamp()
    )
    begin_plan(world.services, bulk)
    with pytest.raises(Conflict, match="wait until it is PLANNED"):
        begin_run(world.services, "acme", "b1", "ann")
    with pytest.raises(NoSuchRecord):
        world.services.bulk_actions.get("other", "b1")


def test_pages_of_bulk_actions_and_their_jobs_do_not_mix(world: RouterWorld) -> None:
    many(world, 5)
    one, two = planned(world), planned(world, filename="00")
    page = world.services.bulk_actions.page("acme", 1)
    following = world.services.bulk_actions.page("acme", 1, page.cursor)
    assert {bulk.id for bulk in page.items + following.items} == {one.id, two.id}
    cursor = world.services.bulk_actions.jobs(one, 2).cursor
    with pytest.raises(BadCursor):
        world.services.bulk_actions.jobs(two, 2, cursor)


# The run


def test_the_run_is_the_plan_and_says_who_asked(world: RouterWorld) -> None:
    ended = [failed(world, f"{number}.csv") for number in range(3)]
    bulk = planned(world)
    later = failed(world, "later.csv")
    bulk = run(world, bulk)
    assert (bulk.status, counts(bulk), bulk.started_by) == (BulkStatus.DONE, (3, 3, 0, 0), "ann")
    for job in ended:
        made = world.services.runs.get(job.job_id, 2)
        assert (made.requested_by, made.comment, made.request_id) == ("ann", "as agreed", bulk.id)
    assert world.services.jobs.get(later.job_id).run == 1
    assert {job.detail for job in jobs(world, bulk)} == {"Run 2 is RECEIVED."}


def test_what_is_not_possible_and_what_has_changed_since_is_skipped(world: RouterWorld) -> None:
    changed, good, bad = failed(world, "a.csv"), failed(world, "b.csv"), succeeded(world, "c.csv")
    bulk = planned(world, status=None)
    perform(world.services, changed.job_id, Asked(Action.RETRY), ANN)
    bulk = run(world, bulk)
    assert counts(bulk) == (3, 1, 0, 2)
    told = {job.job_id: (job.outcome, job.detail) for job in jobs(world, bulk)}
    assert told[good.job_id][0] is BulkOutcome.DONE
    assert told[bad.job_id][0] is told[changed.job_id][0] is BulkOutcome.SKIPPED
    assert "when this was planned" in told[changed.job_id][1]
    assert world.services.jobs.get(changed.job_id).run == 2


def test_a_file_that_is_gone_is_told_of_its_job_and_the_others_go_on(world: RouterWorld) -> None:
    many(world, CHUNK * 2)
    bulk = run(world, planned(world))
    assert counts(bulk) == (CHUNK * 2 + 1, 1, 0, CHUNK * 2)
    assert all("neither in ingest" in job.detail for job in jobs(world, bulk) if job.outcome is BulkOutcome.SKIPPED)


def test_jobs_are_cancelled_in_bulk(world: RouterWorld) -> None:
    world.route()
    for number in range(3):
        world.receive(world.upload(f"{number}.csv"))
    bulk = run(world, planned(world, Action.CANCEL, status=JobStatus.RUNNING))
    assert counts(bulk) == (3, 3, 0, 0)
    assert world.statuses() == {JobStatus.CANCELLED: 3}


def test_an_error_that_no_repeat_heals_is_counted_as_a_failure(
    world: RouterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(world)
    bulk = planned(world)
    monkeypatch.setattr(module, "perform", raising(AccessDenied("no permission")))
    bulk = run(world, bulk)
    assert (bulk.status, counts(bulk)) == (BulkStatus.DONE, (1, 0, 1, 0))
    assert jobs(world, bulk)[0].detail == "AccessDenied: no permission"


def test_an_error_that_nobody_foresaw_is_that_jobs_and_the_others_go_on(
    world: RouterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = failed(world, "a.csv")
    failed(world, "b.csv")
    bulk = planned(world)
    monkeypatch.setattr(module, "perform", raising(KeyError("route"), only=broken.job_id))
    bulk = run(world, bulk)
    assert (bulk.status, counts(bulk)) == (BulkStatus.DONE, (2, 1, 1, 0))
    assert {job.detail for job in jobs(world, bulk) if job.job_id == broken.job_id} == {
        "UnexpectedError: KeyError: 'route'"
    }


def test_a_plan_that_somebody_else_has_made_meanwhile_is_not_written_over(
    world: RouterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQS's standard queues bring a message twice at times, also while its first taker is at work."""
    many(world, 2)
    monkeypatch.setattr(module, "_PAGE", 1)
    filter_ = BulkFilter(status=JobStatus.FAILED)
    bulk = BulkAction(
        id=new_bulk_id(), tenant="acme", action=Action.RETRY, filter=filter_, requested_by="ann", created_at=timestamp()
    )
    begin_plan(world.services, bulk)
    (plan,) = messages(world)
    page, looked = JobListing.page, list[str]()

    def overtaken(listing: JobListing, *rest: Any) -> Any:
        found = page(listing, *rest)
        looked.append("page")
        if len(looked) == 1:
            take(world.services, plan)
            run(world, bulk)
        return found

    monkeypatch.setattr(JobListing, "page", overtaken)
    take(world.services, plan)
    assert now(world, bulk).status is BulkStatus.DONE
    assert all(job.outcome for job in jobs(world, now(world, bulk)))


def test_an_error_that_a_repeat_may_heal_is_repeated_after_the_others_were_done(
    world: RouterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = failed(world, "a.csv"), failed(world, "b.csv")
    bulk = planned(world)
    begin_run(world.services, "acme", bulk.id, "ann")
    (spread,) = messages(world)
    take(world.services, spread)
    (chunk,) = messages(world)
    throttled = raising(TransientError("slow down"), only=second.job_id)
    with monkeypatch.context() as patch:
        patch.setattr(module, "perform", throttled)
        with pytest.raises(TransientError):
            take(world.services, chunk)
    assert counts(now(world, bulk)) == (2, 1, 0, 0)
    assert world.services.jobs.get(first.job_id).run == 2
    take(world.services, chunk)
    assert (now(world, bulk).status, counts(now(world, bulk))) == (BulkStatus.DONE, (2, 2, 0, 0))


def raising(error: Exception, only: str = "") -> Callable[..., Job]:
    def act(world: Any, job_id: str, *rest: Any) -> Job:
        if only in ("", job_id):
            raise error
        return perform(world, job_id, *rest)

    return act


def test_who_runs_a_plan_again_changes_nothing(world: RouterWorld) -> None:
    failed(world)
    bulk = run(world, planned(world))
    assert run(world, bulk) == bulk
    assert world.job().run == 2


def test_an_empty_plan_is_done_at_once(world: RouterWorld) -> None:
    assert run(world, planned(world)).status is BulkStatus.DONE


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_taker_costs_nothing_when_its_message_comes_again(world: RouterWorld, after: bool) -> None:
    died = 0
    for number in range(1, 200):
        failed(world, f"{number}.csv")
        world.faults.kill_at(number, after=after)
        bulk, killed = with_one_kill(world, f"{number}.csv")
        died += killed
        assert (bulk.status, counts(bulk)) == (BulkStatus.DONE, (1, 1, 0, 0)), f"died at call {number}"
        assert world.services.jobs.get(jobs(world, bulk)[0].job_id).run == 2
        if not killed:
            break
    assert died > 10
    assert not killed


def with_one_kill(world: RouterWorld, name: str) -> tuple[BulkAction, bool]:
    """Plan and run for the jobs of this name; whoever is killed does the same once more, as SQS and callers do."""
    killed = False

    def surely(act: Callable[[], Any]) -> Any:
        nonlocal killed
        try:
            return act()
        except Killed:
            killed = True
            world.faults.kill_at(0, after=False)
            return act()

    def settled() -> None:
        while bodies := messages(world):
            for body in bodies:
                surely(lambda body=body: take(world.services, body))  # type: ignore[misc]

    def plan() -> BulkAction:
        bulk = BulkAction(
            id=new_bulk_id(),
            tenant="acme",
            action=Action.RETRY,
            filter=BulkFilter(status=JobStatus.FAILED, filename=name),
            requested_by="ann",
            created_at=timestamp(),
        )
        return begin_plan(world.services, bulk)

    try:
        bulk = plan()
    except Killed:
        killed = True
        world.faults.kill_at(0, after=False)
        messages(world)
        bulk = planned(world, filename=name)
    settled()
    surely(lambda: begin_run(world.services, "acme", bulk.id, "ann"))
    settled()
    world.faults.kill_at(0, after=False)
    return now(world, bulk), killed
