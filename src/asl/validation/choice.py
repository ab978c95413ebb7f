"""Choice rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import paths, templates
from .findings import Surroundings
from .jsonata import check_jsonata
from .shapes import Check, Shape, check_fields, check_language, check_one_of, check_values
from .values import boolean, plain_number, text, timestamp

SELECTORS = ("And", "Or", "Not", "Variable", "Condition")
_RELATIONS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")


def _comparisons() -> dict[str, Check]:
    """Every comparison operator with the check of its right side."""
    checks: dict[str, Check] = {}
    for kind, check in (("String", text), ("Numeric", plain_number), ("Timestamp", timestamp)):
        for relation in _RELATIONS:
            checks[f"{kind}{relation}"] = check
            checks[f"{kind}{relation}Path"] = paths.check_reference_path
    checks |= {"StringMatches": text, "BooleanEquals": boolean, "BooleanEqualsPath": paths.check_reference_path}
    return checks | {f"Is{kind}": boolean for kind in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")}


COMPARISONS = _comparisons()


def _check_condition(value: Any, location: str, around: Surroundings) -> None:
    """A JSONata expression, or a boolean as it stands."""
    if type(value) is str:
        check_jsonata(value, location, around)
    elif type(value) is not bool:
        around.findings.expected("STRING, BOOLEAN", location)


def _check_nested_rules(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not list:
        around.findings.expected("ARRAY", location)
        return
    if not value:
        around.findings.error("Value cannot be empty", location)
    for index, rule in enumerate(value):
        _check_nested_rule(rule, f"{location}[{index}]", around)


def _check_nested_rule(value: Any, location: str, around: Surroundings) -> None:
    _check_rule(NESTED_RULE, value, location, around)


def _check_rule(shape: Shape, rule: Any, location: str, around: Surroundings) -> None:
    if type(rule) is not dict:
        around.findings.expected("OBJECT", location)
        return
    check_fields(shape, rule, location, around)
    _check_operators(rule, location, around)
    check_language(shape, rule, location, around)
    check_values(shape, rule, location, around)


def _check_operators(rule: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """One kind of rule, and for a Variable one comparison."""
    if sum(map(rule.__contains__, SELECTORS)) != 1:
        around.findings.error(
            f"The object must have only one of the following fields, [{', '.join(SELECTORS)}]", location
        )
    elif "Variable" in rule and not around.jsonata and len(rule.keys() & COMPARISONS.keys()) != 1:
        check_one_of(tuple(COMPARISONS), rule, location, around)


_NESTED: dict[str, Check] = {
    "And": _check_nested_rules,
    "Or": _check_nested_rules,
    "Not": _check_nested_rule,
    "Variable": paths.check_reference_path,
    "Condition": _check_condition,
    "Comment": text,
    **COMPARISONS,
}
NESTED_RULE: Shape = Shape(fields=_NESTED)
RULE = Shape(
    fields={**_NESTED, "Next": text, "Assign": templates.check_assign, "Output": templates.check_template},
    required=("Next",),
)


def check_choices(value: Any, location: str, around: Surroundings) -> None:
    """The Choices of a Choice state."""
    if type(value) is not list:
        around.findings.expected("ARRAY", location)
        return
    if not value:
        around.findings.error("Value cannot be empty", location)
    for index, rule in enumerate(value):
        _check_rule(RULE, rule, f"{location}[{index}]", around)
