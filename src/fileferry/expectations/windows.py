"""When an expectation's windows open, close and are given up: pure functions of the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from fileferry.model.expectation import ExpectationSpec


@dataclass(frozen=True)
class Span:
    """A window in UTC: files count that come after `opens_at` until `deadline`, and late ones until `late_until`."""

    opens_at: datetime
    deadline: datetime
    late_until: datetime


def deadlines_after(spec: ExpectationSpec, at: datetime) -> Iterator[datetime]:
    """The deadlines later than `at`, in UTC.

    As Debian's cron has it: a time on the clock that a change of the clock skips is due right after the change, and
    one that comes twice is due at the first.
    """
    local = at.astimezone(ZoneInfo(spec.time_zone))
    for found in CronSim(spec.schedule.cron, local):
        yield found.astimezone(UTC)


def next_span(spec: ExpectationSpec, at: datetime) -> Span | None:
    """The window whose deadline is the next one after `at`; None when the schedule has no more."""
    deadline = next(deadlines_after(spec, at), None)
    return span_of(spec, deadline) if deadline else None


def span_of(spec: ExpectationSpec, deadline: datetime) -> Span:
    """The window with this deadline. Late files are looked out for until the next window opens at most."""
    window = timedelta(minutes=spec.window_minutes)
    late_until = deadline + timedelta(minutes=spec.late_minutes)
    following = next(deadlines_after(spec, deadline), None)
    if following is not None:
        late_until = max(deadline, min(late_until, following - window))
    return Span(deadline - window, deadline, late_until)
