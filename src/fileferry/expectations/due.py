"""When the watch looks at what: pure functions of an expectation's schedule."""

from __future__ import annotations

from datetime import datetime, timedelta

from fileferry.clock import timestamp
from fileferry.expectations.windows import next_span
from fileferry.model.expectation import Expectation
from fileferry.repositories.windows import Due

GRACE = timedelta(seconds=15)
"""From the deadline until it is judged: what came in time must be in the jobs' index by then."""
LATE_EVERY = timedelta(minutes=1)


def first_due(expectation: Expectation, after: datetime) -> Due | None:
    """The next deadline after a moment; None when the schedule has no more."""
    span = next_span(expectation, after)
    if span is None:
        return None
    return Due(
        due_at=timestamp(span.deadline + GRACE),
        tenant=expectation.tenant,
        expectation=expectation.id,
        kind="deadline",
        deadline=timestamp(span.deadline),
        version=expectation.updated_at,
    )


def late_due(due: Due, at: datetime) -> Due:
    """The next look for the late files of the window of `due`."""
    return Due(
        due_at=timestamp(at + LATE_EVERY),
        tenant=due.tenant,
        expectation=due.expectation,
        kind="late",
        deadline=due.deadline,
        version=due.version,
    )
