"""What is known of a piece of data before anything runs: an abstraction of JSON values.

`UNKNOWN` may be anything; a dict is an object that has at most these fields; `LEAF` is a text, a number, a boolean or
null, into which no path leads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

DataShape: TypeAlias = "Mapping[str, DataShape] | None"
UNKNOWN: Final = None
LEAF: Final[DataShape] = {}
NOTHING: Final[DataShape] = {}
ERROR_OUTPUT: Final[DataShape] = {"Error": LEAF, "Cause": LEAF}
_DEEPEST = 6
_PLAIN_PATH = re.compile(r"\$((?:\.[^\W\d][\w-]*)*)")


def names_in(path: Any) -> tuple[str, ...] | None:
    """The names of a plain path into the data (`$`, `$.a.b`); None for other paths and other values."""
    match = _PLAIN_PATH.fullmatch(path) if type(path) is str else None
    return tuple(match[1].split(".")[1:]) if match else None


def shape_of(value: Any, depth: int = 0) -> DataShape:
    """A constant's shape; arrays count as unknown."""
    if type(value) is dict and depth < _DEEPEST:
        return {name: shape_of(member, depth + 1) for name, member in value.items()}
    return UNKNOWN if type(value) in (dict, list) else LEAF


def is_missing(shape: DataShape, names: tuple[str, ...]) -> bool:
    """Whether nothing can be there."""
    for name in names:
        if shape is UNKNOWN:
            return False
        if name not in shape:
            return True
        shape = shape[name]
    return False


def part(shape: DataShape, names: tuple[str, ...] | None) -> DataShape:
    """What is known of a part; None for the names of a path that is not plain."""
    for name in names or ():
        if shape is UNKNOWN:
            return UNKNOWN
        shape = shape.get(name)
    return UNKNOWN if names is None else shape


def put(shape: DataShape, names: tuple[str, ...] | None, value: DataShape) -> DataShape:
    """The data with a part replaced, as ResultPath does it."""
    if names is not None and not names:
        return value
    if names is None or shape is UNKNOWN or len(names) > _DEEPEST:
        return UNKNOWN
    return {**shape, names[0]: put(shape.get(names[0], NOTHING), names[1:], value)}


def either(one: DataShape, other: DataShape) -> DataShape:
    """What is known where the data may come from two places."""
    if one is UNKNOWN or other is UNKNOWN or one is other:
        return UNKNOWN if other is UNKNOWN else one
    both = {name: either(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def bounded(shape: DataShape, depth: int = 0) -> DataShape:
    """The shape without what lies too deep, so that loops which nest data come to an end."""
    if shape is UNKNOWN or depth >= _DEEPEST:
        return UNKNOWN
    return {name: bounded(member, depth + 1) for name, member in shape.items()}


def filled(template: Any, data: DataShape) -> DataShape:
    """What a payload template gives for data."""
    if type(template) is not dict:
        return shape_of(template)
    shape: dict[str, DataShape] = {}
    for name, member in template.items():
        if name.endswith(".$"):
            shape[name[:-2]] = part(data, names_in(member))
        else:
            shape[name] = filled(member, data)
    return shape
