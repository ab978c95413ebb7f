"""What an engine must do to run a workflow's cases, and what it tells afterwards.

Two engines stand here: `executions.py` (whole executions on Step Functions) and `single_states.py` (state by state
through TestState). Another engine joins them by implementing `Engine`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Completion:
    """How a task token is completed: SendTaskSuccess with `output`, or SendTaskFailure with `error`."""

    output: Mapping[str, Any] | None = None
    error: str | None = None
    cause: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer of a mocked function: its result, or the error that the task ends with.

    `completion` is what comes for the task token afterwards; None where nothing comes (or no token is given).
    """

    result: Any = None
    error: str | None = None
    cause: str = ""
    completion: Completion | None = None


Mocks = Mapping[str, Sequence[Answer]]
"""State → answers in their order, one a call."""


@dataclass(frozen=True)
class Call:
    """What one function was called with."""

    state: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How an execution went.

    `path` has a state's name once for each entry and once more for each retry; `output` is set when `status` is
    SUCCEEDED, `error` and `cause` when it is FAILED.
    """

    path: tuple[str, ...]
    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    calls: tuple[Call, ...] = field(default=(), compare=False)


class Engine(Protocol):
    """Runs a definition (ASL, with its substitutions still in it) on an input, with mocked tasks."""

    def run(self, definition: Mapping[str, Any], input: Mapping[str, Any], mocks: Mocks) -> Outcome: ...


class TooManyCalls(AssertionError):
    """A state called its function more often than the case has answers."""


class Script:
    """Plays the mocked functions of one run: hands out the answers in order and notes the calls."""

    def __init__(self, mocks: Mocks) -> None:
        self._answers = {state: list(answers) for state, answers in mocks.items()}
        self._calls: list[Call] = []

    def call(self, state: str, payload: Mapping[str, Any]) -> Answer:
        """The next answer of a state. Raises TooManyCalls."""
        self._calls.append(Call(state, payload))
        answers = self._answers.get(state, [])
        if not answers:
            raise TooManyCalls(f"{state} was called once more than the case has answers")
        return answers.pop(0)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(self._calls)

    @property
    def unused(self) -> dict[str, int]:
        """States whose answers were not all asked for, with how many are left."""
        return {state: len(answers) for state, answers in self._answers.items() if answers}
