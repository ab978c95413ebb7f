"""Retry and Catch by their definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

CHANCE = 0.5
"""Every random number of a test."""


def takes(names: Sequence[str], error: str | None) -> bool:
    """Whether an ErrorEquals takes an error. Nothing takes States.Runtime."""
    if error == "States.Runtime":
        return False
    for name in names:
        if name in ("States.ALL", error):
            return True
        if name == "States.TaskFailed" and error is not None and error != "States.Timeout":
            return True
    return False


def retry_delay(state: Mapping[str, Any], used: list[int], error: str | None) -> float | None:
    """Seconds until the next attempt, counted in `used`; None if the state is not tried again."""
    for number, retrier in enumerate(state.get("Retry", [])):
        if not takes(retrier["ErrorEquals"], error):
            continue
        if used[number] >= retrier.get("MaxAttempts", 3):
            return None
        delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** used[number]
        used[number] += 1
        delay = min(delay, retrier.get("MaxDelaySeconds", delay))
        return float(delay * CHANCE if retrier.get("JitterStrategy") == "FULL" else delay)
    return None


def catcher_of(state: Mapping[str, Any], error: str | None) -> Mapping[str, Any] | None:
    return next((catcher for catcher in state.get("Catch", []) if takes(catcher["ErrorEquals"], error)), None)
