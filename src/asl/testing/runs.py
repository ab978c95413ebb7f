"""Runs one case, in no time: waits, retries' intervals and time-outs pass on a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from asl.clock import VirtualClock
from asl.driver import drive
from asl.errors import TaskFailed
from asl.execution import Execution
from asl.integrations import function
from asl.integrations.reply import Call as ServiceCall
from asl.machine import Machine
from asl.randomness import SeededRandomness
from asl.requests import Submitted, TaskRequest
from asl.testing.cases import Answer, Case, Completion, Expected
from asl.testing.coverage import Coverage

if TYPE_CHECKING:
    from asl.items.ports import ItemReader, ResultWriter

_INVOKE = ":states:::lambda:invoke"


@dataclass(frozen=True)
class Call:
    """What one task was called with: a function's event, a service's parameters."""

    state: str
    payload: Any


@dataclass(frozen=True)
class Outcome:
    """How an execution went.

    `path` has a state's name once for each entry and once more for each retry; `output` is set when `status` is
    SUCCEEDED, `error` and `cause` otherwise. `unused` has the states whose answers were not all asked for, with how
    many are left. `execution` has the history.
    """

    path: tuple[str, ...]
    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    calls: tuple[Call, ...] = field(default=(), compare=False)
    unused: Mapping[str, int] = field(default_factory=dict, compare=False)
    execution: Execution | None = field(default=None, compare=False, repr=False)


class TooManyCalls(AssertionError):
    """A state called its task more often than the case has answers."""


class Script:
    """Plays the mocked tasks of one run: hands out the answers in order and notes the calls."""

    def __init__(self, answers: Mapping[str, Sequence[Answer]]) -> None:
        self._answers = {state: list(entries) for state, entries in answers.items()}
        self._calls: list[Call] = []

    def call(self, state: str, payload: Any) -> Answer:
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


def run_case(
    machine: Machine | Coverage, case: Case, *, reader: ItemReader | None = None, writer: ResultWriter | None = None
) -> Outcome:
    """Run a case on a machine; given a `Coverage`, on its machine, and what the case reaches is counted there.

    Raises `TooManyCalls`, and `Stalled` if a token is never completed and nothing times out.
    """
    return run_answers(machine, case.input, case.answers, reader=reader, writer=writer)


def run_answers(
    machine: Machine | Coverage,
    data: Any,
    answers: Mapping[str, Sequence[Answer]],
    *,
    reader: ItemReader | None = None,
    writer: ResultWriter | None = None,
) -> Outcome:
    """Run an input with mocked tasks: `answers` has for each state what its task answers, one a call. As `run_case`."""
    coverage = machine if isinstance(machine, Coverage) else _watcher(json.dumps(machine.definition))
    script = Script(answers)
    execution = coverage.machine.start(
        data, clock=VirtualClock(), randomness=SeededRandomness(), reader=reader, writer=writer
    )
    path = coverage.follow(execution)
    try:
        drive(execution, lambda request: play(script, request))
    finally:
        coverage.forget(execution)
    return Outcome(
        path=tuple(path),
        status=execution.status,
        output=execution.output,
        error=execution.error,
        cause=execution.cause,
        calls=script.calls,
        unused=script.unused,
        execution=execution,
    )


def differences(expected: Expected, outcome: Outcome) -> list[str]:
    """What went otherwise than expected, a sentence each; empty if all is well."""
    found = []
    if expected.path is not None and outcome.path != expected.path:
        found.append(f"The path was {_shown(outcome.path)},\n  expected {_shown(expected.path)}.")
    for name in ("status", "output", "error", "cause"):
        was, wanted = getattr(outcome, name), getattr(expected, name)
        if was != wanted and not (name == "cause" and wanted is None):
            found.append(f"The {name} was {_text(was)},\n  expected {_text(wanted)}.")
    found += [f"{state} was not asked for {count} of its answers." for state, count in outcome.unused.items()]
    return found


def _shown(path: Sequence[str]) -> str:
    return " → ".join(path)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=32)
def _watcher(definition: str) -> Coverage:
    """For runs whose coverage nobody wants: only the path is."""
    return Coverage(definition)


def play(script: Script, request: TaskRequest) -> Any:
    """The answer to a task: raised, returned, or with its token's completion to come."""
    invoked = _INVOKE in request.resource
    answer = script.call(request.state, function.event(request.parameters) if invoked else request.parameters)
    if answer.error is not None:
        raise TaskFailed(answer.error, answer.cause or None)
    result = function.response(answer.result, ServiceCall(request.id)) if invoked else answer.result
    if not request.resource.endswith(".waitForTaskToken"):
        return result
    if answer.completion is None:
        return Submitted(result)
    return Submitted(result, _completed(answer.completion))


def _completed(completion: Completion) -> Any:
    if completion.error is not None:
        return TaskFailed(completion.error, completion.cause or None)
    return completion.output
