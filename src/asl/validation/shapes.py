"""Objects of the language: which fields they have, need, and may not have together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .findings import Surroundings

Check = Callable[[Any, str, Surroundings], None]
"""(value, location, surroundings): reports what is wrong with a field's value."""

JSONPATH_ONLY = (
    "InputPath",
    "OutputPath",
    "ResultPath",
    "ResultSelector",
    "Parameters",
    "Result",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailurePercentagePath",
    "ToleratedFailureCountPath",
    "MaxItemsPath",
    "MaxItemsPerBatchPath",
    "MaxInputBytesPerBatchPath",
    "ErrorPath",
    "CausePath",
    "Variable",
)
JSONATA_ONLY = ("Arguments", "Output", "Items", "Condition")
_JSONPATH_ONLY = frozenset(JSONPATH_ONLY)
_JSONATA_ONLY = frozenset(JSONATA_ONLY)


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of the language.

    `required`: fields that must be there, in AWS's order; `exclusive`: groups of which at most one may be there;
    `one_of`: groups of which exactly one must be there.
    """

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()


def check_shape(shape: Shape, value: Any, location: str, around: Surroundings) -> None:
    """What concerns the object itself first, then its fields in their order."""
    if type(value) is not dict:
        around.findings.expected("OBJECT", location)
        return
    check_fields(shape, value, location, around)
    check_language(shape, value, location, around)
    check_values(shape, value, location, around)


def check_fields(shape: Shape, value: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """Missing fields, fields that are not supported, and fields that exclude each other."""
    missing = [name for name in shape.required if name not in value]
    if missing:
        around.findings.error(f"These fields are required: [{', '.join(missing)}]", location)
    for name in value:
        if name not in shape.fields:
            around.findings.error(f"Field '{name}' is not supported", location)
    for group in shape.exclusive:
        if sum(map(value.__contains__, group)) > 1:
            around.findings.error(f"There should only be one of the following fields: [{', '.join(group)}]", location)
    for group in shape.one_of:
        check_one_of(group, value, location, around)


def check_one_of(group: tuple[str, ...], value: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """Exactly one of the group; an End that is false counts as absent."""
    present = [name for name in group if name in value and not (name == "End" and value[name] is False)]
    if len(present) == 1:
        return
    words = "There should only be one" if present else "This object should have only one"
    around.findings.error(f"{words} of the following fields: [{', '.join(group)}]", location)


def check_language(shape: Shape, value: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """Fields of the query language that is not in force."""
    foreign = value.keys() & (_JSONPATH_ONLY if around.jsonata else _JSONATA_ONLY)
    if not foreign:
        return
    mine, other = ("JSONata", "JSONPath") if around.jsonata else ("JSONPath", "JSONata")
    for name in value:
        if name in foreign and name in shape.fields:
            around.findings.error(
                f"The QueryLanguage is set to '{mine}', but field '{name}' is only supported "
                f"for the '{other}' QueryLanguage",
                location,
            )


def check_values(shape: Shape, value: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """Each supported field of the language in force by its own check."""
    foreign = _JSONPATH_ONLY if around.jsonata else _JSONATA_ONLY
    for name, member in value.items():
        check = shape.fields.get(name)
        if check is not None and name not in foreign:
            check(member, f"{location}/{name}", around)
