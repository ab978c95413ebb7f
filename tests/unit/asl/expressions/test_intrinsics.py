"""The intrinsic functions, case by case from intrinsics.json, and their limits."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from asl.errors import BadExpression, IntrinsicFailure, PathNotFound, RuntimeFailure
from asl.expressions.intrinsics import compile_intrinsic
from asl.expressions.intrinsics.java_values import java_float

CASES = json.loads((Path(__file__).parent / "intrinsics.json").read_text())


@pytest.mark.parametrize(
    ("given", "case"), [pytest.param(g["given"], c, id=c["expression"][:60]) for g in CASES for c in g["cases"]]
)
def test_an_intrinsic_function_answers_as_recorded(given: Any, case: Any, scope_of):
    data, expression = copy.deepcopy(given), compile_intrinsic(case["expression"])
    if "error" not in case:
        result = expression.evaluate(data, scope_of({}))
        assert json.dumps(result) == json.dumps(case["result"])
    else:
        with pytest.raises(IntrinsicFailure) as raised:
            expression.evaluate(data, scope_of({}))
        assert (raised.value.error, raised.value.cause) == ("States.Runtime", case["error"])
    assert data == given


@pytest.mark.parametrize("call", ["States.Base64Encode($)", "States.Base64Decode($)", "States.Hash($, 'MD5')"])
def test_encodings_take_10000_characters_and_no_more(call, scope_of):
    compile_intrinsic(call).evaluate("A" * 10_000, scope_of({}))
    with pytest.raises(IntrinsicFailure):
        compile_intrinsic(call).evaluate("A" * 10_001, scope_of({}))


def test_a_path_in_a_call_that_finds_nothing_is_named(scope_of):
    with pytest.raises(PathNotFound) as raised:
        compile_intrinsic("States.Array($.a, $.b)").evaluate({"a": 1}, scope_of({}))
    assert raised.value.path == "$.b"


def test_calls_are_nested_ten_deep_and_no_deeper(scope_of):
    nested = "States.Array(" * 10 + ")" * 10
    assert compile_intrinsic(nested).evaluate({}, scope_of({})) == [[[[[[[[[[]]]]]]]]]]
    with pytest.raises(BadExpression, match="10 deep"):
        compile_intrinsic(f"States.Array({nested})")


def test_a_refusal_is_a_runtime_failure():
    assert issubclass(IntrinsicFailure, RuntimeFailure)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (9999999.0, "9999999.0"),
        (10000000.0, "1.0E7"),
        (-12345678.5, "-1.23456785E7"),
        (1e16, "1.0E16"),
        (1.5e300, "1.5E300"),
        (-2.5e-7, "-2.5E-7"),
        (0.00012, "1.2E-4"),
        (123456789012345.6, "1.234567890123456E14"),
    ],
)
def test_a_float_is_printed_as_java_prints_it(value, text):
    assert java_float(value) == text


@pytest.mark.parametrize(
    ("call", "copies"),
    [
        ("States.MathAdd($.a, 1)", 0),
        ("States.Array($.a, $.b)", 2),
        ("States.ArrayGetItem($.a, 0)", 1),
        ("States.Array($v)", None),
        ("States.Format('{}', $.a)", None),
    ],
)
def test_the_size_of_a_value_is_bounded_where_that_is_possible(call, copies):
    assert compile_intrinsic(call).copies == copies
