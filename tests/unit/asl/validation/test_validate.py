"""What AWS would refuse, and what it accepts: a data file for each part of the language.

A file is `{"given": {…}, "cases": [{"case", "machine" | "state", "type"?, "findings": […]}]}`, a finding being
`CODE: message at /place`.
`state` stands as the only state `A`, over the fields of `given`; `machine` is a whole definition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asl.validation import Diagnostic, refusal, validate

FILES = sorted(Path(__file__).parent.glob("*.json"))


def cases() -> Iterator[Any]:
    for file in FILES:
        data = json.loads(file.read_text())
        for case in data["cases"]:
            yield pytest.param(data.get("given", {}), case, id=f"{file.stem}: {case['case']}")


def definition(given: dict[str, Any], case: dict[str, Any]) -> Any:
    if "state" in case:
        state = {name: value for name, value in (given | case["state"]).items() if value != "<absent>"}
        return {"StartAt": "A", "States": {"A": state}} | case.get("around", {})
    return case["machine"]


@pytest.mark.parametrize(("given", "case"), list(cases()))
def test_a_definition_has_these_findings(given: dict[str, Any], case: dict[str, Any]) -> None:
    diagnostics = validate(definition(given, case), case.get("type", "STANDARD"))
    severity = case.get("severity", "ERROR")
    found = [f"{d.code}: {d.message} at {d.location}" for d in diagnostics if d.severity == severity]
    assert found == case["findings"]


def test_a_refusal_joins_the_errors_as_aws_does() -> None:
    diagnostics = [
        Diagnostic("ERROR", "A", "first", "/States/X"),
        Diagnostic("WARNING", "B", "advice", "/"),
        Diagnostic("ERROR", "C", "second", None),
    ]
    assert refusal(diagnostics) == "Invalid State Machine Definition: 'A: first at /States/X, C: second at null'"
