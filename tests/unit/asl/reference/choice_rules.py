"""The comparisons of JSONPath Choice states, by their definition."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.unit.asl.reference.paths import value_at
from tests.unit.asl.reference.values import Failure, View

COMPARE = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def holds(rule: Mapping[str, Any], view: View) -> bool:
    if "And" in rule:
        return all(holds(part, view) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, view) for part in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], view)
    (name,) = rule.keys() - {"Variable", "Next", "Assign", "Comment"}
    if name == "IsPresent":
        return present(rule["Variable"], view) is rule[name]
    value = value_at(rule["Variable"], view)
    if name.startswith("Is"):
        return is_kind(name[2:], value) is rule[name]
    if name == "StringMatches":
        return isinstance(value, str) and matches(rule[name], value)
    comparand = value_at(rule[name], view) if name.endswith("Path") else rule[name]
    return compares(name.removesuffix("Path"), value, comparand)


def present(path: str, view: View) -> bool:
    try:
        value_at(path, view)
    except Failure:
        return False
    return True


def is_kind(kind: str, value: Any) -> bool:
    if kind == "Null":
        return value is None
    if kind == "Boolean":
        return isinstance(value, bool)
    if kind == "String":
        return isinstance(value, str)
    if kind == "Timestamp":
        return moment(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def compares(name: str, value: Any, comparand: Any) -> bool:
    kind = next(kind for kind in ("String", "Numeric", "Boolean", "Timestamp") if name.startswith(kind))
    if not is_kind(kind, value) or not is_kind(kind, comparand):
        return False
    if kind == "Timestamp":
        value, comparand = moment(value), moment(comparand)
    return bool(COMPARE[name.removeprefix(kind)](value, comparand))


def moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", value, re.ASCII):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def matches(pattern: str, value: str) -> bool:
    """`*` stands for any text; the strategies use no escapes."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return matches(pattern[1:], value) or (bool(value) and matches(pattern, value[1:]))
    return bool(value) and value[0] == pattern[0] and matches(pattern[1:], value[1:])
