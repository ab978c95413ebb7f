"""The events that a task leaves in the history, by the kind of its resource.

A Lambda function that a state names itself has events of its own, so have activities; all integrations share `Task…`.
"""

from __future__ import annotations

from typing import Any

from asl.frame import Frame
from asl.integrations.resource import Kind, Resource
from asl.requests import TaskLimits

_PREFIX = {Kind.LAMBDA: "LambdaFunction", Kind.ACTIVITY: "Activity"}


def _resource(frame: Frame) -> Resource:
    resource = frame.state.resource
    assert resource is not None
    return resource


def _add(frame: Frame, kind: str, *payload: Any) -> None:
    log = frame.log
    frame.previous = log.add(kind, frame.previous, frame.execution.now(), *payload)


def begun(frame: Frame, parameters: Any, limits: TaskLimits) -> None:
    """…Scheduled, and …Started for what starts by itself."""
    resource = _resource(frame)
    role = limits.credentials.get("RoleArn") if isinstance(limits.credentials, dict) else None
    if resource.kind is Kind.LAMBDA:
        _add(frame, "LambdaFunctionScheduled", resource.arn, parameters, limits.timeout, role)
        _add(frame, "LambdaFunctionStarted")
    elif resource.kind is Kind.ACTIVITY:
        _add(frame, "ActivityScheduled", resource.arn, parameters, limits.timeout, limits.heartbeat)
    else:
        region = frame.execution.identity.region
        _add(frame, "TaskScheduled", resource.resource_type, resource.resource, region, parameters, limits.timeout, limits.heartbeat, role)
        _add(frame, "TaskStarted", resource.resource_type, resource.resource)


def worker_started(frame: Frame, worker: str | None) -> None:
    """ActivityStarted: a worker has polled the task."""
    _add(frame, "ActivityStarted", worker)


def submitted(frame: Frame, response: Any) -> None:
    """TaskSubmitted: the service has answered, the task goes on."""
    resource = _resource(frame)
    _add(frame, "TaskSubmitted", resource.resource_type, resource.resource, response)


def succeeded(frame: Frame, output: Any) -> None:
    """…Succeeded."""
    resource = _resource(frame)
    if resource.kind in _PREFIX:
        _add(frame, f"{_PREFIX[resource.kind]}Succeeded", output)
    else:
        _add(frame, "TaskSucceeded", resource.resource_type, resource.resource, output)


def failed(frame: Frame, error: str | None, cause: str | None) -> None:
    """…TimedOut for `States.Timeout`, else …Failed."""
    resource = _resource(frame)
    ending = "TimedOut" if error in ("States.Timeout", "States.HeartbeatTimeout") else "Failed"
    if resource.kind in _PREFIX:
        _add(frame, f"{_PREFIX[resource.kind]}{ending}", error, cause)
    else:
        _add(frame, f"Task{ending}", resource.resource_type, resource.resource, error, cause)


def limit_name(frame: Frame) -> str:
    """How the text of `States.DataLimitExceeded` names the task: a function by its ARN, an integration by its service."""
    resource = _resource(frame)
    return resource.resource_type if resource.kind is Kind.SERVICE else resource.arn
