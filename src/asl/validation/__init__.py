"""Validation of definitions: everything that AWS would refuse, in its words where they are known, and advice.

The rules follow AWS's answers of ValidateStateMachineDefinition and CreateStateMachine, and
https://states-language.net/spec.html where no answer is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from asl.json_values import TooDeep, bound

from .diagnostic import Diagnostic, refusal
from .findings import Findings, Surroundings
from .machines import check_machine, machines_in
from .names import check_names
from .text import parsed_text
from .transitions import check_transitions

__all__ = ["Diagnostic", "refusal", "validate"]

_EVERYTHING = 1 << 62

MachineType = Literal["STANDARD", "EXPRESS"]


def validate(
    definition: str | Mapping[str, Any], type: MachineType = "STANDARD", *, advice: bool = True
) -> list[Diagnostic]:
    """Every finding in a definition, given as JSON text or parsed: errors in AWS's order, then warnings.

    A definition without an `ERROR` can be loaded. `type` is the state machine's: Express ones may do less. Without
    `advice` the warnings are not looked for, which takes half the time.
    """
    findings = Findings()
    try:
        value = parsed_text(definition, findings) if isinstance(definition, str) else dict(definition)
        if findings.diagnostics and value is None:
            return findings.diagnostics
        bound(value, enough=_EVERYTHING)  # raises TooDeep
        _check(value, type == "EXPRESS", advice, findings)
    except (RecursionError, TooDeep):
        findings.nowhere("TOO_DEEPLY_NESTED", "The states are too deeply nested.")
    return findings.diagnostics


def _check(definition: Any, express: bool, advice: bool, findings: Findings) -> None:
    if not isinstance(definition, dict):
        findings.expected("OBJECT", "")
        return
    jsonata = definition.get("QueryLanguage", "JSONPath") != "JSONPath"
    check_machine(definition, Surroundings(findings, express, jsonata, jsonata))
    machines = list(machines_in(definition))
    check_names(machines, findings)
    check_transitions(machines, findings)
    if advice:
        # Loading does not ask for it, so importing the engine does not pay for it.
        from .data_flow import warn_of_missing_data
        from .hints import add_hints

        add_hints(machines, findings, jsonata)
        warn_of_missing_data(definition, findings, jsonata)
