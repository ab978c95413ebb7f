"""Wait: for some seconds, or until a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from asl.errors import PathNotFound, QueryEvaluationError, RuntimeFailure
from asl.expressions.timestamps import moment as timestamp_moment
from asl.json_values import compact
from asl.states.data_flow import compile_conclusion, compile_preparation
from asl.states.fields import missing
from asl.states.state import State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame

LONGEST = 24_855 * 86_400
"""Seconds; a longer wait fails at once."""

_TOO_LONG = "Wait state delay is too long."

Moment = Callable[["Execution", "Frame", Any], float]


def compile_wait(state: State, spec: Mapping[str, Any], jsonata: bool) -> None:
    """Compile a Wait state."""
    until = _jsonata_moment(spec) if jsonata else _jsonpath_moment(spec)
    preparation = None if jsonata else compile_preparation(spec, jsonata)
    conclude_with, following = compile_conclusion(spec, jsonata), state.next

    def perform(execution: Execution, frame: Frame) -> State | None:
        data = frame.data if preparation is None else preparation.evaluate(frame.data, frame)
        moment = until(execution, frame, data)
        if moment - execution.now() > LONGEST:
            raise RuntimeFailure(_TOO_LONG)
        execution.wait(frame, moment)
        return None

    def conclude(execution: Execution, frame: Frame) -> State | None:
        data = frame.data if preparation is None else preparation.evaluate(frame.data, frame)
        size = frame.size if preparation is None else frame.size * preparation.copies + preparation.constant
        conclude_with(execution, frame, data, size)
        return following

    state.perform, state.conclude = perform, conclude


# ---- JSONPath ----------------------------------------------------------------------------------


def _jsonpath_moment(spec: Mapping[str, Any]) -> Moment:
    if "SecondsPath" in spec:
        return _by_seconds_path(spec["SecondsPath"])
    if "TimestampPath" in spec:
        return _by_timestamp_path(spec["TimestampPath"])
    if "Seconds" in spec:
        return _after(spec["Seconds"])
    return _at(spec["Timestamp"])


def _after(seconds: float) -> Moment:
    return lambda execution, _frame, _data: _from_now(execution, seconds)


def _at(timestamp: str) -> Moment:
    moment = _parsed(timestamp)
    return lambda _execution, _frame, _data: 0.0 if moment is None else float(moment)


def _by_seconds_path(path: str) -> Moment:
    find = _found("SecondsPath", path)

    def moment(execution: Execution, frame: Frame, data: Any) -> float:
        seconds = find(frame, data)
        if isinstance(seconds, str) and seconds.removeprefix("-").isdigit():
            seconds = int(seconds)
        if isinstance(seconds, bool) or not isinstance(seconds, int):
            raise RuntimeFailure(
                f"The SecondsPath parameter cannot be parsed as a long value: {path} == {_shown(seconds)}"
            )
        if seconds < 0:
            raise RuntimeFailure(f"The SecondsPath parameter references a negative value: {path} == {seconds}")
        return _from_now(execution, seconds)

    return moment


def _by_timestamp_path(path: str) -> Moment:
    find = _found("TimestampPath", path)

    def moment(_execution: Execution, frame: Frame, data: Any) -> float:
        value = find(frame, data)
        parsed = _parsed(value) if isinstance(value, str) else None
        if parsed is None:
            raise RuntimeFailure(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format "
                f"string: {path} == {_shown(value)}"
            )
        return float(parsed)

    return moment


def _found(field: str, path: str) -> Callable[[Frame, Any], Any]:
    from asl.expressions.jsonpath import compile_path

    evaluate = compile_path(path).evaluate

    def find(frame: Frame, data: Any) -> Any:
        try:
            return evaluate(data, frame)
        except PathNotFound:
            raise missing(field, path) from None

    return find


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else compact(value)


# ---- JSONata -----------------------------------------------------------------------------------


def _jsonata_moment(spec: Mapping[str, Any]) -> Moment:
    return _by_seconds(spec["Seconds"]) if "Seconds" in spec else _by_timestamp(spec["Timestamp"])


def _by_seconds(value: Any) -> Moment:
    from asl.expressions.jsonata import States, compile_typed

    evaluate = compile_typed(value, "Seconds", "number").evaluate

    def moment(execution: Execution, frame: Frame, data: Any) -> float:
        seconds = evaluate(States(data), frame)
        if seconds < 0 or not (isinstance(seconds, int) or seconds.is_integer()):
            raise QueryEvaluationError(
                f"The Seconds field must be a non-negative integer but was: {seconds}", "Seconds"
            )
        return _from_now(execution, int(seconds))

    return moment


def _by_timestamp(timestamp: Any) -> Moment:
    from asl.expressions.jsonata import States, compile_typed

    evaluate = compile_typed(timestamp, "Timestamp", "string").evaluate

    def moment(_execution: Execution, frame: Frame, data: Any) -> float:
        value = evaluate(States(data), frame)
        parsed = _parsed(value)
        if parsed is None:
            raise QueryEvaluationError(
                f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {value}",
                "Timestamp",
                late=True,
            )
        return float(parsed)

    return moment


def _parsed(value: str) -> float | None:
    """A timestamp in seconds since the epoch; None if it is none."""
    parsed = timestamp_moment(value)
    return None if parsed is None else parsed[0].timestamp() + float(f"0.{parsed[1] or 0}")


def _from_now(execution: Execution, seconds: float) -> float:
    if seconds > LONGEST:
        raise RuntimeFailure(_TOO_LONG)
    return execution.now() + seconds
