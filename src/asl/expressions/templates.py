"""Payload templates: Parameters, ResultSelector, Assign and other objects whose `.$` members are expressions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from asl.errors import BadExpression, PathNotFound
from asl.expressions.expression import Evaluate, Expression, Scope
from asl.expressions.intrinsics import compile_intrinsic
from asl.expressions.jsonpath import compile_path, path_not_in_input

MARK: Final = ".$"


def compile_template(template: Any, field: str, query_language: str = "JSONPath") -> Expression:
    """A payload template; a part without expressions is given out as it is, never copied.

    `field` is the template's field (`Parameters`). Evaluating raises `RuntimeFailure` in AWS's words if a path finds
    nothing; compiling raises `BadExpression`, also in AWS's words, if a `.$` member is no path and no intrinsic call.
    Templates of JSONata states are left to `asl.expressions.jsonata`.
    """
    if query_language == "JSONata":
        from asl.expressions.jsonata import compile_jsonata_template

        return compile_jsonata_template(template, field)
    compiled = _compile(template)
    return compiled if compiled is not None else _constant(template)


def compile_value(text: str, field: str) -> Expression:
    """A field that holds a path or an intrinsic call, as CausePath. Evaluating raises as that of a template."""
    compiled = _compile_text(text)
    inner = compiled.evaluate

    def evaluate(data: Any, scope: Scope) -> Any:
        try:
            return inner(data, scope)
        except PathNotFound as error:
            raise path_not_in_input(error, field) from None

    return Expression(evaluate, compiled.copies, compiled.constant)


def _compile_text(text: str) -> Expression:
    return compile_path(text) if text.startswith("$") else compile_intrinsic(text)


def expressions_in(template: Any, pointer: str = "") -> Iterator[tuple[str, str, Any]]:
    """(JSON pointer of the object, member's name with `.$`, what it holds) for every expression in a template."""
    if isinstance(template, dict):
        for key, value in template.items():
            if key.endswith(MARK):
                yield pointer, key, value
            else:
                yield from expressions_in(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(template, list):
        for number, value in enumerate(template):
            yield from expressions_in(value, f"{pointer}/{number}")


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _constant(value: Any) -> Expression:
    return Expression(lambda _data, _scope: value, 0, _size(value))


def _compile(template: Any) -> Expression | None:
    """None if there is no expression in it."""
    if isinstance(template, dict):
        return _object(template)
    if isinstance(template, list):
        return _array(template)
    return None


def _member(key: str, value: Any) -> Expression | None:
    if not key.endswith(MARK):
        return _compile(value)
    try:
        if isinstance(value, str):
            return _compile_text(value)
        cause, shown, position = None, json.dumps(value), None
    except BadExpression as error:
        cause, shown, position = error, error.text, error.position
    reason = f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
    raise BadExpression(reason, shown, position) from cause


def _object(template: dict[str, Any]) -> Expression | None:
    names = {key: key.removesuffix(MARK) for key in template}
    moving = {key: compiled for key, value in template.items() if (compiled := _member(key, value)) is not None}
    if not moving:
        return None
    still = {names[key]: None if key in moving else value for key, value in template.items()}
    copies, constant = _sum(list(moving.values()), _size(still))
    return Expression(
        _filling(still, [(key, names[key], part.evaluate) for key, part in moving.items()]), copies, constant
    )


def _sum(parts: list[Expression], constant: int) -> tuple[int | None, int]:
    copies = 0
    for part in parts:
        if part.copies is None:
            return None, 0
        copies += part.copies
        constant += part.constant
    return copies, constant


def _filling(still: dict[str, Any], moving: list[tuple[str, str, Evaluate]]) -> Evaluate:
    """An object of the still members and the moving ones (name as written, name, evaluate), in the template's order."""
    if len(still) == len(moving) == 1:
        return _single(*moving[0])
    if len(still) == len(moving) == 2:
        return _pair(moving[0], moving[1])

    def evaluate(data: Any, scope: Scope) -> Any:
        result = still.copy()
        key = ""
        try:
            for key, name, value in moving:  # noqa: B007 - the name is for the message below
                result[name] = value(data, scope)
        except PathNotFound as error:
            raise path_not_in_input(error, key) from None
        return result

    return evaluate


def _single(key: str, name: str, value: Evaluate) -> Evaluate:
    def evaluate(data: Any, scope: Scope) -> Any:
        try:
            return {name: value(data, scope)}
        except PathNotFound as error:
            raise path_not_in_input(error, key) from None

    return evaluate


def _pair(one: tuple[str, str, Evaluate], two: tuple[str, str, Evaluate]) -> Evaluate:
    first_key, first_name, first = one
    second_key, second_name, second = two

    def evaluate(data: Any, scope: Scope) -> Any:
        key = first_key
        try:
            value = first(data, scope)
            key = second_key
            return {first_name: value, second_name: second(data, scope)}
        except PathNotFound as error:
            raise path_not_in_input(error, key) from None

    return evaluate


def _array(template: list[Any]) -> Expression | None:
    moving = {at: compiled for at, value in enumerate(template) if (compiled := _compile(value)) is not None}
    if not moving:
        return None
    still = [None if at in moving else value for at, value in enumerate(template)]
    places = [(at, part.evaluate) for at, part in moving.items()]
    copies, constant = _sum(list(moving.values()), _size(still))

    def evaluate(data: Any, scope: Scope) -> Any:
        result = still.copy()
        for at, value in places:
            result[at] = value(data, scope)
        return result

    return Expression(evaluate, copies, constant)
