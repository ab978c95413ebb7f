"""Tasks answered from a mock file, that of AWS's Step Functions Local or a plainer one.

Source: AWS Step Functions Developer Guide, "Configuration file for mocked service integrations". There, `StateMachines`
→ machine → `TestCases` → case names for every mocked state an entry of `MockedResponses`, which holds for every
invocation, counted from 0 (`"0"`, `"1-2"`), what it answers: `{"Return": …}` or `{"Throw": {"Error": …, "Cause": …}}`.
The plain form is an object of states: a list has the answers in their order, any other value is the answer every time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from asl.errors import AslError, TaskFailed
from asl.requests import Submitted, TaskRequest

Perform = Callable[[TaskRequest], Any]

_INVOCATIONS = re.compile(r"(\d+)(?:-(\d+))?")
_FOREVER = 1 << 62


class BadMocks(AslError):
    """A mock file that is not well formed; `where` is the place in it (`MockedResponses.Answer.0`)."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}" if where else reason)
        self.where = where
        self.reason = reason


class NoMock(AslError):
    """A state was invoked that has no mocked answer (or not so many), and nothing else is there to do its task."""

    def __init__(self, state: str, invocation: int, answers: int) -> None:
        if answers:
            reason = (
                f"invocation {invocation} of state '{state}' has no mocked answer; the last one is for {answers - 1}"
            )
        else:
            reason = f"state '{state}' is not mocked"
        super().__init__(reason)
        self.state = state
        self.invocation = invocation


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the invocations from `first` to `last` (both included, from 0) get."""

    first: int
    last: int
    result: Any = None
    failure: tuple[str, str | None] | None = None

    def given(self, request: TaskRequest) -> Any:
        if self.failure is not None:
            raise TaskFailed(*self.failure)
        if request.resource.endswith(".waitForTaskToken"):
            return Submitted(
                {}, self.result
            )  # a mocked callback comes at once; what the service itself said is not mocked
        return self.result


@dataclass(slots=True)
class Mocks:
    """A `tasks` callable for one execution: it counts the invocations of every state, retries among them."""

    answers: Mapping[str, tuple[_Answer, ...]]
    others: Perform | None = None
    invoked: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __call__(self, request: TaskRequest) -> Any:
        """The answer for this invocation. Raises `TaskFailed` for a mocked error, `NoMock` where none is there."""
        mocked = self.answers.get(request.state, ())
        if not mocked and self.others is not None:
            return self.others(request)
        with self._lock:
            invocation = self.invoked[request.state]
            self.invoked[request.state] += 1
        for answer in mocked:
            if answer.first <= invocation <= answer.last:
                return answer.given(request)
        raise NoMock(request.state, invocation, mocked[-1].last + 1 if mocked else 0)


def mock_tasks(
    config: Mapping[str, Any],
    state_machine: str | None = None,
    test_case: str | None = None,
    *,
    others: Perform | None = None,
) -> Mocks:
    """The `tasks` of a mock file (its parsed JSON), fresh for one execution.

    `state_machine` and `test_case` choose in a file of AWS's form, and may be left out where it has only one. `others`
    does the tasks of states that are not mocked. Raises `BadMocks`.
    """
    if not isinstance(config, Mapping):
        raise BadMocks("", "a mock file must hold an object")
    if "StateMachines" in config or "MockedResponses" in config:
        return Mocks(_case_answers(config, state_machine, test_case), others)
    if state_machine is not None or test_case is not None:
        raise BadMocks("", "only a file with StateMachines has test cases; this one is a plain object of states")
    return Mocks({state: _plain(state, answers) for state, answers in config.items()}, others)


# ---- AWS's form ----


def _case_answers(
    config: Mapping[str, Any], state_machine: str | None, test_case: str | None
) -> dict[str, tuple[_Answer, ...]]:
    machines = _object(config.get("StateMachines"), "StateMachines")
    machine_name = _chosen(machines, state_machine, "StateMachines", "state machine")
    where = f"StateMachines.{machine_name}"
    machine = _object(machines[machine_name], where)
    cases = _object(machine.get("TestCases"), f"{where}.TestCases")
    case_name = _chosen(cases, test_case, f"{where}.TestCases", "test case")
    case = _object(cases[case_name], f"{where}.TestCases.{case_name}")
    responses = _object(config.get("MockedResponses"), "MockedResponses")
    return {state: _response(responses, name, f"{where}.TestCases.{case_name}.{state}") for state, name in case.items()}


def _chosen(names: Mapping[str, Any], wanted: str | None, where: str, what: str) -> str:
    listed = ", ".join(names) or "none"
    if wanted is not None:
        if wanted not in names:
            raise BadMocks(where, f"there is no {what} '{wanted}', there are: {listed}")
        return wanted
    if len(names) != 1:
        raise BadMocks(where, f"say which {what}: {listed}")
    return next(iter(names))


def _response(responses: Mapping[str, Any], name: Any, where: str) -> tuple[_Answer, ...]:
    if not isinstance(name, str) or name not in responses:
        raise BadMocks(where, f"there is no mocked response {name!r} in MockedResponses")
    where = f"MockedResponses.{name}"
    answers = [_numbered(key, value, f"{where}.{key}") for key, value in _object(responses[name], where).items()]
    answers.sort(key=lambda answer: answer.first)
    expected = 0
    for answer in answers:
        if answer.first != expected:
            what = "is there twice" if answer.first < expected else "is missing"
            raise BadMocks(where, f"invocation {min(answer.first, expected)} {what}; count without gaps from 0")
        expected = answer.last + 1
    return tuple(answers)


def _numbered(key: str, value: Any, where: str) -> _Answer:
    match = _INVOCATIONS.fullmatch(key)
    if match is None:
        raise BadMocks(where, 'the name must be the number of an invocation ("0") or a range of them ("1-2")')
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise BadMocks(where, "the range ends before it begins")
    if not isinstance(value, Mapping) or set(value) not in ({"Return"}, {"Throw"}):
        raise BadMocks(where, "there must be one field, Return or Throw")
    return _answer(value, first, last, where)


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadMocks(where, "there must be an object")
    return value


# ---- the plain form, and what both have ----


def _plain(state: str, answers: Any) -> tuple[_Answer, ...]:
    if not isinstance(answers, list):
        return (_value(answers, 0, _FOREVER, state),)
    return tuple(_value(value, number, number, f"{state}[{number}]") for number, value in enumerate(answers))


def _value(value: Any, first: int, last: int, where: str) -> _Answer:
    if isinstance(value, Mapping) and set(value) in ({"Return"}, {"Throw"}):
        return _answer(value, first, last, where)
    return _Answer(first, last, value)


def _answer(value: Mapping[str, Any], first: int, last: int, where: str) -> _Answer:
    if "Return" in value:
        return _Answer(first, last, value["Return"])
    thrown = _object(value["Throw"], f"{where}.Throw")
    error, cause = thrown.get("Error"), thrown.get("Cause")
    if not isinstance(error, str) or not (cause is None or isinstance(cause, str)):
        raise BadMocks(f"{where}.Throw", "there must be a text in Error, and in Cause if it is there")
    return _Answer(first, last, failure=(error, cause))
