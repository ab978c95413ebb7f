"""Failures: a state's error is retried, caught, or fails its frame, and with it what the frame belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asl.errors import QueryEvaluationError, RuntimeFailure, StateError
from asl.forking import fork_of, pump
from asl.frame import ENDED, RETRY, Frame
from asl.states.error_handling import Catcher, error_output, find_catcher, next_attempt, reported
from asl.status import FAILED

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.states.state import State


def recover(execution: Execution, frame: Frame, state: State, failure: StateError) -> State | None:
    """Retry or catch; else fail the frame. Returns the catcher's state."""
    error, cause = failure.error, _located(frame, state, failure)
    if isinstance(failure, QueryEvaluationError):
        _note_evaluation(execution, frame, state, failure, cause)
    drop_fork(execution, frame)
    frame.token = None
    retry = next_attempt(state.retriers, frame.retries, error, execution.randomness)
    if retry is not None:
        frame.retries = retry.counts
        execution.wait(frame, execution.now() + retry.delay, RETRY)
        return None
    if state.type in ("Map", "Parallel") and not isinstance(failure, RuntimeFailure):
        frame.previous = frame.log.add(f"{state.type}StateFailed", frame.previous, execution.now())
    catcher = find_catcher(state.catchers, error)
    if catcher is None:
        fail_frame(execution, frame, reported(error), cause)
        return None
    return _catch(execution, frame, catcher, reported(error), cause)


def _catch(execution: Execution, frame: Frame, catcher: Catcher, error: str | None, cause: str | None) -> State | None:
    """Make the error the state's output; a catcher that fails itself is not caught."""
    bound = 6 * (len(error or "") + len(cause or "")) + 24
    try:
        catcher.conclude(execution, frame, error_output(error, cause), bound)
    except StateError as failure:
        cause = _located(frame, frame.state, failure)
        if isinstance(failure, QueryEvaluationError):
            _note_evaluation(execution, frame, frame.state, failure, cause)
        fail_frame(execution, frame, failure.error, cause)
        return None
    return catcher.next


def _located(frame: Frame, state: State, failure: StateError) -> str | None:
    if not failure.located:
        return failure.cause
    place = f"the state '{state.name}' (entered at the event id #{frame.entered_id})"
    return f"An error occurred while executing {place}. {failure.cause}"


def _note_evaluation(
    execution: Execution, frame: Frame, state: State, failure: QueryEvaluationError, cause: str | None
) -> None:
    previous = frame.previous
    if previous == frame.entered_id and not failure.late:
        previous = frame.event_before_entry()
    frame.previous = frame.log.add(
        "EvaluationFailed", previous, execution.now(), state.name, failure.location, failure.error, cause
    )


def fail_frame(execution: Execution, frame: Frame, error: str | None, cause: str | None) -> None:
    """The frame cannot go on; its parent, or the execution, fails with it."""
    frame.phase = ENDED
    parent = frame.parent
    if parent is None:
        execution.log.close("ExecutionFailed", frame.previous, execution.now(), error, cause)
        execution.finish(FAILED, error, cause)
        return
    fork = fork_of(parent)
    del fork.running[frame.index]
    if frame.log is parent.log:
        if parent.state.type == "Map":
            parent.log.add("MapIterationFailed", frame.previous, execution.now(), parent.state.name, frame.index)
        elif frame.state.type == "Task":
            _note_abortion(execution, frame)
        parent.previous = frame.previous
        fork.error = (error, cause)
    else:
        fork.failures.append(frame.index)
        fork.results[frame.index] = error_output(error, cause)
    pump(execution, parent)


def overflow(execution: Execution, frame: Frame) -> None:
    """The history of the frame's execution is full: that execution (the whole, or a Map Run's child) fails."""
    while frame.parent is not None and frame.parent.log is frame.log:
        frame = frame.parent
    drop(execution, frame)
    frame.previous = frame.log.count
    cause = f"The execution reached the maximum number of history events ({frame.log.limit + 1})."
    fail_frame(execution, frame, "States.Runtime", cause)


def drop_fork(execution: Execution, frame: Frame) -> None:
    """End what still runs in a Parallel or Map that has failed."""
    fork, frame.fork = frame.fork, None
    if fork is None:
        return
    for index, child in fork.running.items():
        drop(execution, child)
        if child.log is not frame.log:
            continue
        _note_abortion(execution, child)
        if frame.state.type == "Map":
            frame.log.add("MapIterationAborted", child.previous, execution.now(), frame.state.name, index)


def drop(execution: Execution, frame: Frame) -> None:
    """End a frame and all below it without any event."""
    frame.phase = ENDED
    execution.forget(frame)
    fork, frame.fork = frame.fork, None
    for child in fork.running.values() if fork is not None else ():
        drop(execution, child)


def _note_abortion(execution: Execution, frame: Frame) -> None:
    if frame.state.type in ("Task", "Wait", "Map", "Parallel"):
        frame.previous = frame.log.add(f"{frame.state.type}StateAborted", frame.previous, execution.now())
