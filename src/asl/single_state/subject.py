"""The state under test, found in a definition or put into one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asl.errors import ApiError, InvalidDefinition
from asl.integrations.resource import Kind, Pattern
from asl.machine import Machine, load
from asl.states.state import State
from asl.validation import refusal, validate

UNNAMED = "StateName"
"""What AWS calls a state that is given alone."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The state under test: compiled, and as the definition has it."""

    machine: Machine
    state: State
    spec: Mapping[str, Any]
    jsonata: bool


def find_subject(definition: str | Mapping[str, Any], state_name: str | None, *, mocked: bool) -> Subject:
    """The state `state_name` of a state machine, at any depth; without a name, the state that `definition` is.

    Raises `ApiError`: InvalidDefinition for what AWS would not accept, or would not test without a mock.
    """
    whole = _parsed(definition)
    try:
        machine = load(_around(whole) if state_name is None else whole)
    except InvalidDefinition as refused:
        raise ApiError("InvalidDefinition", str(refused)) from refused
    wanted = UNNAMED if state_name is None else state_name
    state = next((state for state in machine.states() if state.name == wanted), None)
    if state is None:
        raise ApiError("ValidationException", f"The definition has no state named '{wanted}'")
    machine_definition = machine.definition
    spec = _at(machine_definition, state.place)
    language = spec.get("QueryLanguage", machine_definition.get("QueryLanguage"))
    if not mocked:
        _check_testable(state)
    return Subject(machine, state, spec, language == "JSONata")


def _parsed(definition: str | Mapping[str, Any]) -> Any:
    if not isinstance(definition, str):
        return definition
    try:
        return json.loads(definition)
    except ValueError:
        raise ApiError("InvalidDefinition", refusal(validate(definition, advice=False))) from None


def _around(state: Any) -> dict[str, Any]:
    """A state machine of this state and, for those that it goes on to, states that end."""
    states: dict[str, Any] = {name: {"Type": "Succeed"} for name in _targets(state)}
    return {"StartAt": UNNAMED, "States": states | {UNNAMED: state}}


def _targets(state: Any) -> list[str]:
    if not isinstance(state, Mapping):
        return []
    entries = [state]
    for field in ("Choices", "Catch"):
        if isinstance(state.get(field), list):
            entries += [entry for entry in state[field] if isinstance(entry, dict)]
    names = [entry.get(field) for entry in entries for field in ("Next", "Default")]
    return [name for name in names if isinstance(name, str) and name]


def _at(definition: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    """What stands at a JSON pointer."""
    found: Any = definition
    for token in place.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    spec: Mapping[str, Any] = found
    return spec


def _check_testable(state: State) -> None:
    """Refuse what AWS tests only with a mock."""
    if state.type in ("Map", "Parallel"):
        raise ApiError(
            "InvalidDefinition",
            "TestState API does not support Map or Parallel states. "
            "Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
        )
    resource = state.resource
    if resource and (resource.kind is Kind.ACTIVITY or resource.pattern is not Pattern.REQUEST_RESPONSE):
        raise ApiError(
            "InvalidDefinition",
            "TestState API does not support Activity tasks, .sync or .waitForTaskToken without a mock.",
        )
