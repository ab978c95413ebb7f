"""The wall clock, in one place, so that tests can stop it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def timestamp(at: datetime | None = None) -> str:
    """ISO 8601 in UTC with microseconds: sorts as text, also before the year 1000, for which strftime has fewer digits.

    `at` is in UTC.
    """
    return f"{(at or now()).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def timestamp_of_second(at: datetime) -> str:
    """ISO 8601 in UTC without a fraction; `at` is in UTC."""
    return f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def parse_time(text: str) -> datetime:
    """A moment from ISO 8601 text; without an offset it is in UTC. Raises ValueError that shows an example."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a date and time in ISO 8601, such as 2026-01-31T08:00:00Z") from error
