from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asl.errors import UnreadableJson
from asl.formatting import COLUMNS, format_definition

ROOT = Path(__file__).parents[3]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=20), inner), max_leaves=12
)
_RULES_AND_RETRIES = ["Retry", "Catch", "Choices", "And", "Not", "Variable", "Condition", "ErrorEquals", "Next"]
_MACHINES = [
    "States",
    "StartAt",
    "Comment",
    "Branches",
    "ItemProcessor",
    "ItemReader",
    "Type",
    "End",
    "Parameters",
    "X",
]
FIELDS = st.sampled_from(_RULES_AND_RETRIES + _MACHINES)
DEFINITIONS = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner), max_leaves=40)


def _exact(text: str) -> Any:
    """The value with every digit of its numbers, and without the order of members."""
    return json.loads(text, parse_int=lambda digits: ("n", digits), parse_float=lambda digits: ("n", digits))


def test_fields_stand_in_their_order_and_short_values_on_one_line() -> None:
    text = """
    {"States": {"B": {"End": true, "Result": {"z": 1, "a": [1, 2]}, "Type": "Pass"},
                "A": {"Next": "B", "Catch": [{"Next": "B", "ErrorEquals": ["X"]}], "X-Mine": 1,
                      "Resource": "arn", "Type": "Task", "Comment": "c"}},
     "StartAt": "A", "QueryLanguage": "JSONPath", "Comment": "A first"}
    """
    assert format_definition(text) == (
        "{\n"
        '  "Comment": "A first",\n'
        '  "QueryLanguage": "JSONPath",\n'
        '  "StartAt": "A",\n'
        '  "States": {\n'
        '    "B": {\n'
        '      "Type": "Pass",\n'
        '      "Result": {"z": 1, "a": [1, 2]},\n'
        '      "End": true\n'
        "    },\n"
        '    "A": {\n'
        '      "Type": "Task",\n'
        '      "Comment": "c",\n'
        '      "Resource": "arn",\n'
        '      "Catch": [{"ErrorEquals": ["X"], "Next": "B"}],\n'
        '      "X-Mine": 1,\n'
        '      "Next": "B"\n'
        "    }\n"
        "  }\n"
        "}\n"
    )


def test_machines_within_states_and_rules_within_rules_are_formatted_too() -> None:
    rule = {"Next": "A", "And": [{"NumericEquals": 1, "Variable": "$.a"}, {"Not": {"IsNull": True, "Variable": "$.b"}}]}
    inner = {
        "States": {"A": {"Choices": [rule], "Type": "Choice"}},
        "StartAt": "A",
        "ProcessorConfig": {"Mode": "INLINE"},
    }
    text = json.dumps({"StartAt": "M", "States": {"M": {"ItemProcessor": inner, "Type": "Map", "End": True}}})
    formatted = format_definition(text)
    rows = [line.strip() for line in formatted.splitlines()]
    assert rows.index('"ProcessorConfig": {"Mode": "INLINE"},') < rows.index('"StartAt": "A",')
    assert '{"Variable": "$.a", "NumericEquals": 1},' in rows
    assert '{"Not": {"Variable": "$.b", "IsNull": true}}' in rows


def test_numbers_and_strings_stay_as_they_were_written() -> None:
    text = '{"Result": [1.50, 1E+2, 123456789012345678901234567890.10, "\\u00e9é\\/", -0]}'
    assert (
        format_definition(text)
        == '{\n  "Result": [1.50, 1E+2, 123456789012345678901234567890.10, "\\u00e9é\\/", -0]\n}\n'
    )


def test_a_line_with_a_comma_takes_a_hundred_columns_at_most() -> None:
    for length in range(70, 100):
        text = json.dumps({"Output": {"a": "x" * length}, "States": {}})
        lines = format_definition(text).splitlines()
        assert all(len(line) <= COLUMNS or line.strip().startswith('"a"') for line in lines)


def test_members_that_stand_twice_keep_their_order_so_that_the_last_still_counts() -> None:
    assert format_definition('{"StartAt": "A", "Comment": "", "StartAt": "B"}').count("StartAt") == 2
    assert json.loads(format_definition('{"StartAt": "A", "StartAt": "B"}')) == {"StartAt": "B"}


def test_the_shipped_workflow_keeps_its_meaning() -> None:
    text = (ROOT / "workflows/transfer/v1.asl.json").read_text(encoding="utf-8")
    assert _exact(format_definition(text)) == _exact(text)


@given(DEFINITIONS, st.sampled_from([None, 1, 4]), st.booleans())
def test_formatting_keeps_the_meaning_and_formatting_again_changes_nothing(
    value: Any, indent: int | None, ascii: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    formatted = format_definition(text)
    assert _exact(formatted) == _exact(text)
    assert format_definition(formatted) == formatted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: the text ends too early"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6: expected ':' after the name \"b\""),
        ('{"a": 1,}', "line 1, column 9: a comma before '}'"),
        ("[1, 2", "line 1, column 6: the text ends too early"),
        ("[1 2]", "line 1, column 4: expected ',' or ']', not '2'"),
        ("{a: 1}", "line 1, column 2: expected a name in quotes, not 'a'"),
        ('{"a": NaN}', "line 1, column 7: expected a value, not 'N'"),
        ('["a\nb"]', "line 1, column 2: a string that does not end on its line, or has a bad escape"),
        ('{"a": 1} x', "line 1, column 10: more text after the value"),
        ("[" * 300, "line 1, column 201: more than 200 levels"),
    ],
)
def test_text_that_is_no_json_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UnreadableJson) as caught:
        format_definition(text)
    assert str(caught.value) == message


@given(st.text(alphabet='{}[]",:0 1-.eE\\untrlfas\n', max_size=12))
def test_what_is_json_is_what_python_takes_for_json(text: str) -> None:
    try:
        json.loads(text)
        known = True
    except ValueError:
        known = False
    try:
        format_definition(text)
        assert known
    except UnreadableJson:
        assert not known
