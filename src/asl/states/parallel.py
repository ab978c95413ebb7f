"""Parallel: runs its branches side by side; its result is the array of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from asl.forking import begin_child, failed_with
from asl.frame import FORK, Fork
from asl.states.data_flow import UNKNOWN, compile_conclusion, compile_preparation
from asl.states.state import Block, State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame


def compile_parallel(state: State, spec: Mapping[str, Any], jsonata: bool, branches: Sequence[Block]) -> None:
    """Compile a Parallel state."""
    prepare = compile_preparation(spec, jsonata)
    conclude_with, following = compile_conclusion(spec, jsonata), state.next
    number = len(branches)

    def perform(execution: Execution, frame: Frame) -> State | None:
        frame.previous = frame.log.add("ParallelStateStarted", frame.previous, execution.now())
        data = frame.data if prepare is None else prepare.evaluate(frame.data, frame)
        frame.fork = fork = Fork([data] * number, number)
        fork.last_event = frame.previous
        return pump(execution, frame)

    def pump(execution: Execution, frame: Frame) -> State | None:
        fork = frame.fork
        assert fork is not None
        if fork.error is not None:
            raise failed_with(fork)
        if fork.next < number:
            branch = branches[fork.next]
            size = frame.size if prepare is None else frame.size * prepare.copies + prepare.constant
            child = begin_child(execution, frame, fork.next, branch.start, frame.log, fork.items[fork.next], size)
            child.previous = fork.last_event
            fork.next += 1
            return None
        if fork.running:
            frame.phase = FORK
            return None
        frame.fork = None
        frame.log.add("ParallelStateSucceeded", frame.previous, execution.now())
        conclude_with(execution, frame, fork.results, UNKNOWN)
        return following

    state.perform, state.pump = perform, pump
