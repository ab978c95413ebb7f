"""Retry and Catch (ASL specification, "Errors").

Each retrier counts its own attempts. `States.ALL` stands for every error but those that end an execution on the spot;
`States.TaskFailed` for every error but a timeout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from asl.expressions.expression import Randomness
from asl.states.data_flow import Conclude, compile_conclusion

if TYPE_CHECKING:
    from asl.states.state import State

UNCATCHABLE = frozenset({"States.Runtime"})
LONGEST_DELAY = 99_999_999
"""Seconds: the most that IntervalSeconds may be, and more than the year that an execution may take."""

TIMEOUTS = frozenset({"States.Timeout", "States.HeartbeatTimeout"})


@dataclass(frozen=True, slots=True)
class Retrier:
    """One entry of Retry; intervals in seconds."""

    errors: frozenset[str]
    interval: float = 1
    max_attempts: int = 3
    backoff: float = 2.0
    max_delay: float | None = None
    jitter: bool = False

    def delay(self, attempt: int, randomness: Randomness) -> float:
        """Seconds before retry number `attempt` (from 0)."""
        try:
            seconds = self.interval * self.backoff**attempt
        except OverflowError:
            seconds = LONGEST_DELAY
        seconds = min(seconds, LONGEST_DELAY if self.max_delay is None else self.max_delay)
        return seconds * randomness.random() if self.jitter else seconds


@dataclass(frozen=True, slots=True)
class Catcher:
    """One entry of Catch: `conclude` turns the error output into the state's output."""

    errors: frozenset[str]
    next: State
    conclude: Conclude


class Attempt(NamedTuple):
    """A retry that is due `delay` seconds from now, with the retriers' counts after it."""

    delay: float
    counts: dict[int, int]


def reported(error: str | None) -> str | None:
    """The name under which an error is told: for a missed heartbeat AWS says `States.Timeout` (recorded)."""
    return "States.Timeout" if error == "States.HeartbeatTimeout" else error


def matches(names: frozenset[str], error: str | None) -> bool:
    """Whether an ErrorEquals list stands for this error."""
    if error is None:
        return "States.ALL" in names
    if error in UNCATCHABLE:
        return False
    if error in names:
        return True
    if "States.ALL" in names:
        return True
    if error == "States.HeartbeatTimeout" and "States.Timeout" in names:
        return True
    return "States.TaskFailed" in names and error not in TIMEOUTS


def next_attempt(
    retriers: Sequence[Retrier], counts: Mapping[int, int] | None, error: str | None, randomness: Randomness
) -> Attempt | None:
    """The retry that follows this error; None if no retrier takes it or its attempts are used up."""
    for index, retrier in enumerate(retriers):
        if matches(retrier.errors, error):
            used = (counts or {}).get(index, 0)
            if used >= retrier.max_attempts:
                return None
            return Attempt(retrier.delay(used, randomness), {**(counts or {}), index: used + 1})
    return None


def find_catcher(catchers: Sequence[Catcher], error: str | None) -> Catcher | None:
    """The first catcher that takes this error."""
    return next((catcher for catcher in catchers if matches(catcher.errors, error)), None)


def error_output(error: str | None, cause: str | None) -> dict[str, Any]:
    """What a catcher gets: Error and Cause."""
    return {"Error": error or "", "Cause": cause or ""}


def compile_retriers(spec: Mapping[str, Any]) -> tuple[Retrier, ...]:
    """The entries of a state's Retry."""
    return tuple(
        Retrier(
            errors=frozenset(entry["ErrorEquals"]),
            interval=entry.get("IntervalSeconds", 1),
            max_attempts=entry.get("MaxAttempts", 3),
            backoff=entry.get("BackoffRate", 2.0),
            max_delay=entry.get("MaxDelaySeconds"),
            jitter=entry.get("JitterStrategy", "NONE") == "FULL",
        )
        for entry in spec.get("Retry", ())
    )


def compile_catchers(spec: Mapping[str, Any], states: Mapping[str, State], jsonata: bool) -> tuple[Catcher, ...]:
    """The entries of a state's Catch."""
    return tuple(
        Catcher(
            frozenset(entry["ErrorEquals"]), states[entry["Next"]], compile_conclusion(entry, jsonata, catching=True)
        )
        for entry in spec.get("Catch", ())
    )
