"""What an execution asks of the outside, and what it may get back."""

from __future__ import annotations

from typing import Any, NamedTuple


class TaskRequest(NamedTuple):
    """A task that must be done.

    `id` is what its result is reported under; `parameters` is a copy that may be changed; `attempt` counts retries
    from 0; `deadline` is the time (seconds since the epoch) at which the state gives up, `heartbeat` the seconds
    within which a sign of life must come; `token` is set where the definition waits for a callback or an activity.
    """

    id: str
    resource: str
    parameters: Any
    state: str
    attempt: int = 0
    deadline: float | None = None
    heartbeat: float | None = None
    token: str | None = None
    credentials: Any = None


class TaskLimits(NamedTuple):
    """What bounds a task: seconds to do it in, seconds between signs of life, the credentials to take."""

    timeout: int | None = None
    heartbeat: int | None = None
    credentials: Any = None


NO_LIMITS = TaskLimits()


class Timer(NamedTuple):
    """Nothing can go on before `until` (seconds since the epoch), unless a task reports first."""

    until: float


Request = TaskRequest | Timer


class Later(NamedTuple):
    """A task's result that comes `seconds` after the task began. `result` may be a `TaskFailed`."""

    result: Any
    seconds: float


class _NotYet:
    """The mark of a result that is not known."""


_NOT_YET = _NotYet()


class Submitted(NamedTuple):
    """The answer of a service whose task goes on (`.waitForTaskToken`, `.sync`).

    `response` is what the service answered at once. `result` (or a `TaskFailed`) follows `after` seconds later;
    without it the state waits until somebody reports under the request's id.
    """

    response: Any
    result: Any = _NOT_YET
    after: float = 0.0

    @property
    def has_result(self) -> bool:
        return self.result is not _NOT_YET


LATER = frozenset({Later, Submitted})
"""What a task may return that is no result yet."""
