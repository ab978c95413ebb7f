"""Paths and ResultPath, case by case from jsonpath.json, result_paths.json and bad_expressions.json."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from asl.errors import BadExpression, PathNotFound, ResultPathMatchFailure, RuntimeFailure
from asl.expressions.intrinsics import compile_intrinsic
from asl.expressions.jsonpath import compile_flow_path, compile_path, compile_result_path

HERE = Path(__file__).parent


def cases(name: str) -> list[Any]:
    groups = json.loads((HERE / name).read_text())
    return [pytest.param(g["given"], c, id=str(c["expression"])[:60]) for g in groups for c in g["cases"]]


@pytest.mark.parametrize(("given", "case"), cases("jsonpath.json"))
def test_a_path_gives_what_it_finds_or_says_why_it_finds_nothing(given, case, scope_of):
    data, expression = copy.deepcopy(given["data"]), compile_path(case["expression"])
    if "error" not in case:
        assert expression.evaluate(data, scope_of(given)) == case["result"]
    else:
        with pytest.raises(PathNotFound) as raised:
            expression.evaluate(data, scope_of(given))
        assert (raised.value.reason, raised.value.data) == (case["error"], data)
    assert data == given["data"]


@pytest.mark.parametrize(("given", "case"), cases("bad_expressions.json"))
def test_a_bad_expression_is_refused_with_its_place(given, case):
    with pytest.raises(BadExpression) as raised:
        (compile_path if given == "a path" else compile_intrinsic)(case["expression"])
    error = raised.value
    assert (error.reason, error.text, error.position) == (case["error"], case["expression"], case["position"])


@pytest.mark.parametrize(("given", "case"), cases("result_paths.json"))
def test_result_path_puts_the_result_into_a_copy(given, case):
    data, put = copy.deepcopy(given), compile_result_path(case["expression"])
    if "error" not in case:
        assert put(data, "R") == case["result"]
    else:
        with pytest.raises(ResultPathMatchFailure) as raised:
            put(data, "R")
        assert raised.value.cause == case["error"]
    assert data == given


@pytest.mark.parametrize("text", ["$.a[*]", "$..a", "$$.a", "$v", "$.a[1:2]", "$.a.length()"])
def test_result_path_is_a_reference_path_into_the_data(text):
    with pytest.raises(BadExpression, match="ResultPath must be a reference path"):
        compile_result_path(text)


def test_what_lies_beside_a_result_path_is_shared():
    data = {"a": {"b": 1}, "c": {"d": [1]}}
    assert compile_result_path("$.a.x")(data, 1)["c"] is data["c"]


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("$.x", "Invalid path '$.x' : No results for path: $['x']"),
        ("$.no.such.path", "Invalid path '$.no.such.path' : Missing property in path $['no']"),
    ],
)
def test_input_path_that_finds_nothing_fails_the_state(path, cause, scope_of):
    with pytest.raises(RuntimeFailure) as raised:
        compile_flow_path(path).evaluate({}, scope_of({}))
    assert raised.value.cause == cause


def test_a_path_into_the_data_is_no_larger_than_the_data():
    assert compile_path("$.a.b").copies == compile_path("$.a[*].b").copies == 1
    assert compile_path("$..a").copies is compile_path("$$.a").copies is compile_path("$v").copies is None
