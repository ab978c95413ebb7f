"""Where time comes from. Nothing else in this package looks at the wall clock.

Times are seconds since the epoch (floats); `iso` gives the text form that Step Functions uses.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def pass_until(self, moment: float) -> None:
        """Return when it is `moment` or later."""


class SystemClock:
    """The wall clock."""

    def now(self) -> float:
        return time.time()

    def pass_until(self, moment: float) -> None:
        remaining = moment - time.time()
        if remaining > 0:
            time.sleep(remaining)


class VirtualClock:
    """A clock that stands still until it is told to pass: waits of a year take no time.

    The same run gives the same times. It starts at `start` (by default the beginning of 2025).
    """

    def __init__(self, start: float = 1_735_689_600.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def pass_until(self, moment: float) -> None:
        self._now = max(self._now, moment)


def iso(moment: float) -> str:
    """`2025-01-01T00:00:00.000Z`, as the context object gives times."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
