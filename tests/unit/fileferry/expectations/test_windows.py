"""Deadlines on the clock of a time zone, also on the two days on which it is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fileferry.clock import parse_time, timestamp
from fileferry.expectations.windows import deadlines_after, next_span
from fileferry.model.expectation import ExpectationSpec

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"


def spec(schedule: dict[str, Any] | str, zone: str = BERLIN, **fields: Any) -> ExpectationSpec:
    if isinstance(schedule, str):
        schedule = {"kind": "cron" if " " in schedule else "daily", "cron" if " " in schedule else "at": schedule}
    values = {"user": "bob", "schedule": schedule, "time_zone": zone, "window_minutes": 60}
    return ExpectationSpec.model_validate({**values, **fields})


def deadlines(given: ExpectationSpec, after: str, number: int) -> list[str]:
    found = islice(deadlines_after(given, parse_time(after)), number)
    return [at.strftime("%m-%dT%H:%M") for at in found]


def test_a_time_on_the_clock_follows_the_time_zone() -> None:
    assert deadlines(spec("06:00"), "2026-03-28T00:00:00Z", 3) == ["03-28T05:00", "03-29T04:00", "03-30T04:00"]
    assert deadlines(spec("06:00"), "2026-10-24T00:00:00Z", 3) == ["10-24T04:00", "10-25T05:00", "10-26T05:00"]
    assert deadlines(spec("06:00", NEW_YORK), "2026-03-07T12:00:00Z", 2) == ["03-08T10:00", "03-09T10:00"]


def test_a_time_that_the_spring_skips_is_due_right_after_it() -> None:
    assert deadlines(spec("02:30"), "2026-03-28T12:00:00Z", 2) == ["03-29T01:00", "03-30T00:30"]
    assert deadlines(spec("02:15", LORD_HOWE), "2026-10-03T12:00:00Z", 2) == ["10-03T15:30", "10-04T15:15"]


def test_a_time_that_comes_twice_in_autumn_is_due_once() -> None:
    assert deadlines(spec("02:30"), "2026-10-24T12:00:00Z", 2) == ["10-25T00:30", "10-26T01:30"]
    assert deadlines(spec("02:30"), "2026-10-25T00:45:00Z", 1) == ["10-26T01:30"]


def test_each_hour_is_due_each_hour_on_both_days() -> None:
    assert deadlines(spec("0 * * * *"), "2026-10-24T23:00:00Z", 4) == [f"10-25T0{hour}:00" for hour in range(4)]
    assert deadlines(spec("0 * * * *"), "2026-03-28T23:30:00Z", 4) == [f"03-29T0{hour}:00" for hour in range(4)]


def test_days_of_the_week_are_those_of_the_time_zone() -> None:
    weekdays = {"kind": "daily", "at": "00:30", "days": ["mon", "tue", "wed", "thu", "fri"]}
    assert deadlines(spec(weekdays), "2026-06-05T12:00:00Z", 2) == ["06-07T22:30", "06-08T22:30"]
    assert deadlines(spec("0 6 1 * *", "UTC"), "2026-06-05T12:00:00Z", 2) == ["07-01T06:00", "08-01T06:00"]


def test_a_deadline_is_after_the_moment_and_never_at_it() -> None:
    assert deadlines(spec("06:00", "UTC"), "2026-06-01T06:00:00Z", 1) == ["06-02T06:00"]
    assert deadlines(spec("06:00", "UTC"), "2026-06-01T05:59:59.999999Z", 1) == ["06-01T06:00"]


@given(
    st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "UTC", "Asia/Kathmandu"]),
    st.sampled_from(["*/15 * * * *", "30 2 * * *", "0 0 * * sun", "59 23 28-31 * *"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
)
def test_deadlines_follow_each_other_and_no_start_skips_one(zone: str, cron: str, start: datetime) -> None:
    given = spec(cron, zone)
    found = [start, *islice(deadlines_after(given, start), 5)]
    assert all(one < other for one, other in pairwise(found))
    for one, other in pairwise(found):
        assert next(deadlines_after(given, one)) == other
        assert next(deadlines_after(given, other - timedelta(microseconds=1))) == other


def test_a_window_is_as_long_as_it_says_whatever_the_clock_does() -> None:
    span = next_span(spec("06:00", window_minutes=480), parse_time("2026-03-28T12:00:00Z"))
    assert span is not None
    assert timestamp(span.opens_at) == "2026-03-28T20:00:00.000000Z"
    assert timestamp(span.deadline) == "2026-03-29T04:00:00.000000Z"


@pytest.mark.parametrize(
    ("window", "late", "until"),
    [(60, 30, "06:30"), (60, 600, "16:00"), (60, 2000, "05:00"), (1440, 600, "06:00"), (3000, 600, "06:00")],
)
def test_late_files_are_looked_out_for_until_the_next_window_opens(window: int, late: int, until: str) -> None:
    given = spec("06:00", "UTC", window_minutes=window, late_minutes=late)
    span = next_span(given, parse_time("2026-06-01T00:00:00Z"))
    assert span is not None
    assert span.late_until.strftime("%H:%M") == until
    assert span.late_until >= span.deadline


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"schedule": {"kind": "cron", "cron": "0 6 * *"}}, "five fields"),
        ({"schedule": {"kind": "cron", "cron": "0 0 6 * * *"}}, "five fields"),
        ({"schedule": {"kind": "cron", "cron": "0 25 * * *"}}, "not a cron expression"),
        ({"schedule": {"kind": "cron", "cron": "0 6 31 2 *"}}, "not a cron expression|never due"),
        ({"schedule": {"kind": "daily", "at": "24:00"}}, "pattern"),
        ({"schedule": {"kind": "daily", "at": "06:00", "days": []}}, "at least 1"),
        ({"time_zone": "Europe/Bonn"}, "IANA time zone"),
        ({"time_zone": "../../etc/passwd"}, "IANA time zone"),
        ({"time_zone": ""}, "IANA time zone"),
        ({"user": None}, "at least one of"),
        ({"max_count": 1, "min_count": 2}, "must not be less"),
        ({"window_minutes": 0}, "greater than or equal"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    values = {"user": "bob", "schedule": {"kind": "daily", "at": "06:00"}, "window_minutes": 60}
    with pytest.raises(ValidationError, match=message):
        ExpectationSpec.model_validate({**values, **fields})
