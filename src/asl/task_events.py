"""The events that a task leaves in the history, by the kind of its resource.

A Lambda function that a state names itself has events of its own, so have activities; all integrations share `Task…`.
"""

from __future__ import annotations

from typing import Any

from asl.frame import Frame
from asl.history import HistoryFull
from asl.integrations.resource import Kind, Resource
from asl.requests import TaskLimits
from asl.states.error_handling import TIMEOUTS, reported

_PREFIX = {Kind.LAMBDA: "LambdaFunction", Kind.ACTIVITY: "Activity"}


def _resource(frame: Frame) -> Resource:
    resource = frame.state.resource
    assert resource is not None
    return resource


def _add(frame: Frame, kind: str, *payload: Any) -> None:
    frame.previous = frame.log.add(kind, frame.previous, frame.execution.now(), *payload)


def begun(frame: Frame, resource: Resource, parameters: Any, limits: TaskLimits) -> None:
    """…Scheduled, and …Started for what starts by itself."""
    log = frame.log
    if log.events is None:
        count = log.count + (1 if resource.kind is Kind.ACTIVITY else 2)
        if count > log.limit:
            raise HistoryFull
        log.count = frame.previous = count
        return
    role = limits.credentials.get("RoleArn") if isinstance(limits.credentials, dict) else None
    if resource.kind is Kind.LAMBDA:
        _add(frame, "LambdaFunctionScheduled", resource.arn, parameters, limits.timeout, role)
        _add(frame, "LambdaFunctionStarted")
    elif resource.kind is Kind.ACTIVITY:
        _add(frame, "ActivityScheduled", resource.arn, parameters, limits.timeout, limits.heartbeat)
    else:
        kind, name, region = resource.resource_type, resource.resource, frame.execution.identity.region
        _add(frame, "TaskScheduled", kind, name, region, parameters, limits.timeout, limits.heartbeat, role)
        _add(frame, "TaskStarted", kind, name)


def worker_started(frame: Frame, worker: str | None) -> None:
    """ActivityStarted: a worker has polled the task."""
    _add(frame, "ActivityStarted", worker)


def submitted(frame: Frame, response: Any) -> None:
    """TaskSubmitted: the service has answered, the task goes on."""
    resource = _resource(frame)
    _add(frame, "TaskSubmitted", resource.resource_type, resource.resource, response)


def succeeded(frame: Frame, output: Any) -> None:
    """…Succeeded."""
    log = frame.log
    if log.events is not None:
        _ended(frame, "Succeeded", output)
        return
    if log.count >= log.limit:
        raise HistoryFull
    log.count = frame.previous = log.count + 1


def failed(frame: Frame, error: str | None, cause: str | None) -> None:
    """…TimedOut for `States.Timeout`, else …Failed."""
    _ended(frame, "TimedOut" if error in TIMEOUTS else "Failed", reported(error), cause)


def _ended(frame: Frame, ending: str, *payload: Any) -> None:
    resource = _resource(frame)
    prefix = _PREFIX.get(resource.kind)
    if prefix is None:
        _add(frame, f"Task{ending}", resource.resource_type, resource.resource, *payload)
    else:
        _add(frame, f"{prefix}{ending}", *payload)


def limit_name(frame: Frame) -> str:
    """The task's name in the text of `States.DataLimitExceeded`: a function's ARN, an integration's service."""
    resource = _resource(frame)
    return resource.resource_type if resource.kind is Kind.SERVICE else resource.arn
