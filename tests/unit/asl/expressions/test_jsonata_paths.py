"""The closures for common forms, and the input by which the library gets its data, give what plain JSONata gives."""

from __future__ import annotations

from typing import Any

import jlens
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asl.errors import QueryEvaluationError
from asl.expressions.jsonata import ABSENT, States, compile_jsonata
from tests.unit.asl.expressions.fake_scope import FakeScope

UNDEFINED = "undefined"
NAMES = ("a", "b", "c")

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "b", "text"]) | st.floats(0, 1)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=12,
)
paths = st.tuples(
    st.sampled_from(
        ["$states.input", "$states.result", "$states.errorOutput", "$states.context", "$states", "$a", "$b"]
    ),
    st.lists(st.sampled_from(NAMES), max_size=4),
).map(lambda parts: ".".join([parts[0], *parts[1]]))
EXPRESSIONS = (
    "$a",
    "[$a]",
    "[$a, $b]",
    "{'k': $a, 'l': $states.input}",
    "$append($a, $b)",
    "$count($a)",
    "$type($a)",
    "$exists($a.b)",
    "$exists($states.result)",
    "$string($states.input)",
    "$states.input.a[0]",
    "$states.input[0]",
    "$a[0].b",
    "$a[b = 1]",
    "$a[b].c[]",
    "$a.*",
    "$states.input.**.a",
    "$a.(b & c)",
    "$a.b.{'x': $, 'y': $$}",
    "$a.$b",
    "$a.[b, c]",
    "$a = $b",
    "$a in $b",
    "$states.input.a & $b.b",
    "$map($a, function($v) { $v.b })",
    "$filter($states.input, function($v) { $v = 1 })",
    "$each($a, function($v, $k) { $k })",
    "$merge([$a, $b])",
    "$spread($a)",
    "$distinct($a)",
    "$reverse($a)",
    "$lookup($states, 'input').a",
    "$states.*",
    "$a ~> $count",
    "$a@$v.b.{'v': $v}",
    "$a#$i.b",
    "$a^(b)",
    "$a{b: c}",
    "$a ~> |b|{'z': 1}|",
    "($c := $a; $c.b)",
    "($a := 1; $a)",
    "function($a) { $a }(2)",
    "$states.input.a ? 'yes' : 'no'",
    "$a and $b or $states.input",
    "$sum($a)",
)


def plain(expression: str, states: dict[str, Any], variables: dict[str, Any]) -> Any:
    """The expression with bindings only, as the library's documentation has it; ("error", code) when it fails."""
    try:
        given = jlens.Expression(f"{{'v': ({expression})}}").evaluate(None, {**variables, "states": states})
    except jlens.JlensError as error:
        return "error", error.code
    return given.get("v", UNDEFINED)


def ours(expression: str, states: dict[str, Any], variables: dict[str, Any]) -> Any:
    data = States(states["input"], states.get("result", ABSENT), states.get("errorOutput", ABSENT))
    try:
        return compile_jsonata(expression, "Output").evaluate(data, FakeScope(variables, states["context"]))
    except QueryEvaluationError as error:
        text = error.cause or ""
        if text.endswith("(undefined)."):
            return UNDEFINED
        return "error", text.split("threw an error during evaluation. ")[1].split(":")[0]


def given_states(input_: Any, result: Any, error_output: Any, context: dict[str, Any]) -> dict[str, Any]:
    members = {"input": input_, "result": result, "errorOutput": error_output, "context": context}
    return {name: value for name, value in members.items() if value is not ABSENT}


optional = st.just(ABSENT) | values
all_states = st.builds(given_states, values, optional, optional, st.dictionaries(st.sampled_from(NAMES), values))
all_variables = st.dictionaries(st.sampled_from(NAMES), values, max_size=2)


@settings(max_examples=400, deadline=None)
@given(paths, all_states, all_variables)
def test_a_path_gives_what_the_library_gives(path: str, states: dict[str, Any], variables: dict[str, Any]) -> None:
    assert ours(path, states, variables) == plain(path, states, variables)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@settings(max_examples=25, deadline=None)
@given(states=all_states, variables=all_variables)
def test_an_expression_gives_what_it_gives_with_plain_bindings(
    expression: str, states: dict[str, Any], variables: dict[str, Any]
) -> None:
    assert ours(expression, states, variables) == plain(expression, states, variables)
