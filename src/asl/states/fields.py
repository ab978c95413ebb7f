"""Fields that take a number: fixed, by a path (`…Path`) or by JSONata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from asl.errors import PathNotFound, QueryEvaluationError, RuntimeFailure

if TYPE_CHECKING:
    from asl.frame import Frame

Number = Callable[["Frame"], Any]
Convert = Callable[[str, str, Any], Any]
"""(field, path, value) → the value in the field's type. Raises `RuntimeFailure` in AWS's words."""


def compile_number(spec: Mapping[str, Any], field: str, jsonata: bool, convert: Convert) -> Number | None:
    """The value of `field` or of its Path form for a frame; None if the state has neither."""
    if jsonata:
        return _by_jsonata(spec[field], field) if field in spec else None
    if f"{field}Path" in spec:
        return _by_path(spec[f"{field}Path"], f"{field}Path", convert)
    if field not in spec:
        return None
    fixed = spec[field]
    return lambda _frame: fixed


def _by_path(path: str, field: str, convert: Convert) -> Number:
    from asl.expressions.jsonpath import compile_path

    find = compile_path(path).evaluate

    def value(frame: Frame) -> Any:
        try:
            found = find(frame.data, frame)
        except PathNotFound:
            raise missing(field, path) from None
        return convert(field, path, found)

    return value


def missing(field: str, path: str) -> RuntimeFailure:
    """A …Path that finds nothing."""
    return RuntimeFailure(f"The {field} parameter does not reference an input value: {path}")


def _by_jsonata(value: Any, field: str) -> Number:
    from asl.expressions.jsonata import States, compile_typed

    evaluate = compile_typed(value, field, "number").evaluate
    return lambda frame: evaluate(States(frame.data), frame)


def whole(field: str, value: Any) -> int:
    """A JSONata field's number as an integer. Raises `QueryEvaluationError`."""
    if isinstance(value, int) or float(value).is_integer():
        return int(value)
    raise QueryEvaluationError(f"The {field} field must be an integer but was: {value}", field)
