"""Retry and Catch."""

from __future__ import annotations

from typing import Any

from . import paths, templates
from .findings import Surroundings
from .shapes import Check, Shape, check_shape
from .values import integer, number, one_of, text


def check_error_names(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not list:
        around.findings.expected("ARRAY", location)
        return
    if not value:
        around.findings.error("Value cannot be empty", location)
    for index, name in enumerate(value):
        text(name, f"{location}[{index}]", around)


RETRIER = Shape(
    fields={
        "ErrorEquals": check_error_names,
        "IntervalSeconds": integer(0, 99999999),
        "MaxAttempts": integer(0, 99999999),
        "BackoffRate": number(1.0),
        "MaxDelaySeconds": integer(1, 31622400),
        "JitterStrategy": one_of("NONE", "FULL"),
        "Comment": text,
    },
    required=("ErrorEquals",),
)
CATCHER = Shape(
    fields={
        "ErrorEquals": check_error_names,
        "Next": text,
        "ResultPath": paths.check_result_path,
        "Output": templates.check_template,
        "Assign": templates.check_assign,
        "Comment": text,
    },
    required=("ErrorEquals", "Next"),
)


def _list_of(shape: Shape) -> Check:
    def check(value: Any, location: str, around: Surroundings) -> None:
        if type(value) is not list:
            around.findings.expected("ARRAY", location)
            return
        inside = around.with_error()
        for index, entry in enumerate(value):
            here = f"{location}[{index}]"
            check_shape(shape, entry, here, inside)
            if type(entry) is dict:
                _check_catch_all(entry.get("ErrorEquals"), index == len(value) - 1, here, around)

    return check


def _check_catch_all(names: Any, last: bool, location: str, around: Surroundings) -> None:
    """`States.ALL` stands alone in the last entry."""
    if type(names) is not list or "States.ALL" not in names or (last and len(names) == 1):
        return
    where = f"{location}/ErrorEquals[{names.index('States.ALL')}]"
    around.findings.error("States.ALL must appear alone and at end of list", where)


check_retry = _list_of(RETRIER)
check_catch = _list_of(CATCHER)
