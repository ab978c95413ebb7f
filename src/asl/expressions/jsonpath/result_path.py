"""ResultPath: putting a result into a copy of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asl.errors import BadExpression, ResultPathMatchFailure
from asl.expressions.jsonpath.parser import parse_path
from asl.expressions.jsonpath.tokens import Index, Key
from asl.json_values import compact

Put = Callable[[Any, Any], Any]
"""(data, result) → the data with the result in it. Neither is changed; what lies beside the path is shared."""


def compile_result_path(text: str) -> Put:
    """ResultPath as a function. Objects on the way that are missing are made; an array's item must be there already.

    Putting raises `ResultPathMatchFailure` where the path runs into a value that is no object (or array, for an index).
    Raises `BadExpression` if the text is no reference path into the data.
    """
    path = parse_path(text)
    steps = [t.name if isinstance(t, Key) else t.at for t in path.tokens if isinstance(t, Key | Index)]
    if len(steps) != len(path.tokens) or path.root != "data":
        raise BadExpression("ResultPath must be a reference path", text, 0)
    if not steps:
        return lambda _data, result: result
    if len(steps) == 1 and isinstance(steps[0], str):
        return _one_key(text, steps[0])

    def put(data: Any, result: Any) -> Any:
        return _with(data, steps, 0, result, text, data)

    return put


def _one_key(text: str, key: str) -> Put:
    def put(data: Any, result: Any) -> Any:
        if type(data) is not dict:
            raise _unfit(text, data)
        return {**data, key: result}

    return put


def _with(value: Any, steps: list[str | int], depth: int, result: Any, text: str, data: Any) -> Any:
    """`value` with the result at `steps[depth:]`."""
    if depth == len(steps):
        return result
    step = steps[depth]
    if isinstance(step, str):
        if not isinstance(value, dict):
            raise _unfit(text, data)
        inner = value.get(step, {} if depth + 1 < len(steps) else None)
        return {**value, step: _with(inner, steps, depth + 1, result, text, data)}
    if not isinstance(value, list) or not -len(value) <= step < len(value):
        raise _unfit(text, data)
    copy = list(value)
    copy[step] = _with(value[step], steps, depth + 1, result, text, data)
    return copy


def _unfit(text: str, data: Any) -> ResultPathMatchFailure:
    shown = compact(data)
    return ResultPathMatchFailure(f"Unable to apply ReferencePath {text} to input {shown}")
