"""Task: has something done outside, and takes its result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from asl.errors import RuntimeFailure
from asl.integrations.resource import Kind, Pattern, split_resource
from asl.requests import NO_LIMITS, TaskLimits
from asl.states.data_flow import compile_conclusion, compile_preparation
from asl.states.fields import Number, compile_number, whole
from asl.states.state import State
from asl.task_work import begin_task

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame


LONGEST = 99_999_999
"""Seconds: the most that TimeoutSeconds and HeartbeatSeconds may be."""


def compile_task(state: State, spec: Mapping[str, Any], jsonata: bool) -> None:
    """Compile a Task state."""
    resource = split_resource(spec["Resource"])
    state.resource = resource
    prepare = compile_preparation(spec, jsonata)
    conclude_with, following = compile_conclusion(spec, jsonata), state.next
    limits = _compile_limits(spec, jsonata)
    with_token = resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN or resource.kind is Kind.ACTIVITY

    def perform(execution: Execution, frame: Frame) -> State | None:
        if with_token:
            frame.token = execution.new_token()
        parameters = frame.data if prepare is None else prepare.evaluate(frame.data, frame)
        bounds = NO_LIMITS if limits is None else limits(frame)
        return begin_task(execution, frame, resource, parameters, bounds)

    def conclude(execution: Execution, frame: Frame) -> State | None:
        result, frame.result = frame.result, None
        conclude_with(execution, frame, result, frame.result_size)
        frame.token = None
        return following

    state.perform, state.conclude = perform, conclude


def _compile_limits(spec: Mapping[str, Any], jsonata: bool) -> Callable[[Frame], TaskLimits] | None:
    timeout = compile_number(spec, "TimeoutSeconds", jsonata, positive_seconds)
    heartbeat = compile_number(spec, "HeartbeatSeconds", jsonata, positive_seconds)
    credentials = _compile_credentials(spec, jsonata)
    if timeout is None and heartbeat is None and credentials is None:
        return None

    def limits(frame: Frame) -> TaskLimits:
        return TaskLimits(
            _seconds(timeout, frame, "TimeoutSeconds"),
            _seconds(heartbeat, frame, "HeartbeatSeconds"),
            None if credentials is None else credentials(frame),
        )

    return limits


def _seconds(number: Number | None, frame: Frame, field: str) -> int | None:
    return None if number is None else min(whole(field, number(frame)), LONGEST)


def positive_seconds(field: str, path: str, value: Any) -> int:
    """What TimeoutSecondsPath or HeartbeatSecondsPath found. Raises `RuntimeFailure`."""
    if isinstance(value, bool) or not isinstance(value, int):
        shown = json.dumps(value, ensure_ascii=False)
        raise RuntimeFailure(f"The {field} parameter cannot be parsed as a long value: {path} == {shown}")
    if value <= 0:
        raise RuntimeFailure(f"The {field} parameter references a non-positive value: {path} == {value}")
    return value


def _compile_credentials(spec: Mapping[str, Any], jsonata: bool) -> Callable[[Frame], Any] | None:
    if "Credentials" not in spec:
        return None
    if jsonata:
        from asl.expressions.jsonata import States, compile_jsonata_template

        by_jsonata = compile_jsonata_template(spec["Credentials"], "Credentials").evaluate
        return lambda frame: by_jsonata(States(frame.data), frame)
    from asl.expressions.templates import compile_template

    by_path = compile_template(spec["Credentials"], "Credentials").evaluate
    return lambda frame: by_path(frame.data, frame)
