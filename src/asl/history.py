"""The history of an execution: kept by reference while it runs, written out when it is read.

An event is a tuple `(type, previous id, time, *payload)`; its id is its place, from 1. The payload's values are the
execution's own: nothing is copied or turned into text before `written` is called.

The form is that of GetExecutionHistory (Step Functions API reference, `HistoryEvent`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from asl.json_values import compact

Event = tuple[Any, ...]


class HistoryFull(Exception):
    """There is room for one event more: the one that says so and ends the execution."""


class Log:
    """How many events an execution has had and, if recorded, the events but for the first `missing` ones.

    `limit` is how many events there may be before the last; `started_at` is when the execution began.
    """

    __slots__ = ("count", "events", "limit", "missing", "started_at")

    def __init__(self, recorded: bool, limit: int, started_at: float) -> None:
        self.count = 0
        self.missing = 0
        self.started_at = started_at
        self.events: list[Event] | None = [] if recorded else None
        self.limit = limit

    def add(self, kind: str, previous: int, moment: float, *payload: Any) -> int:
        """Note an event; returns its id. Raises `HistoryFull`."""
        count = self.count + 1
        if count > self.limit:
            raise HistoryFull
        self.count = count
        if self.events is not None:
            self.events.append((kind, previous, moment, *payload))
        return count

    def close(self, kind: str, previous: int, moment: float, *payload: Any) -> int:
        """Note an execution's last event, for which there is always room; returns its id."""
        self.count += 1
        if self.events is not None:
            self.events.append((kind, previous, moment, *payload))
        return self.count


def written(events: Iterable[Event], first: int = 1) -> list[dict[str, Any]]:
    """Events in GetExecutionHistory's form, with `timestamp` as an aware datetime; `first` is the first one's id."""
    return [_written(number, event) for number, event in enumerate(events, first)]


def _written(number: int, event: Event) -> dict[str, Any]:
    kind, previous, moment, *payload = event
    answer = {
        "timestamp": datetime.fromtimestamp(moment, UTC),
        "type": kind,
        "id": number,
        "previousEventId": previous,
    }
    form = _FORMS.get(kind)
    if form is not None:
        key, details = form
        answer[key] = details(*payload)
    return answer


def _carrying(name: str, value: Any) -> dict[str, Any]:
    return {name: compact(value), f"{name}Details": {"truncated": False}}


def _without_none(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _state_entered(name: str, data: Any) -> dict[str, Any]:
    return {"name": name} | _carrying("input", data)


def _state_exited(name: str, data: Any, assigned: Mapping[str, Any] | None = None) -> dict[str, Any]:
    details = {"name": name} | _carrying("output", data)
    if assigned is not None:
        details["assignedVariables"] = {variable: compact(value) for variable, value in assigned.items()}
        details["assignedVariablesDetails"] = {"truncated": False}
    return details


def _failed(error: str | None, cause: str | None) -> dict[str, Any]:
    return _without_none(error=error, cause=cause)


def _service(resource_type: str, resource: str) -> dict[str, Any]:
    return {"resourceType": resource_type, "resource": resource}


def _service_output(resource_type: str, resource: str, output: Any) -> dict[str, Any]:
    return _service(resource_type, resource) | _carrying("output", output)


def _service_failed(resource_type: str, resource: str, error: str | None, cause: str | None) -> dict[str, Any]:
    return _service(resource_type, resource) | _failed(error, cause)


def _limits(timeout: int | None, heartbeat: int | None) -> dict[str, Any]:
    return _without_none(timeoutInSeconds=timeout, heartbeatInSeconds=heartbeat)


def _credentials(role: str | None) -> dict[str, Any]:
    return {} if role is None else {"taskCredentials": {"roleArn": role}}


def _task_scheduled(
    resource_type: str,
    resource: str,
    region: str,
    parameters: Any,
    timeout: int | None,
    heartbeat: int | None,
    role: str | None,
) -> dict[str, Any]:
    details = _service(resource_type, resource) | {"region": region, "parameters": compact(parameters)}
    return details | _limits(timeout, heartbeat) | _credentials(role)


def _lambda_scheduled(resource: str, data: Any, timeout: int | None, role: str | None) -> dict[str, Any]:
    return {"resource": resource} | _carrying("input", data) | _limits(timeout, None) | _credentials(role)


def _activity_scheduled(resource: str, data: Any, timeout: int | None, heartbeat: int | None) -> dict[str, Any]:
    return {"resource": resource} | _carrying("input", data) | _limits(timeout, heartbeat)


def _iteration(name: str, index: int) -> dict[str, Any]:
    return {"name": name, "index": index}


def _execution_started(data: Any, role: str) -> dict[str, Any]:
    return _carrying("input", data) | {"roleArn": role}


def _evaluation_failed(state: str, location: str | None, error: str, cause: str) -> dict[str, Any]:
    return _without_none(error=error, cause=cause, location=location, state=state)


_Form = tuple[str, Callable[..., dict[str, Any]]]

_FORMS: dict[str, _Form] = {
    "ExecutionStarted": ("executionStartedEventDetails", _execution_started),
    "ExecutionSucceeded": ("executionSucceededEventDetails", lambda output: _carrying("output", output)),
    "ExecutionFailed": ("executionFailedEventDetails", _failed),
    "ExecutionAborted": ("executionAbortedEventDetails", _failed),
    "ExecutionTimedOut": ("executionTimedOutEventDetails", _failed),
    "EvaluationFailed": ("evaluationFailedEventDetails", _evaluation_failed),
    "TaskScheduled": ("taskScheduledEventDetails", _task_scheduled),
    "TaskStarted": ("taskStartedEventDetails", _service),
    "TaskSubmitted": ("taskSubmittedEventDetails", _service_output),
    "TaskSucceeded": ("taskSucceededEventDetails", _service_output),
    "TaskFailed": ("taskFailedEventDetails", _service_failed),
    "TaskTimedOut": ("taskTimedOutEventDetails", _service_failed),
    "LambdaFunctionScheduled": ("lambdaFunctionScheduledEventDetails", _lambda_scheduled),
    "LambdaFunctionSucceeded": ("lambdaFunctionSucceededEventDetails", lambda output: _carrying("output", output)),
    "LambdaFunctionFailed": ("lambdaFunctionFailedEventDetails", _failed),
    "LambdaFunctionTimedOut": ("lambdaFunctionTimedOutEventDetails", _failed),
    "ActivityScheduled": ("activityScheduledEventDetails", _activity_scheduled),
    "ActivityStarted": ("activityStartedEventDetails", lambda worker: _without_none(workerName=worker)),
    "ActivitySucceeded": ("activitySucceededEventDetails", lambda output: _carrying("output", output)),
    "ActivityFailed": ("activityFailedEventDetails", _failed),
    "ActivityTimedOut": ("activityTimedOutEventDetails", _failed),
    "MapStateStarted": ("mapStateStartedEventDetails", lambda length: {"length": length}),
    "MapIterationStarted": ("mapIterationStartedEventDetails", _iteration),
    "MapIterationSucceeded": ("mapIterationSucceededEventDetails", _iteration),
    "MapIterationFailed": ("mapIterationFailedEventDetails", _iteration),
    "MapIterationAborted": ("mapIterationAbortedEventDetails", _iteration),
    "MapRunStarted": ("mapRunStartedEventDetails", lambda arn: {"mapRunArn": arn}),
    "MapRunFailed": ("mapRunFailedEventDetails", _failed),
}
for _kind in ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"):
    _FORMS[f"{_kind}StateEntered"] = ("stateEnteredEventDetails", _state_entered)
    _FORMS[f"{_kind}StateExited"] = ("stateExitedEventDetails", _state_exited)
