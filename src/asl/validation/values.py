"""Checks of single values: their types, ranges and spellings."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from .findings import Surroundings
from .jsonata import check_jsonata
from .shapes import Check

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def anything(_value: Any, _location: str, _around: Surroundings) -> None:
    """Any JSON value."""


def text(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not str:
        around.findings.expected("STRING", location)


def boolean(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not bool:
        around.findings.expected("BOOLEAN", location)


def plain_number(value: Any, location: str, around: Surroundings) -> None:
    """The right side of a numeric comparison."""
    if type(value) not in (int, float):
        around.findings.expected("NUMBER", location)


def one_of(*words: str) -> Check:
    """One of these words, and nothing else."""
    message = f"Value should be one of the following: [{', '.join(words)}]"

    def check(value: Any, location: str, around: Surroundings) -> None:
        if type(value) is not str:
            around.findings.expected("STRING", location)
        elif value not in words:
            around.findings.error(message, location)

    return check


def named_values(field: str, *words: str) -> Check:
    """One of these words, in the other wording that AWS has for it."""
    message = f"The field '{field}' should have one of these values: [{', '.join(words)}]"

    def check(value: Any, location: str, around: Surroundings) -> None:
        if type(value) is not str or value not in words:
            around.findings.error(message, location)

    return check


def integer(minimum: int | None = None, maximum: int | None = None, *, expression: bool = False) -> Check:
    """A whole number in a range; with `expression`, JSONata states may compute it."""

    def check(value: Any, location: str, around: Surroundings) -> None:
        if expression and around.jsonata and type(value) is str and value.startswith("{%"):
            check_jsonata(value, location, around)
        elif type(value) is not int and not (type(value) is float and value.is_integer()):
            around.findings.error("Expected value of type Integer", location)
        else:
            _check_range(value, minimum, maximum, location, around)

    return check


def number(minimum: float | None = None, maximum: float | None = None, *, expression: bool = False) -> Check:
    """A number in a range whose bounds AWS writes with a decimal point."""

    def check(value: Any, location: str, around: Surroundings) -> None:
        if expression and around.jsonata and type(value) is str and value.startswith("{%"):
            check_jsonata(value, location, around)
        elif type(value) not in (int, float):
            around.findings.error("Expected value of type Double", location)
        else:
            _check_range(value, minimum, maximum, location, around)

    return check


def _check_range(
    value: float, minimum: float | None, maximum: float | None, location: str, around: Surroundings
) -> None:
    if minimum is not None and value < minimum:
        around.findings.error(f"Minimum value is {minimum}", location)
    elif maximum is not None and value > maximum:
        around.findings.error(f"Maximum value is {maximum}", location)


def is_timestamp(value: Any) -> bool:
    """RFC 3339 with an uppercase T and a zone (https://states-language.net/spec.html#timestamps)."""
    parts = _RFC3339.fullmatch(value) if type(value) is str else None
    if not parts:
        return False
    try:
        datetime.fromisoformat(f"{parts[1]}T{parts[2]}")
    except ValueError:
        return False
    return True


def timestamp(value: Any, location: str, around: Surroundings) -> None:
    if not is_timestamp(value):
        around.findings.error("String does not match RFC3339 timestamp", location)


def timestamp_or_expression(value: Any, location: str, around: Surroundings) -> None:
    if around.jsonata and type(value) is str and value.startswith("{%"):
        check_jsonata(value, location, around)
    else:
        timestamp(value, location, around)
