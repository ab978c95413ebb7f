"""The running of an execution: frames advance from state to state until each of them waits or has ended.

This is the hot loop; what it calls once a state is kept short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asl.errors import StateError, TaskFailed
from asl.failing import overflow, recover
from asl.forking import ended
from asl.frame import CONCLUDE, ENDED, ENTER, PERFORM, PUMP, Frame
from asl.history import HistoryFull
from asl.states.state import END, State
from asl.status import RUNNING

if TYPE_CHECKING:
    from asl.execution import Execution


def drain(execution: Execution) -> None:
    """Run until every frame waits, the execution has ended or its budget of states is used up."""
    ready = execution.ready
    while ready and execution.status == RUNNING and execution.budget != 0:
        frame = ready.popleft()
        if frame.phase == ENDED:
            continue
        try:
            _advance(execution, frame)
        except HistoryFull:
            overflow(execution, frame)


def _advance(execution: Execution, frame: Frame) -> None:  # noqa: C901 - the hot loop: a call costs more than a branch
    """Run a frame until it waits, ends or, with a budget, has entered as many states as it may."""
    log, clock, state = frame.log, execution.clock.now, frame.state
    events, limit = log.events, log.limit
    entering = frame.phase == ENTER
    while True:
        try:
            if entering:
                if execution.budget is not None and not _may_enter(execution, execution.budget, frame):
                    return
                if log.count >= limit:
                    raise HistoryFull
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
        if log.count >= limit:
            raise HistoryFull
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


def _may_enter(execution: Execution, budget: int, frame: Frame) -> bool:
    """Whether the frame may enter its next state now; else it is the first to go on."""
    if budget == 0:
        frame.phase = ENTER
        execution.ready.appendleft(frame)
        return False
    execution.budget = budget - 1
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
