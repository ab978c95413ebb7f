"""The watch judges each window once, tells what is wrong in time, and survives being killed anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fileferry.errors import ConfigurationError
from fileferry.model.expectation import WindowStatus
from fileferry.model.job import JobStatus
from fileferry.model.tenant import TenantSpec
from fileferry.repositories.config_writes import ConfigWriter
from tests.unit.faults import Killed
from tests.unit.fileferry.expectations.world import ExpectationWorld

MET, MISSING, LATE = WindowStatus.MET, WindowStatus.MISSING, WindowStatus.LATE


def statuses(world: ExpectationWorld, expectation: str = "daily") -> list[WindowStatus]:
    return [window.status for window in world.windows(expectation)]


def test_a_file_in_time_meets_the_window_and_nothing_is_told(world: ExpectationWorld) -> None:
    world.expect()
    job = world.file("05:59:59")
    assert world.tick("05:59:59")["due"] == 0
    assert world.windows() == []
    world.tick("06:01")
    (window,) = world.windows()
    assert (window.status, window.count, window.jobs) == (MET, 1, [job])
    assert window.opens_at == "2026-06-01T04:00:00.000000Z"
    assert world.told() == world.told("events") == world.missed() == []


@pytest.mark.parametrize("at", ["04:00:00", "03:00", "06:00:00.000001", "07:00"])
def test_a_file_outside_of_the_window_does_not_count(world: ExpectationWorld, at: str) -> None:
    world.expect(late_minutes=0)
    world.file(at)
    world.tick("06:01")
    assert statuses(world) == [MISSING]


@pytest.mark.parametrize("at", ["04:00:00.000001", "06:00:00"])
def test_the_window_is_open_at_its_beginning_and_closed_at_its_end(world: ExpectationWorld, at: str) -> None:
    world.expect()
    world.file(at)
    world.tick("06:01")
    assert statuses(world) == [MET]


def test_a_missing_file_is_told_within_two_minutes_on_both_topics(world: ExpectationWorld) -> None:
    world.expect()
    world.ticks("2026-06-01T05:58:30Z", "2026-06-01T06:01:30Z")
    assert world.told() == world.told("events") == ["Missing"]
    (event,) = world.sns.of_type("ExpectationMissing")
    assert event["id"] == "acme/daily/2026-06-01T06:00:00.000000Z/missing"
    assert event["data"]["route"] == "orders"
    assert event["data"]["decided_at"] <= "2026-06-01T06:02:00"
    assert world.sns.published[0].attributes == {
        "tenant": "acme",
        "route": "orders",
        "type": "fileferry.ExpectationMissing",
        "status": "MISSING",
    }
    assert [window.expectation for window in world.missed()] == ["daily"]


def test_a_missing_file_that_comes_late_is_told_and_recorded_once(world: ExpectationWorld) -> None:
    world.expect()
    world.ticks("2026-06-01T06:00:30Z", "2026-06-01T06:05:00Z")
    job = world.file("06:05:10")
    world.ticks("2026-06-01T06:06:00Z", "2026-06-01T06:10:00Z")
    (window,) = world.windows()
    assert (window.status, window.jobs, window.count) == (LATE, [job], 1)
    assert [one.status for one in world.missed()] == [LATE]
    assert world.told() == ["Missing", "Late"]
    assert world.tick("06:20")["due"] == 0


def test_late_files_are_given_up_in_the_end(world: ExpectationWorld) -> None:
    world.expect(late_minutes=5)
    world.ticks("2026-06-01T06:00:30Z", "2026-06-01T06:07:00Z")
    world.file("06:06")
    world.ticks("2026-06-01T06:08:00Z", "2026-06-01T06:10:00Z")
    assert statuses(world) == [MISSING]
    assert world.told() == ["Missing"]
    assert len(list(world.services.windows.due("eu-central-1", "2027"))) == 1


def test_files_in_time_count_towards_what_is_late(world: ExpectationWorld) -> None:
    world.expect(min_count=2)
    first = world.file("05:00")
    world.tick("06:01")
    assert world.windows()[0].count == 1
    second = world.file("06:30")
    world.tick("06:31")
    assert (statuses(world), world.windows()[0].jobs) == ([LATE], [first, second])


def test_each_window_is_judged_in_turn(world: ExpectationWorld) -> None:
    world.expect(late_minutes=0)
    world.file("2026-06-02T05:00:00Z")
    for day in (1, 2, 3):
        world.tick(f"2026-06-0{day}T06:01:00Z")
    assert statuses(world) == [MISSING, MET, MISSING]
    assert [window.deadline[:10] for window in world.missed()] == ["2026-06-03", "2026-06-01"]


def test_a_watch_that_stood_still_makes_good_for_every_window(world: ExpectationWorld) -> None:
    world.expect(late_minutes=0)
    world.file("2026-06-02T05:00:00Z")
    for _ in range(5):
        world.tick("2026-06-05T12:00:00Z")
    assert statuses(world) == [MISSING, MISSING, MISSING, MET, MISSING]
    assert len(world.told()) == 4


@pytest.mark.parametrize(
    ("fields", "file", "counts"),
    [
        ({}, {"route": "other"}, False),
        ({"route": None, "user": "bob"}, {"route": "other"}, True),
        ({"user": "bob"}, {"user": "eve"}, False),
        ({"glob": "in/*.csv"}, {}, True),
        ({"glob": "*.csv"}, {}, False),
        ({}, {"status": JobStatus.FAILED}, True),
        ({}, {"status": JobStatus.QUARANTINED}, False),
        ({}, {"status": JobStatus.CANCELLED}, False),
        ({"route": None, "glob": "**"}, {"tenant": "other"}, False),
    ],
)
def test_only_files_that_are_meant_count(
    world: ExpectationWorld, fields: dict[str, Any], file: dict[str, Any], counts: bool
) -> None:
    world.expect(**fields)
    world.file("05:00", **file)
    world.tick("06:01")
    assert statuses(world) == [MET if counts else MISSING]


def test_content_that_comes_twice_is_a_duplicate_and_counts_once(world: ExpectationWorld) -> None:
    world.expect(min_count=2)
    first = world.file("05:00", size=7, sha256="a" * 64)
    second = world.file("05:10", size=7, sha256="a" * 64)
    world.file("05:20", size=7, sha256="b" * 64)
    world.tick("06:01")
    (window,) = world.windows()
    assert (window.status, window.count, window.duplicates) == (MET, 2, [second])
    assert first in window.jobs
    assert world.told() == ["Duplicate"]
    (event,) = world.sns.of_type("ExpectationDuplicate")
    assert event["data"]["duplicates"] == [second]


def test_a_file_too_many_is_a_duplicate(world: ExpectationWorld) -> None:
    world.expect(max_count=1)
    world.file("05:00")
    second = world.file("05:10")
    world.tick("06:01")
    assert world.windows()[0].duplicates == [second]
    assert world.told() == ["Duplicate"]


def test_a_job_that_its_route_took_for_a_duplicate_is_one(world: ExpectationWorld) -> None:
    world.expect()
    again = world.file("05:10", status=JobStatus.DUPLICATE)
    world.tick("06:01")
    (window,) = world.windows()
    assert (window.status, window.duplicates) == (MISSING, [again])
    assert world.told() == ["Missing", "Duplicate"]


def test_the_same_content_may_be_allowed(world: ExpectationWorld) -> None:
    world.expect(same_content="allow")
    world.file("05:00", size=7, sha256="a" * 64)
    world.file("05:10", size=7, sha256="a" * 64)
    world.tick("06:01")
    assert (world.windows()[0].count, world.told()) == (2, [])


def test_a_changed_expectation_is_watched_by_its_new_schedule_only(world: ExpectationWorld) -> None:
    world.expect()
    world.tick("05:00")
    world.change(schedule={"kind": "daily", "at": "07:00"})
    assert world.tick("06:01")["dropped"] == 1
    assert world.windows() == []
    world.tick("07:01")
    assert [window.deadline[11:16] for window in world.windows()] == ["07:00"]


def test_a_window_whose_deadline_has_passed_is_judged_though_the_expectation_is_changed_then(
    world: ExpectationWorld,
) -> None:
    world.expect()
    world.at = datetime(2026, 6, 1, 6, 0, 5, tzinfo=UTC)
    world.change(description="in the seconds between deadline and judgement")
    world.tick("06:01")
    assert (statuses(world), world.told()) == ([MISSING], ["Missing"])
    due = list(world.services.windows.due("eu-central-1", "2027"))
    assert sorted((one.kind, one.deadline[:10]) for one in due) == [("deadline", "2026-06-02"), ("late", "2026-06-01")]


def test_late_files_are_looked_out_for_after_a_change(world: ExpectationWorld) -> None:
    world.expect()
    world.tick("06:01")
    world.at = datetime(2026, 6, 1, 6, 1, 30, tzinfo=UTC)
    world.change(description="what is missing stays missing")
    world.file("06:05")
    world.tick("06:06")
    assert (statuses(world), world.told()) == ([LATE], ["Missing", "Late"])


def test_other_files_of_a_busy_tenant_do_not_hide_the_one_that_came(
    world: ExpectationWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fileferry.expectations.watch._MOST_JOBS", 3)
    monkeypatch.setattr("fileferry.expectations.watch._PAGE", 2)
    world.expect(route=None, user="bob")
    job = world.file("04:30")
    for minute in range(6):
        world.file(f"05:0{minute}", user="eve")
    world.tick("06:01")
    assert (statuses(world), world.windows()[0].jobs) == ([MET], [job])


def test_a_disabled_expectation_is_not_watched_until_it_is_enabled(world: ExpectationWorld) -> None:
    world.expect()
    world.change(enabled=False)
    world.tick("06:01")
    world.tick("2026-06-02T06:01:00Z")
    assert world.windows() == []
    world.change()
    world.tick("2026-06-03T06:01:00Z")
    assert len(world.windows()) == 1


def test_the_windows_of_a_disabled_tenant_are_not_judged(world: ExpectationWorld) -> None:
    world.expect()
    writer = ConfigWriter(world.services.dynamodb, "config")
    writer.replace_tenant("acme", TenantSpec(name="Acme", enabled=False))
    world.tick("06:01")
    assert world.windows() == []
    writer.replace_tenant("acme", TenantSpec(name="Acme"))
    world.services.config._tenants.clear()
    world.tick("2026-06-02T06:01:00Z")
    assert len(world.windows()) == 1


def test_one_that_cannot_be_judged_does_not_stop_the_others(world: ExpectationWorld) -> None:
    world.expect("a-bad", glob="{1..100000}", route=None)
    world.expect("b-good")
    world.file("05:00")
    with pytest.raises(ConfigurationError, match="glob"):
        world.tick("06:01")
    assert statuses(world, "b-good") == [MET]
    assert statuses(world, "a-bad") == []


def test_a_call_that_runs_out_of_time_leaves_the_rest_to_the_next(world: ExpectationWorld) -> None:
    for name in ("a", "b", "c"):
        world.expect(name, late_minutes=0)
    assert world.tick("06:01", steps=2)["finished"] == 0
    assert [statuses(world, name) for name in ("a", "b", "c")] == [[MISSING], [MISSING], []]
    assert world.tick("06:02")["finished"] == 1
    assert statuses(world, "c") == [MISSING]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_call_that_is_killed_anywhere_is_made_good_by_the_next(world: ExpectationWorld, moment: str) -> None:
    for number in range(1, 30):
        name = f"e{number}"
        world.at = datetime(2026, 6, 1, tzinfo=UTC)
        world.expect(name, route=f"r{number}", max_count=1)
        world.sns.published.clear()
        world.file("05:00", route=f"r{number}", status=JobStatus.DUPLICATE)
        world.faults.log.clear()
        world.faults.number, world.faults.moment = number, moment
        try:
            world.tick("06:01")
            killed = False
        except Killed:
            killed = True
        world.faults.number = 0
        world.tick("06:02")
        world.file("06:02:30", route=f"r{number}")
        world.faults.log.clear()
        world.faults.number = number
        try:
            world.tick("06:04")
            killed_again = False
        except Killed:
            killed_again = True
        world.faults.number = 0
        world.tick("06:06")
        assert world.told() == world.told("events") == ["Missing", "Duplicate", "Late"]
        assert statuses(world, name) == [LATE]
        due = [one for one in world.services.windows.due("eu-central-1", "2026-06-02T09") if one.expectation == name]
        assert [(one.kind, one.deadline[:10]) for one in due] == [("deadline", "2026-06-02")]
        if not killed and not killed_again:
            assert number > 4
            return
    pytest.fail("the watch has more side effects than were tried")


def test_two_calls_at_once_record_one_outcome(world: ExpectationWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.expect()
    decide = world.services.windows.decide

    def decide_second(window: Any) -> Any:
        monkeypatch.setattr(world.services.windows, "decide", decide)
        world.tick("06:01")  # another call, which is faster
        world.file("05:59:59")  # whose job appears in the index only now
        return decide(window.model_copy(update={"status": MET}))

    monkeypatch.setattr(world.services.windows, "decide", decide_second)
    world.tick("06:01")
    assert statuses(world) == [MISSING]
    assert world.told() == ["Missing"]
    due = list(world.services.windows.due("eu-central-1", "2027"))
    assert sorted(one.kind for one in due) == ["deadline", "late"]


def test_what_is_due_waits_for_a_record_that_is_written_a_moment_later(world: ExpectationWorld) -> None:
    put = world.services.windows.put_due
    written: list[Any] = []
    world.at = world.at.replace(hour=5, minute=59, second=59)
    world.services.windows.put_due = lambda region, due: (put(region, due), written.append(world.tick("06:01")))  # type: ignore[method-assign,assignment]
    world.expect()
    assert written[0]["due"] == 1
    assert world.tick("06:02")["due"] == 1
    assert statuses(world) == [MISSING]
