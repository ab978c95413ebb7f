"""Definitions as text: what is no JSON, what is given twice, what is nested too deeply."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asl.validation import Diagnostic, validate
from tests.unit.asl.validation.definitions import cases

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False)
    | st.sampled_from(["$", "$.a", "{% 1 %}", ""]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["StartAt", "States", "A", "Next"]), inner)
    ),
    max_leaves=5,
)
MACHINES = [definition for _, definition, _ in cases() if isinstance(definition, dict)]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a value with each of its keys or indexes."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "MISSING_DESCRIPTION", "Received a null or empty workflow input."),
        (
            "{",
            "INVALID_JSON_DESCRIPTION",
            "Expecting property name enclosed in double quotes: line 1, column 2\n  {\n   ^",
        ),
        (
            '{\n\t"StartAt": nothing\n}',
            "INVALID_JSON_DESCRIPTION",
            'Expecting value: line 2, column 13\n   "StartAt": nothing\n              ^',
        ),
        ('{"TimeoutSeconds": NaN}', "INVALID_JSON_DESCRIPTION", "NaN is not JSON"),
        ('{"A":' * 5000 + "1" + "}" * 5000, "TOO_DEEPLY_NESTED", "The states are too deeply nested."),
    ],
)
def test_text_that_cannot_be_read_has_no_other_findings(text: str, code: str, message: str) -> None:
    assert validate(text) == [Diagnostic("ERROR", code, message, None)]


def test_a_state_that_is_given_twice_is_an_error() -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Fail"}}}'
    assert validate(text) == [Diagnostic("ERROR", "DUPLICATE_STATE_NAME", "Duplicate State name: A", "/States/A")]


def test_another_field_that_is_given_twice_is_a_warning() -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Fail", "Cause": "a", "Cause": "b"}}}'
    message = "Field 'Cause' is given twice: the last one counts"
    assert validate(text) == [Diagnostic("WARNING", "DUPLICATE_FIELD", message, "/States/A")]


def test_a_definition_is_the_same_as_text_and_as_a_value() -> None:
    for machine in MACHINES:
        assert validate(json.dumps(machine)) == validate(machine)


def test_without_advice_there_are_only_errors() -> None:
    for machine in MACHINES:
        errors = [finding for finding in validate(machine) if finding.severity == "ERROR"]
        assert validate(machine, advice=False) == errors


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_definition_only_findings_come_out(data: st.DataObject) -> None:
    machine = json.loads(json.dumps(data.draw(st.sampled_from(MACHINES))))
    found = places(machine)
    if found:
        holder, key = data.draw(st.sampled_from(found))
        holder[key] = data.draw(JSON)
    before = json.dumps(machine)
    assert all(isinstance(finding, Diagnostic) for finding in validate(machine))
    assert json.dumps(machine) == before
