"""Fail: ends its execution, branch or iteration with an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from asl.errors import StateError
from asl.json_values import compact
from asl.states.state import State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame

Text = Callable[["Frame"], "str | None"]


class Failed(StateError):
    """A Fail state was entered. Fail has neither Retry nor Catch: the frame ends."""


def compile_fail(state: State, spec: Mapping[str, Any], jsonata: bool) -> None:
    """Compile a Fail state."""
    error = _jsonata_text(spec, "Error") if jsonata else _jsonpath_text(spec, "Error")
    cause = _jsonata_text(spec, "Cause") if jsonata else _jsonpath_text(spec, "Cause")

    def perform(_execution: Execution, frame: Frame) -> State | None:
        name = error(frame)
        raise Failed(name, cause(frame))

    state.perform = perform


def _constant(text: str | None) -> Text:
    return lambda _frame: text


def _jsonpath_text(spec: Mapping[str, Any], field: str) -> Text:
    path = spec.get(f"{field}Path")
    if path is None:
        return _constant(spec.get(field))
    from asl.expressions.templates import compile_value

    evaluate = compile_value(path, f"{field}Path").evaluate
    return lambda frame: _text(evaluate(frame.data, frame))


def _jsonata_text(spec: Mapping[str, Any], field: str) -> Text:
    if field not in spec:
        return _constant(None)
    from asl.expressions.jsonata import States, compile_typed

    evaluate = compile_typed(spec[field], field, "string").evaluate
    return lambda frame: evaluate(States(frame.data), frame)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else compact(value)
