"""Payload templates, case by case from templates.json, and what expressions refer to."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from asl.errors import BadExpression, RuntimeFailure
from asl.expressions.references import references
from asl.expressions.templates import compile_template, compile_value, expressions_in

CASES = json.loads((Path(__file__).parent / "templates.json").read_text())


@pytest.mark.parametrize(
    ("given", "case"), [pytest.param(g["given"], c, id=str(c["expression"])[:60]) for g in CASES for c in g["cases"]]
)
def test_a_template_is_filled_from_data_context_and_variables(given: Any, case: Any, scope_of):
    data, template = copy.deepcopy(given["data"]), copy.deepcopy(case["expression"])
    expression = compile_template(template, "Parameters")
    if "error" not in case:
        result = expression.evaluate(data, scope_of(given))
        assert json.dumps(result) == json.dumps(case["result"])
        if expression.copies is not None:
            assert len(compact(result)) <= expression.copies * len(compact(data)) + expression.constant
    else:
        with pytest.raises(RuntimeFailure) as raised:
            expression.evaluate(data, scope_of(given))
        assert raised.value.cause == case["error"]
    assert (data, template) == (given["data"], case["expression"])


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def test_parts_without_expressions_are_shared(scope_of):
    template = {"fixed": {"list": [1, 2]}, "n.$": "$.n"}
    result = compile_template(template, "Parameters").evaluate({"n": 1}, scope_of({}))
    assert result["fixed"] is template["fixed"]


def test_evaluating_twice_gives_separate_objects(scope_of):
    expression = compile_template({"k": 1, "n.$": "$.n"}, "Parameters")
    first, second = expression.evaluate({"n": 1}, scope_of({})), expression.evaluate({"n": 2}, scope_of({}))
    assert (first, second) == ({"k": 1, "n": 1}, {"k": 1, "n": 2})


@pytest.mark.parametrize(
    "value", ["plain", "States.Nothing()", "$.", 5, {"a": 1}, "States.Format('He said \\\"{}\\\"', 1)"]
)
def test_a_member_that_is_no_expression_is_refused_in_the_words_of_step_functions(value):
    with pytest.raises(BadExpression) as raised:
        compile_template({"a": [{"parsed.$": value}]}, "Parameters")
    assert raised.value.reason == (
        "The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call"
    )


def test_a_field_that_holds_an_expression_fails_with_its_name(scope_of):
    with pytest.raises(RuntimeFailure) as raised:
        compile_value("$.No", "CausePath").evaluate({"a": 1}, scope_of({}))
    assert raised.value.cause == (
        "The JSONPath '$.No' specified for the field 'CausePath' could not be found in the input '{\"a\":1}'"
    )


def test_references_name_the_paths_and_the_variables():
    found = references("States.Format('{} {} {}', $.a.b, States.Array($$.State.Name, $v.x, $v), $.a.b)")
    assert found == (("$.a.b",), ("$$.State.Name",), ("v",))
    assert references("$[0]") == (("$[0]",), (), ())


def test_all_expressions_of_a_template_are_found_with_their_place():
    template = {"a.$": "$.x", "b": {"c/d": [1, {"e.$": "$$"}]}, "f": "$.no"}
    assert list(expressions_in(template)) == [("", "a.$", "$.x"), ("/b/c~1d/1", "e.$", "$$")]
