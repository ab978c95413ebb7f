"""Executions that an execution starts: `states:startExecution`, `.sync` and `.sync:2`.

Source: connect-stepfunctions and recorded events. Dates are given as they shall appear.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asl.errors import TaskFailed
from asl.integrations.reply import JSON_1_0, Call, content_headers, text_of, with_metadata
from asl.json_values import compact

if TYPE_CHECKING:
    from asl.execution import Execution


def input_text(parameters: Mapping[str, Any]) -> str:
    """The started execution's input: the Input parameter as JSON, `{}` if it is null or absent."""
    given = parameters.get("Input")
    return "{}" if given is None else text_of(given)


def response(execution_arn: str, start_date: Any, call: Call) -> dict[str, Any]:
    """The answer to the start; with `.sync` what the TaskSubmitted event has."""
    members = {"ExecutionArn": execution_arn, "StartDate": start_date}
    return with_metadata(members, call, content_headers(members, JSON_1_0, connection="keep-alive"))


def completed(execution: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
    """The result of `.sync` (`version` 1: input and output are texts) or `.sync:2` (they are values).

    `execution` is what DescribeExecution says of it, its members in camel case. Raises `TaskFailed`,
    `States.TaskFailed`, if it did not succeed; the cause is the execution.
    """
    members = _members(execution)
    if members["Status"] != "SUCCEEDED":
        raise TaskFailed("States.TaskFailed", compact(members))
    if version == 2:
        for name in ("Input", "Output"):
            members[name] = json.loads(members[name])
    return members


def described(execution: Execution) -> dict[str, Any]:
    """What DescribeExecution says of an execution of this engine; dates in milliseconds since the epoch."""
    output = compact(execution.output) if execution.status == "SUCCEEDED" else None
    return {
        "executionArn": execution.identity.execution_arn,
        "stateMachineArn": execution.identity.machine_arn,
        "name": execution.identity.execution,
        "status": execution.status,
        "startDate": _milliseconds(execution.started_at),
        "stopDate": _milliseconds(execution.stopped_at),
        "input": compact(execution.input),
        "output": output,
        "error": execution.error,
        "cause": execution.cause,
    }


def _milliseconds(moment: float | None) -> int | None:
    return None if moment is None else round(moment * 1000)


def _members(execution: Mapping[str, Any]) -> dict[str, Any]:
    """The members that a job's end shows, in the order of their names."""
    shown = (
        "cause error executionArn input name output redriveCount redriveStatus redriveStatusReason "
        "startDate stateMachineArn status stopDate"
    )
    members = {name[0].upper() + name[1:]: execution[name] for name in shown.split() if execution.get(name) is not None}
    for name in ("Input", "Output"):
        if name in members:
            members[f"{name}Details"] = {"Included": True}
    return dict(sorted(members.items()))
