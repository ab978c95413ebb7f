"""Fields that hold templates: payload templates with paths, or JSON with JSONata expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .findings import Surroundings
from .jsonata import check_jsonata, check_jsonata_template
from .paths import check_dynamic_field


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
                check_dynamic_field(name, member, location, around)
            elif type(member) in (dict, list):
                check_payload_template(member, f"{location}/{name}", around)
    elif type(value) is list:
        for index, member in enumerate(value):
            if type(member) in (dict, list):
                check_payload_template(member, f"{location}[{index}]", around)


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
