"""Paths and intrinsic functions in a definition."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from asl.errors import BadExpression
from asl.expressions.jsonpath import ParsedPath, is_definite
from asl.expressions.references import paths_in

from .findings import Surroundings

NO_REFERENCE_PATH = "Value is not a Reference Path"


def check_path(value: Any, location: str, around: Surroundings) -> None:
    """InputPath and OutputPath: a path or null."""
    if value is None:
        return
    if type(value) is not str:
        around.findings.expected("STRING, NULL", location)
    elif not value.startswith("$") or isinstance(parsed(value), BadExpression):
        around.findings.error("Value must be a valid JSONPath.", location)
    else:
        note_variables(value, location, around)


def check_reference_path(value: Any, location: str, around: Surroundings) -> None:
    """A path that names one node, of the data, of the context object or of a variable."""
    _reference_path(value, location, around)


def check_data_reference_path(value: Any, location: str, around: Surroundings) -> None:
    """A path that names one node; the numbers of a Map may not come from the context object."""
    path = _reference_path(value, location, around)
    if path is not None and path.root == "context":
        around.findings.error(NO_REFERENCE_PATH, location)


def check_result_path(value: Any, location: str, around: Surroundings) -> None:
    """ResultPath: a place in the data, or null."""
    path = None if value is None else _reference_path(value, location, around)
    if path is not None and path.root != "data":
        around.findings.error(NO_REFERENCE_PATH, location)


def check_path_or_intrinsic(value: Any, location: str, around: Surroundings) -> None:
    """ErrorPath and CausePath: a reference path or an intrinsic function."""
    if type(value) is not str or not value.startswith("States."):
        check_reference_path(value, location, around)
    elif isinstance(trouble := parsed(value), BadExpression):
        around.findings.error(f"Value is not a valid intrinsic function call: {trouble}", location)
    else:
        note_variables(value, location, around)


def check_dynamic_field(name: str, value: Any, location: str, around: Surroundings) -> None:
    """A field of a payload template whose name ends in `.$`; `location` is the object's."""
    good = type(value) is str and value.startswith(("$", "States.")) and not isinstance(parsed(value), BadExpression)
    if good:
        note_variables(value, f"{location}/{name}", around)
        return
    around.findings.error(
        f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call", location
    )


def _reference_path(value: Any, location: str, around: Surroundings) -> ParsedPath | None:
    """The path, if it names one node; else its trouble is reported."""
    if type(value) is not str:
        around.findings.expected("STRING", location)
        return None
    if not value.startswith("$"):
        around.findings.error(f"{NO_REFERENCE_PATH}: Reference path didn't start with '$'", location)
        return None
    read = parsed(value)
    if isinstance(read, BadExpression):
        # What AWS says here is not known.
        around.findings.error(f"{NO_REFERENCE_PATH}: {read}", location)
        return None
    path = read[0]
    if not is_definite(path.tokens):
        around.findings.error(NO_REFERENCE_PATH, location)
        return None
    note_variables(value, location, around)
    return path


def note_variables(text: str, location: str, around: Surroundings) -> None:
    """Remember the variables that a valid path or intrinsic function reads."""
    if text.startswith(("$.", "$$")) or "$" not in text:
        return
    read = parsed(text)
    for path in () if isinstance(read, BadExpression) else read:
        if path.root == "variable":
            around.findings.reads.append((path.variable, location))


@lru_cache(maxsize=8192)
def parsed(text: str) -> tuple[ParsedPath, ...] | BadExpression:
    """The paths in a path or an intrinsic function, or why it is none."""
    try:
        return tuple(paths_in(text))
    except BadExpression as error:
        return error
