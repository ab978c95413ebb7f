"""JSON values from outside: copied, checked and bounded in one pass."""

from __future__ import annotations

import json
import marshal
import math
from typing import Any

DEEPEST = 400
"""How deep objects and arrays may be nested; what is deeper could not be written as JSON text."""


class TooDeep(ValueError):
    """A value is nested too deeply."""

    def __init__(self) -> None:
        super().__init__(f"the value is nested more than {DEEPEST} levels deep")


_CONTAINERS = frozenset({dict, list})
_SCALARS = frozenset({bool, int, type(None)})


def compact(value: Any) -> str:
    """A value as Step Functions writes it into events, messages and files: JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def copied(value: Any) -> Any:
    """A copy of one of the engine's own values: those are JSON values through and through."""
    return marshal.loads(marshal.dumps(value)) if value.__class__ in _CONTAINERS else value  # noqa: S302


def taken(value: Any, depth: int = 0) -> tuple[Any, int]:
    """A copy of a JSON value that shares nothing changeable with it, and a bound of its size as JSON text in bytes.

    Values of other classes go through `json` (a tuple becomes a list, an enum's member its value). Raises TypeError or
    ValueError for what is no JSON value, `TooDeep` for what is nested deeper than `DEEPEST`.
    """
    kind = value.__class__
    if kind is dict:
        return _taken_object(value, depth + 1)
    if kind is list:
        return _taken_array(value, depth + 1)
    if kind is str:
        return value, 6 * len(value) + 2
    if kind in _SCALARS:
        return value, 24 if kind is not int or -(10**20) < value < 10**20 else len(str(value))
    if kind is float and math.isfinite(value):
        return value, 24
    text = json.dumps(value, allow_nan=False)
    return json.loads(text), len(text)


def _taken_object(value: dict[Any, Any], depth: int) -> tuple[Any, int]:
    if depth > DEEPEST:
        raise TooDeep
    copy, bound = {}, 2
    for name, member in value.items():
        if name.__class__ is not str:
            text = json.dumps(value, allow_nan=False)
            return json.loads(text), len(text)
        if member.__class__ is str:
            copy[name] = member
            bound += 6 * (len(name) + len(member)) + 6
        else:
            copy[name], inner = taken(member, depth)
            bound += 6 * len(name) + 4 + inner
    return copy, bound


def _taken_array(value: list[Any], depth: int) -> tuple[Any, int]:
    if depth > DEEPEST:
        raise TooDeep
    copy, bound = [], 2
    for element in value:
        inner_copy, inner = taken(element, depth)
        copy.append(inner_copy)
        bound += inner + 1
    return copy, bound


def bound(value: Any, enough: int, depth: int = 0) -> int:
    """A bound of the size of one of the engine's own values as JSON text in bytes; stops counting above `enough`.

    Raises `TooDeep`.
    """
    if depth > DEEPEST:
        raise TooDeep
    kind = value.__class__
    if kind is str:
        return 6 * len(value) + 2
    total = 24
    if kind is dict:
        for name, member in value.items():
            total += (
                6 * len(name)
                + 4
                + (6 * len(member) + 2 if member.__class__ is str else bound(member, enough, depth + 1))
            )
            if total > enough:
                break
    elif kind is list:
        for element in value:
            total += 1 + bound(element, enough, depth + 1)
            if total > enough:
                break
    elif kind is int and not -(10**20) < value < 10**20:
        return len(str(value))
    return total
