"""What AWS would refuse, what it accepts, and what we advise."""

from __future__ import annotations

from typing import Any

import pytest

from asl.validation import Diagnostic, refusal, validate
from tests.unit.asl.validation.definitions import cases


@pytest.mark.parametrize(
    ("definition", "case"), [pytest.param(definition, case, id=name) for name, definition, case in cases()]
)
def test_a_definition_has_these_findings(definition: Any, case: dict[str, Any]) -> None:
    diagnostics = validate(definition, case.get("type", "STANDARD"))
    severity = case.get("severity", "ERROR")
    found = [f"{d.code}: {d.message} at {d.location}" for d in diagnostics if d.severity == severity]
    assert found == [_like(text, found) for text in case["findings"]]


def _like(expected: str, found: list[str]) -> str:
    """What was found, if the words that `…` stands for are the only difference."""
    before, mark, after = expected.partition("…")
    alike = (text for text in found if mark and text.startswith(before) and text.endswith(after))
    return next(alike, expected)


def test_a_refusal_joins_the_errors_as_aws_does() -> None:
    diagnostics = [
        Diagnostic("ERROR", "A", "first", "/States/X"),
        Diagnostic("WARNING", "B", "advice", "/"),
        Diagnostic("ERROR", "C", "second", None),
    ]
    assert refusal(diagnostics) == "Invalid State Machine Definition: 'A: first at /States/X, C: second at null'"
