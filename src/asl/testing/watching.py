"""A machine that tells which way its executions go: each state's functions are wrapped once, when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from asl.machine import Machine
from asl.states.error_handling import Catcher, Retrier
from asl.states.state import END, Perform, State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.expressions.expression import Randomness
    from asl.frame import Frame

Entered = Callable[["Execution", State], None]
"""Told when a state is entered, and again for each retry."""
Passed = Callable[[str], None]
"""Told the JSON pointer of the Next, End, rule, Default, catcher or retrier that an execution went by."""


def watched(machine: Machine, entered: Entered, passed: Passed) -> Machine:
    """A machine of its own with the same definition, whose executions are told to `entered` and `passed`."""
    import json

    definition = machine.definition
    twin = Machine(json.dumps(definition), machine.digest, definition)
    for state in twin.states():
        _watch(state, entered, passed)
    return twin


def _watch(state: State, entered: Entered, passed: Passed) -> None:
    going = _choosing(state, passed) if state.type == "Choice" else _going(state, passed)
    # A task that is done in line concludes within `perform`.
    begin = state.perform if state.type == "Task" else going(state.perform)

    def perform(execution: Execution, frame: Frame) -> State | None:
        entered(execution, state)
        return begin(execution, frame)

    state.perform, state.conclude, state.pump = perform, going(state.conclude), going(state.pump)
    state.catchers = tuple(
        replace(catcher, conclude=_catching(catcher, f"{state.place}/Catch/{index}", passed))
        for index, catcher in enumerate(state.catchers)
    )
    state.retriers = tuple(
        cast(Retrier, _Retrying(retrier, f"{state.place}/Retry/{index}", passed))
        for index, retrier in enumerate(state.retriers)
    )


def _going(state: State, passed: Passed) -> Callable[[Perform], Perform]:
    onward = f"{state.place}/{'End' if state.next is END else 'Next'}"

    def going(step: Perform) -> Perform:
        def told(execution: Execution, frame: Frame) -> State | None:
            following = step(execution, frame)
            if following is not None:
                passed(onward)
            return following

        return told

    return going


def _choosing(state: State, passed: Passed) -> Callable[[Perform], Perform]:
    held: list[int] = []

    def noting(index: int, rule: Callable[..., bool]) -> Callable[..., bool]:
        def holds(data: Any, frame: Frame) -> bool:
            if rule(data, frame):
                held.append(index)
                return True
            return False

        return holds

    state.rules[:] = [(noting(index, rule[0]), *rule[1:]) for index, rule in enumerate(state.rules)]

    def choosing(step: Perform) -> Perform:
        def told(execution: Execution, frame: Frame) -> State | None:
            held.clear()
            following = step(execution, frame)
            if following is not None:
                passed(f"{state.place}/Choices/{held[0]}" if held else f"{state.place}/Default")
            return following

        return told

    return choosing


def _catching(catcher: Catcher, pointer: str, passed: Passed) -> Any:
    def told(*arguments: Any) -> None:
        catcher.conclude(*arguments)
        passed(pointer)

    return told


class _Retrying:
    """Stands for a retrier. One that allows no attempts counts when an error meets it."""

    def __init__(self, retrier: Retrier, pointer: str, passed: Passed) -> None:
        self.errors = retrier.errors
        self._retrier = retrier
        self._pointer = pointer
        self._passed = passed

    @property
    def max_attempts(self) -> int:
        if not self._retrier.max_attempts:
            self._passed(self._pointer)
        return self._retrier.max_attempts

    def delay(self, attempt: int, randomness: Randomness) -> float:
        self._passed(self._pointer)
        return self._retrier.delay(attempt, randomness)
