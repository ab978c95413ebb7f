"""JSONata as Step Functions evaluates it. What expressions give stands in the data files beside this one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asl.errors import BadExpression, QueryEvaluationError
from asl.expressions.jsonata import (
    ABSENT,
    References,
    States,
    compile_jsonata,
    compile_jsonata_template,
    compile_typed,
    references,
)
from tests.unit.asl.expressions.fake_scope import FakeScope

HERE = Path(__file__).parent


def cases(*files: str) -> Iterator[Any]:
    for file in files:
        data = json.loads((HERE / file).read_text())
        for case in data["cases"]:
            yield pytest.param(data["given"] | case, id=f"{file}: {case['case']}")


def states(case: dict[str, Any]) -> States:
    given = case["states"]
    return States(given["input"], given.get("result", ABSENT), given.get("errorOutput", ABSENT))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON texts, so that 1 and true differ, and the order of keys counts."""
    return json.dumps(one) == json.dumps(other)


@pytest.mark.parametrize("case", list(cases("jsonata.json", "jsonata_functions.json")))
def test_an_expression_gives(case: dict[str, Any]) -> None:
    scope = FakeScope(case["variables"], case["context"])
    evaluate = compile_jsonata(case["expression"], case["field"]).evaluate
    if "error" in case:
        with pytest.raises(QueryEvaluationError) as failure:
            evaluate(states(case), scope)
        assert (failure.value.cause, failure.value.location) == (case["error"], case["field"])
    else:
        assert same(evaluate(states(case), scope), case["result"])
        assert same(evaluate(states(case), scope), case["result"]), "the second evaluation differs"


@pytest.mark.parametrize("case", list(cases("jsonata_templates.json")))
def test_a_template_gives(case: dict[str, Any]) -> None:
    template = case["template"]
    before = json.dumps(template)
    evaluate = compile_jsonata_template(template, case["field"]).evaluate
    if "error" in case:
        with pytest.raises(QueryEvaluationError) as failure:
            evaluate(states(case), FakeScope())
        assert (failure.value.cause, failure.value.location) == (case["error"], case["location"])
    else:
        assert same(evaluate(states(case), FakeScope()), case["result"])
    assert json.dumps(template) == before


def test_constant_parts_are_shared_by_all_results() -> None:
    evaluate = compile_jsonata_template({"still": {"a": [1]}, "moving": "{% $states.input %}"}, "Output").evaluate
    one, other = evaluate(States(1), FakeScope()), evaluate(States(2), FakeScope())
    assert (one["moving"], other["moving"]) == (1, 2)
    assert one["still"] is other["still"]


@pytest.mark.parametrize(
    ("value", "expected", "named"),
    [
        ("{% 1 %}", "array", "number' for value: 1"),
        ("{% null %}", "array", "null' for value: null"),
        ("{% 'string' %}", "number", 'string\' for value: "string"'),
        ("{% {'a': [1, 2]} %}", "array", 'object\' for value: {"a":[1,2]}'),
        ("{% [1] %}", "object", "array' for value: [1]"),
        ("{% true %}", "number", "boolean' for value: true"),
        ("{% 0 %}", "boolean", "number' for value: 0"),
        ("{% 1.5 %}", "string", "number' for value: 1.5"),
    ],
)
def test_a_field_of_one_type_names_the_type_it_got(value: str, expected: str, named: str) -> None:
    with pytest.raises(QueryEvaluationError) as failure:
        compile_typed(value, "Items", expected).evaluate(States({}), FakeScope())
    text = value[3:-3]
    assert failure.value.cause == (
        f"The JSONata expression '{text}' specified for the field 'Items' returned an unexpected result type. "
        f"Expected '{expected}', but was '{named}"
    )
    assert failure.value.location == "Items"


def test_a_field_of_one_type_gives_what_fits_and_literals_as_they_are() -> None:
    assert compile_typed("{% [0] %}", "Items", "array").evaluate(States({}), FakeScope()) == [0]
    assert compile_typed([1], "Items", "array").evaluate(States({}), FakeScope()) == [1]
    assert compile_typed("text", "Error", "string").evaluate(States({}), FakeScope()) == "text"


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("1 +", "S0207: Unexpected end of expression", 3),
        ("$states.input[1,2)", 'S0202: Expected "]", got ","', 15),
        ('"unterminated', "S0101: String literal must be terminated by a matching quote", 0),
        ('"\ud800"', "S0101: A lone surrogate is no character", 1),
        ("1) + (2", 'S0201: Syntax error: ")"', 1),
    ],
)
def test_text_that_is_no_expression_is_refused_with_its_place(text: str, reason: str, position: int) -> None:
    with pytest.raises(BadExpression) as refusal:
        compile_jsonata(text, "Output")
    assert (refusal.value.reason, refusal.value.text, refusal.value.position) == (reason, text, position)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.a.b", References(frozenset({"input.a.b"}), frozenset())),
        ("$states", References(frozenset({""}), frozenset())),
        ("$x.y & $states.context.Execution.Id", References(frozenset({"context.Execution.Id"}), frozenset({"x"}))),
        ("$map($states.result, function($v) { $v.a })", References(frozenset({"result.a"}), frozenset())),
        ("($y := $x; $y)", References(frozenset(), frozenset({"x"}))),
        ("$hash($parse($x), 'MD5')", References(frozenset(), frozenset({"x"}))),
        ("phone.number", References(frozenset(), frozenset(), ("phone",))),
        ("'$states.result'", References(frozenset(), frozenset())),
    ],
)
def test_references_are_found(text: str, expected: References) -> None:
    assert references(text) == expected


@pytest.mark.parametrize(
    ("text", "copies"), [("$states.input", 1), ("$states.input.a.b", 1), ("$x", None), ("$x + 1", None)]
)
def test_the_size_of_a_path_into_the_input_is_bounded(text: str, copies: int | None) -> None:
    assert compile_jsonata(text, "Output").copies == copies


def test_the_size_of_a_template_is_bounded_by_its_parts() -> None:
    template = compile_jsonata_template(
        {"a": "{% $states.input %}", "b": ["{% $states.input.x %}", 1], "ü": "ü"}, "Output"
    )
    data = {"x": "y" * 50}
    size = len(
        json.dumps(template.evaluate(States(data), FakeScope()), separators=(",", ":"), ensure_ascii=False).encode()
    )
    assert template.copies == 2
    assert size <= 2 * len(json.dumps(data).encode()) + template.constant


def test_the_context_object_is_built_only_for_an_expression_that_reads_it() -> None:
    scope = FakeScope(context_object={"State": {"Name": "S"}})
    compile_jsonata("$states.input.a + 1", "Output").evaluate(States({"a": 1}), scope)
    assert scope.contexts == 0
    assert compile_jsonata("$states.context.State.Name & '!'", "Output").evaluate(States({}), scope) == "S!"
    assert scope.contexts == 1


@pytest.mark.parametrize("text", ["$states.input.n + 1", "$merge([$states.input, {'r': 1}])"])
def test_a_number_beyond_those_of_jsonata_fails_the_expression(text: str) -> None:
    with pytest.raises(QueryEvaluationError, match="too large"):
        compile_jsonata(text, "Output").evaluate(States({"n": 10**400}), FakeScope())
