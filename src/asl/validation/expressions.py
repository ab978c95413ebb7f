"""Fields that hold paths, templates or expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .findings import Surroundings
from .jsonata import check_jsonata, check_jsonata_template

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")
_VARIABLE = re.compile(r"(?<![\w$])\$([^\W\d]\w*)")


def note_variables(text: str, location: str, around: Surroundings) -> None:
    """Remember the variables that a path or an intrinsic function reads."""
    if "$" not in text or text.startswith(("$.", "$$")):
        return
    for name in _VARIABLE.findall(_QUOTED.sub("''", text)):
        around.findings.reads.append((name, location))


def check_path(value: Any, location: str, around: Surroundings) -> None:
    """InputPath and OutputPath: a path or null."""
    if value is None:
        return
    if type(value) is not str:
        around.findings.expected("STRING, NULL", location)
    elif not value.startswith("$"):
        around.findings.error("Value must be a valid JSONPath.", location)
    else:
        note_variables(value, location, around)


def check_reference_path(value: Any, location: str, around: Surroundings) -> None:
    """A path that names one node."""
    if type(value) is not str:
        around.findings.expected("STRING", location)
        return
    trouble = _reference_trouble(value)
    if trouble is not None:
        around.findings.error(f"Value is not a Reference Path{trouble}", location)
    else:
        note_variables(value, location, around)


def check_result_path(value: Any, location: str, around: Surroundings) -> None:
    """ResultPath: a reference path into the input, or null."""
    if value is not None:
        check_reference_path(value, location, around)
        if type(value) is str and value.startswith("$$"):
            around.findings.error("Value is not a Reference Path", location)


def check_path_or_intrinsic(value: Any, location: str, around: Surroundings) -> None:
    """ErrorPath and CausePath: a reference path or an intrinsic function."""
    if type(value) is str and value.startswith("States."):
        note_variables(value, location, around)
    else:
        check_reference_path(value, location, around)


def _reference_trouble(path: str) -> str | None:
    """Why a path is no reference path, in the words after AWS's "Value is not a Reference Path"."""
    if not path.startswith("$"):
        return ": Reference path didn't start with '$'"
    if ".." in path or any(sign in path for sign in "*?@"):
        return ""
    return None


def check_template(value: Any, location: str, around: Surroundings) -> None:
    """Parameters, ResultSelector, ItemSelector, Arguments, Output: values by the query language in force."""
    if around.jsonata:
        check_jsonata_template(value, location, around)
    elif type(value) is dict:
        check_payload_template(value, location, around)
    else:
        around.findings.expected("OBJECT", location)


def check_payload_template(value: Any, location: str, around: Surroundings) -> None:
    """Fields that end in `.$`, at every depth."""
    if type(value) is dict:
        for name, member in value.items():
            if name.endswith(".$"):
                _check_dynamic_field(name, member, location, around)
            elif type(member) in (dict, list):
                check_payload_template(member, f"{location}/{name}", around)
    elif type(value) is list:
        for index, member in enumerate(value):
            if type(member) in (dict, list):
                check_payload_template(member, f"{location}[{index}]", around)


def _check_dynamic_field(name: str, value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not str or not value.startswith(("$", "States.")):
        around.findings.error(
            f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call", location
        )
    else:
        note_variables(value, f"{location}/{name}", around)


def check_assign(value: Any, location: str, around: Surroundings) -> None:
    """Assign: the variables' names and values."""
    if type(value) is not dict:
        around.findings.expected("OBJECT", location)
        return
    check_variable_names(value, location, around)
    check_template(value, location, around)


def check_variable_names(assigned: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """A name is at most 80 characters, an identifier (Unicode ID_Start, then ID_Continue), and not `states`."""
    for field in assigned:
        name = field if around.jsonata else field.removesuffix(".$")
        around.findings.assigns.append((name, f"{location}/{field}"))
        if name == "states":
            around.findings.error(
                "Cannot assign to reserved variable '$states'.", f"{location}/{field}", "RESERVED_VARIABLE_NAME"
            )
        elif not name.isidentifier() or name.startswith("_"):
            around.findings.error(
                f"Invalid variable name '{name}': the variable name contains invalid characters.",
                f"{location}/{field}",
                "INVALID_VARIABLE_NAME",
            )
        elif len(name) > 80:
            around.findings.error(
                f"Invalid variable name '{name}': the variable name exceeds the 80-character limit.",
                f"{location}/{field}",
                "INVALID_VARIABLE_NAME",
            )


def check_items_path(value: Any, location: str, around: Surroundings) -> None:
    """ItemsPath: one node of the input or of the context object."""
    check_reference_path(value, location, around)


def check_items(value: Any, location: str, around: Surroundings) -> None:
    """Items: an array, an object, or an expression that gives one."""
    if type(value) is str:
        check_jsonata(value, location, around)
    elif type(value) in (list, dict):
        check_jsonata_template(value, location, around)
    else:
        around.findings.expected("STRING, ARRAY, OBJECT", location)


def check_text(value: Any, location: str, around: Surroundings) -> None:
    """Error and Cause: a string, which a JSONata state may compute."""
    if type(value) is not str:
        around.findings.expected("STRING", location)
    elif around.jsonata:
        check_jsonata_template(value, location, around)
