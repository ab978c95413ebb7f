"""Validation of definitions: everything that AWS would refuse, in its words where they are known, and advice.

The rules follow AWS's answers of ValidateStateMachineDefinition and CreateStateMachine, and
https://states-language.net/spec.html where no answer is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from .data_flow import warn_of_missing_data
from .diagnostic import Diagnostic, refusal
from .findings import Findings, Surroundings
from .hints import add_hints
from .machines import check_machine, machines_in
from .names import check_names
from .transitions import check_transitions

__all__ = ["Diagnostic", "refusal", "validate"]

MachineType = Literal["STANDARD", "EXPRESS"]


def validate(definition: str | Mapping[str, Any], type: MachineType = "STANDARD") -> list[Diagnostic]:
    """Every finding in a definition, given as JSON text or parsed: errors in AWS's order, then warnings.

    A definition without an `ERROR` can be loaded. `type` is the state machine's: Express ones may do less.
    """
    findings = Findings()
    machine = _parsed(definition, findings)
    if machine is not None:
        jsonata = machine.get("QueryLanguage", "JSONPath") != "JSONPath"
        check_machine(machine, Surroundings(findings, type == "EXPRESS", jsonata, jsonata))
        machines = list(machines_in(machine))
        check_names(machines, findings)
        check_transitions(machines, findings)
        add_hints(machines, findings, jsonata)
        warn_of_missing_data(machine, findings, jsonata)
    return findings.diagnostics


def _parsed(definition: str | Mapping[str, Any], findings: Findings) -> dict[str, Any] | None:
    if not isinstance(definition, str):
        return dict(definition)
    try:
        machine = json.loads(definition)
    except ValueError as error:
        findings.nowhere("INVALID_JSON_DESCRIPTION", str(error))
        return None
    if not isinstance(machine, dict):
        findings.expected("OBJECT", "")
        return None
    return machine
