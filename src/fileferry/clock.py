"""The wall clock, in one place, so that tests can stop it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def timestamp(at: datetime | None = None) -> str:
    """ISO 8601 in UTC with microseconds: sorts as text."""
    return (at or now()).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
