"""The running of an execution: frames advance from state to state until each of them waits or has ended.

This is the hot loop; what it calls once a state is kept short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asl.errors import StateError, TaskFailed
from asl.failing import fail_frame, recover
from asl.forking import ended
from asl.frame import CONCLUDE, ENDED, ENTER, PERFORM, PUMP, Frame
from asl.states.state import END, State

if TYPE_CHECKING:
    from asl.execution import Execution


def drain(execution: Execution) -> None:
    """Run until every frame waits, the execution has ended or its budget of states is used up."""
    ready = execution.ready
    while ready and not execution.done and execution.budget != 0:
        frame = ready.popleft()
        if frame.phase != ENDED:
            _advance(execution, frame)


def _advance(execution: Execution, frame: Frame) -> None:
    """Run a frame until it waits, ends or, with a budget, has entered as many states as it may."""
    log, clock, state = frame.log, execution.clock.now, frame.state
    events, limit = log.events, log.limit
    entering = frame.phase == ENTER
    while True:
        try:
            if entering:
                if (log.count >= limit or execution.budget is not None) and not _may_enter(execution, frame):
                    return
                log.count = count = log.count + 1
                frame.entered_at = moment = clock()
                if events is not None:
                    events.append((state.entered, frame.previous, moment, state.name, frame.data))
                frame.previous = frame.entered_id = count
                frame.retries = None
                following = state.perform(execution, frame)
            else:
                entering = True
                following = _resume(execution, frame, state)
        except StateError as error:
            following = recover(execution, frame, state, error)
        if following is None:
            return
        log.count = count = log.count + 1
        if events is not None:
            if frame.assigned is None:
                events.append((state.exited, frame.previous, clock(), state.name, frame.data))
            else:
                events.append((state.exited, frame.previous, clock(), state.name, frame.data, frame.assigned))
        frame.assigned = None
        frame.previous = count
        if following is END:
            ended(execution, frame)
            return
        frame.state = state = following


def _may_enter(execution: Execution, frame: Frame) -> bool:
    """Whether the frame may enter its next state now."""
    if frame.log.count >= frame.log.limit:
        cause = f"The execution reached the maximum number of history events ({frame.log.limit})."
        fail_frame(execution, frame, "States.Runtime", cause)
        return False
    if execution.budget == 0:
        frame.phase = ENTER
        execution.ready.appendleft(frame)
        return False
    if execution.budget is not None:
        execution.budget -= 1
    return True


def _resume(execution: Execution, frame: Frame, state: State) -> State | None:
    """Go on in a state that has been entered before."""
    phase = frame.phase
    if phase == CONCLUDE:
        return state.conclude(execution, frame)
    if phase == PUMP:
        return state.pump(execution, frame)
    if phase == PERFORM:
        return state.perform(execution, frame)
    error, cause = frame.result
    frame.result = None
    raise TaskFailed(error, cause)
