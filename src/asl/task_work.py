"""Tasks: given out, or done in line; what they give is taken in, within the quota."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asl import task_events
from asl.errors import AslError, StateError, TaskFailed
from asl.failing import overflow
from asl.frame import FAIL, TASK, Frame
from asl.history import HistoryFull
from asl.integrations.resource import Kind, Pattern, Resource
from asl.json_values import copied, taken
from asl.quotas import DataLimitExceeded, size
from asl.requests import LATER, TaskLimits, TaskRequest

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.states.state import State


class BadTaskResult(AslError):
    """A task returned something that is no JSON value."""


def begin_task(
    execution: Execution, frame: Frame, resource: Resource, parameters: Any, limits: TaskLimits
) -> State | None:
    """Give a task out; goes on at once if the caller performs tasks in line."""
    execution.tasks_begun = number = execution.tasks_begun + 1
    timeout, heartbeat, credentials = limits
    request = TaskRequest(
        frame.token or f"{execution.identity.execution}/{number}",
        resource.arn,
        copied(parameters),
        frame.state.name,
        frame.attempts if frame.retries else 0,
        None if timeout is None else execution.now() + timeout,
        heartbeat,
        frame.token,
        credentials,
    )
    task_events.begun(frame, resource, parameters, limits)
    perform = execution.perform
    if perform is None:
        _expect(execution, frame, request)
        return None
    if resource.kind is Kind.ACTIVITY:
        task_events.worker_started(frame, None)
    try:
        result = perform(request)
    except StateError as failure:
        task_events.failed(frame, failure.error, failure.cause)
        raise TaskFailed(failure.error, failure.cause) from failure
    except BaseException:  # the caller may repair what is broken and step on: the task is still to be done
        _expect(execution, frame, request)
        raise
    if execution.deadline is not None and execution.expire():
        return None
    if request.deadline is not None and execution.now() >= request.deadline:
        task_events.failed(frame, "States.Timeout", None)
        raise TaskFailed("States.Timeout")
    if result.__class__ in LATER or resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN:
        _expect(execution, frame, request)
        execution.given_out.add(request.id)
        execution.postpone(request, result)
        return None
    try:
        frame.result, frame.result_size = accepted(execution, frame, result)
    except DataLimitExceeded as failure:
        task_events.failed(frame, failure.error, failure.cause)
        raise
    except BadTaskResult:
        _expect(execution, frame, request)
        raise
    task_events.succeeded(frame, frame.result)
    return frame.state.conclude(execution, frame)


def _expect(execution: Execution, frame: Frame, request: TaskRequest) -> None:
    """Wait until a task is reported, its deadline passes or it gives no sign of life."""
    frame.task, frame.phase = request, TASK
    frame.until = request.deadline
    frame.heartbeat_until = None if request.heartbeat is None else execution.now() + request.heartbeat
    execution.tasks[request.id] = frame
    if frame.until is not None:
        execution.timers.add(frame.until, frame, TASK)
    if frame.heartbeat_until is not None:
        execution.timers.add(frame.heartbeat_until, frame, TASK)


def accepted(execution: Execution, frame: Frame, result: Any) -> tuple[Any, int]:
    """A task's result as a value of our own, and its size; the caller may change what it gave."""
    try:
        value, at_most = taken(result)
    except (TypeError, ValueError) as problem:
        raise BadTaskResult(f"State '{frame.state.name}': its task returned what is no JSON value: {problem}") from None
    if at_most > execution.data_limit:
        at_most = size(value)
        if at_most > execution.data_limit:
            raise DataLimitExceeded(task_events.limit_name(frame))
    return value, at_most


def lose(execution: Execution, frame: Frame, error: str | None, cause: str | None) -> None:
    """A task that was waited for has failed."""
    execution.forget(frame)
    try:
        task_events.failed(frame, error, cause)
    except HistoryFull:
        overflow(execution, frame)
        return
    frame.result = (error, cause)
    frame.phase = FAIL
    execution.ready.append(frame)
