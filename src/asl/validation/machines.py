"""State machines, the whole one and those within Parallel and Map states: fields, states, names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .findings import Surroundings
from .shapes import Check, Shape, check_shape
from .states import check_state
from .values import integer, one_of, text


def _processor_config(value: Any, location: str, around: Surroundings) -> None:
    check_shape(PROCESSOR_CONFIG, value, location, around)
    if type(value) is not dict:
        return
    if value.get("Mode") == "DISTRIBUTED":
        if "ExecutionType" not in value:
            around.findings.error("These fields are required: [ExecutionType]", location)
        if around.express:
            around.findings.error(
                "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
                f"{location}/Mode",
            )
    elif value.get("Mode") == "INLINE" and "ExecutionType" in value:
        around.findings.error("Field 'ExecutionType' is not supported", location)


def _states(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not dict:
        around.findings.expected("OBJECT", location)
        return
    if not value:
        around.findings.error("Value cannot be empty", location)
    for name, state in value.items():
        here = f"{location}/{name}"
        check_state(state, here, around)
        if type(state) is dict:
            _check_nested(state, here, around)


_BRANCH_FIELDS: dict[str, Check] = {"StartAt": text, "States": _states, "Comment": text}
_REQUIRED = ("States", "StartAt")
PROCESSOR_CONFIG = Shape(
    fields={"Mode": one_of("INLINE", "DISTRIBUTED"), "ExecutionType": one_of("STANDARD", "EXPRESS")},
)
MACHINE = Shape(
    fields={
        **_BRANCH_FIELDS,
        "QueryLanguage": one_of("JSONPath", "JSONata"),
        "TimeoutSeconds": integer(0, 99999999),
        "Version": one_of("1.0"),
    },
    required=_REQUIRED,
)
BRANCH = Shape(fields=_BRANCH_FIELDS, required=_REQUIRED)
PROCESSOR = Shape(fields={**_BRANCH_FIELDS, "ProcessorConfig": _processor_config}, required=_REQUIRED)


def check_machine(definition: Mapping[str, Any], around: Surroundings) -> None:
    """The whole definition without its transitions."""
    check_shape(MACHINE, definition, "", around)


def _check_nested(state: Mapping[str, Any], location: str, around: Surroundings) -> None:
    if state.get("Type") == "Map":
        for field in ("ItemProcessor", "Iterator"):
            if field in state:
                check_shape(PROCESSOR, state[field], f"{location}/{field}", around)
    elif state.get("Type") == "Parallel" and "Branches" in state:
        _check_branches(state["Branches"], f"{location}/Branches", around)


def _check_branches(branches: Any, location: str, around: Surroundings) -> None:
    if type(branches) is not list:
        around.findings.expected("ARRAY", location)
        return
    if not branches:
        around.findings.error("Value cannot be empty", location)
    for index, branch in enumerate(branches):
        check_shape(BRANCH, branch, f"{location}[{index}]", around)


def machines_in(machine: Any, location: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Every state machine of a definition with its location, outer ones first; what has no States is left out."""
    if type(machine) is not dict or type(machine.get("States")) is not dict:
        return
    yield machine, location
    for name, state in machine["States"].items():
        if type(state) is dict:
            yield from _nested_machines(state, f"{location}/States/{name}")


def _nested_machines(state: Mapping[str, Any], location: str) -> Iterator[tuple[dict[str, Any], str]]:
    branches = state.get("Branches")
    if type(branches) is list:
        for index, branch in enumerate(branches):
            yield from machines_in(branch, f"{location}/Branches[{index}]")
    for field in ("ItemProcessor", "Iterator"):
        yield from machines_in(state.get(field), f"{location}/{field}")
