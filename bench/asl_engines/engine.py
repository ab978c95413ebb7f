"""What every engine gives to the bench."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Answers = Mapping[str, Sequence[Mapping[str, Any]]]
"""Function → what its calls answer in turn, over and over: `{"return": value}` or `{"error": name, "cause": text}`."""


class CannotRun(Exception):
    """The engine cannot run this definition; the text says why."""


@dataclass(frozen=True)
class Prepared:
    """A loaded definition with its input: `run` is timed, `output` makes the JSON value of what it gave.

    `entered` counts the states that the last run entered, where the engine's history tells it.
    """

    run: Callable[[], Any]
    output: Callable[[Any], Any]
    entered: Callable[[], int | None] = lambda: None


class Engine(Protocol):
    def prepare(self, definition: str, given: Any, answers: Answers) -> Prepared:
        """Load a definition (JSON text) for an input. Raises CannotRun."""


class Functions:
    """Lambda functions that answer from a list."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._calls = dict.fromkeys(answers, 0)

    def answer(self, arn: str) -> Mapping[str, Any]:
        """The next answer of the function with this ARN."""
        name = arn.rpartition(":")[2]
        turn = self._calls[name]
        self._calls[name] = turn + 1
        answers = self._answers[name]
        return answers[turn % len(answers)]
