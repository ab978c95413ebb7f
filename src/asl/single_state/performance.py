"""The doing of one state: the engine's state, with its intermediate data noted on the way.

Which data InspectionData shows of which type follows recorded answers: a Pass with a Result shows nothing of its
input's way, a Parallel (it needs a mock) nothing before its result, a Map its items and its settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asl.errors import TaskFailed
from asl.frame import FAIL, WAIT
from asl.requests import Later, Submitted
from asl.single_state.trial import LONGEST, Trial
from asl.states.data_flow import compile_preparation
from asl.states.state import State

if TYPE_CHECKING:
    from asl.machine import Perform
    from asl.requests import TaskRequest


def perform(trial: Trial, tasks: Perform | None) -> State:
    """Do the state; the frame then has its output. Returns the state that follows, END if none.

    Raises `StateError` if the state fails, `ApiError` if a mock does not fit the data, and what `tasks` raises.
    """
    match trial.state.type:
        case "Pass" if not trial.jsonata:
            return _pass(trial)
        case "Task":
            return _task(trial, tasks)
        case "Parallel":
            return _mocked(trial)
        case "Map":
            from asl.single_state.map_iterations import note_iterations

            note_iterations(trial)
            return _mocked(trial)
    return _simple(trial)


def _simple(trial: Trial) -> State:
    """Choice, Wait, Succeed and Fail, and Pass in JSONata: the engine's own doing."""
    trial.enter()
    following = trial.state.perform(trial.execution, trial.frame)
    if following is None and trial.frame.phase == WAIT:
        assert trial.frame.until is not None
        _let_pass(trial, trial.frame.until)
        following = trial.state.conclude(trial.execution, trial.frame)
    assert following is not None
    return following


def _pass(trial: Trial) -> State:
    if "Result" in trial.spec:
        preparation = compile_preparation(trial.spec, jsonata=False)
        if preparation is not None:  # what it gives is neither used nor shown, but a path that finds nothing fails
            preparation.evaluate(trial.frame.data, trial.frame)
        result = trial.noted("result", trial.spec["Result"])
    else:
        result = trial.apply_parameters(trial.enter())
    trial.conclude(result)
    return trial.state.next


def _mocked(trial: Trial) -> State:
    """The result of a Parallel or Map, which the mock has."""
    mock = trial.parameters.mock
    assert mock is not None
    if mock.failing:
        raise TaskFailed(mock.error, mock.cause)
    trial.conclude(mock.result)
    return trial.state.next


# ---- tasks -------------------------------------------------------------------------------------


def _task(trial: Trial, tasks: Perform | None) -> State:
    trial.enter()
    trial.state.perform(trial.execution, trial.frame)
    request = trial.frame.task
    assert request is not None
    trial.noted("afterArguments" if trial.jsonata else "afterParameters", request.parameters)
    result = _taken(trial, request, _work(trial, request, tasks))
    trial.noted("result", result)
    if trial.parameters.inspection_level == "TRACE" and trial.parameters.mock is None:
        from asl.single_state.http_exchange import note_exchange

        note_exchange(trial, request, result)
    trial.conclude(result)
    return trial.state.next


def _work(trial: Trial, request: TaskRequest, tasks: Perform | None) -> Any:
    """What the mock or the caller's function gives."""
    mock = trial.parameters.mock
    if mock is None:
        if tasks is None:
            raise LookupError(f"State '{request.state}' calls {request.resource}: give a mock, or `tasks` to do it.")
        return tasks(request)
    if mock.failing:
        raise TaskFailed(mock.error, mock.cause)
    return mock.result


def _taken(trial: Trial, request: TaskRequest, outcome: Any) -> Any:
    """The result as a value of the engine's own, when it has come; within the quota."""
    if isinstance(outcome, (Later, Submitted)):
        outcome = _arrived(trial, request, outcome)
    trial.execution.succeed(request.id, outcome)
    frame = trial.frame
    result, frame.result = frame.result, None
    if frame.phase == FAIL:
        raise TaskFailed(*result)
    return result


def _arrived(trial: Trial, request: TaskRequest, outcome: Later | Submitted) -> Any:
    """A result that comes later, and its failure."""
    seconds = outcome.seconds if isinstance(outcome, Later) else outcome.after
    result = outcome.result
    if isinstance(outcome, Submitted) and not outcome.has_result:
        result = outcome.response
    _let_pass(trial, trial.execution.now() + seconds, request.deadline)
    if isinstance(result, TaskFailed):
        raise result
    return result


def _let_pass(trial: Trial, moment: float, deadline: float | None = None) -> None:
    """Let time pass until `moment`. Raises States.Timeout if the state, or the test, may not take so long."""
    clock, latest = trial.execution.clock, trial.frame.entered_at + LONGEST
    if deadline is not None:
        latest = min(latest, deadline)
    clock.pass_until(min(moment, latest))
    if moment > latest:
        raise TaskFailed("States.Timeout", None)
