"""Branches and iterations: how they begin, and what their end means for the Parallel or Map that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asl.errors import StateError
from asl.frame import ENDED, FORK, PUMP, Fork, Frame
from asl.status import SUCCEEDED

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.history import Log
    from asl.states.state import State


class ChildFailed(StateError):
    """A branch or iteration failed; its error becomes that of the Parallel or Map."""


def ended(execution: Execution, frame: Frame) -> None:
    """A frame has left its last state."""
    frame.phase = ENDED
    parent = frame.parent
    if parent is None:
        execution.log.close("ExecutionSucceeded", frame.previous, execution.now(), frame.data)
        execution.finish(SUCCEEDED, result=frame.data)
        return
    fork = fork_of(parent)
    fork.results[frame.index] = frame.data
    del fork.running[frame.index]
    parent.previous = frame.previous if frame.log is parent.log else parent.previous
    if parent.state.type == "Map" and frame.log is parent.log:
        fork.last_event = parent.log.add(
            "MapIterationSucceeded", frame.previous, execution.now(), parent.state.name, frame.index
        )
    pump(execution, parent)


def pump(execution: Execution, parent: Frame) -> None:
    """Let a Parallel or Map look what is next, if it is not about to anyway."""
    if parent.phase == FORK:
        parent.phase = PUMP
        execution.ready.appendleft(parent)


def begin_child(execution: Execution, parent: Frame, index: int, state: State, log: Log, data: Any, size: int) -> Frame:
    """A new branch or iteration with its input and the bound of its size, to run next; the parent looks after it."""
    fork = fork_of(parent)
    child = Frame(execution, parent, state, data, size, log)
    child.index = index
    child.previous = parent.previous
    fork.running[index] = child
    parent.phase = PUMP
    execution.ready.appendleft(parent)
    execution.ready.appendleft(child)
    return child


def fork_of(frame: Frame) -> Fork:
    """The branches or iterations of a frame that is in a Parallel or Map."""
    assert frame.fork is not None
    return frame.fork


def failed_with(fork: Fork) -> ChildFailed:
    """The failure of a branch or iteration, as that of the Parallel or Map."""
    assert fork.error is not None
    error, cause = fork.error
    return ChildFailed(error, cause)
