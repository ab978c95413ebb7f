"""What a state's failure comes to: a retry, a catcher's output, or the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asl.errors import StateError
from asl.states.data_flow import UNKNOWN
from asl.states.error_handling import error_output, matches

if TYPE_CHECKING:
    from asl.single_state.trial import Trial
    from asl.states.state import State


@dataclass(frozen=True, slots=True)
class Outcome:
    """A failed state's status, error and cause. A caught error has a `following` state, and the frame the output."""

    status: str
    error: str | None
    cause: str | None
    following: State | None = None


def recovered(trial: Trial, failure: StateError) -> Outcome:
    """Retry or catch. TestState gives causes without the place that executions put before them."""
    error, cause = failure.error, failure.cause
    if _retries(trial, error):
        return Outcome("RETRIABLE", error, cause)
    for index, catcher in enumerate(trial.state.catchers):
        if matches(catcher.errors, error):
            trial.details["catchIndex"] = index
            try:
                catcher.conclude(trial.execution, trial.frame, error_output(error, cause), UNKNOWN)
            except StateError as failure_in_catch:
                return Outcome("FAILED", failure_in_catch.error, failure_in_catch.cause)
            return Outcome("CAUGHT_ERROR", error, cause, catcher.next)
    return Outcome("FAILED", error, cause)


def _retries(trial: Trial, error: str | None) -> bool:
    """Whether the retrier that takes the error has attempts left; the details name it in any case."""
    for index, retrier in enumerate(trial.state.retriers):
        if matches(retrier.errors, error):
            trial.details["retryIndex"] = index
            used = trial.parameters.retries
            if used >= retrier.max_attempts:
                return False
            trial.details["retryBackoffIntervalSeconds"] = int(retrier.delay(used, trial.execution.randomness))
            return True
    return False
