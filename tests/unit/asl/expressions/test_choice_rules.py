"""The rules of Choice. What they give stands in the data file beside this one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asl.errors import BadExpression, QueryEvaluationError, RuntimeFailure
from asl.expressions.choice_rules import compile_choice_rule, compile_condition
from asl.expressions.jsonata import States
from tests.unit.asl.expressions.fake_scope import FakeScope


def cases() -> Iterator[Any]:
    data = json.loads((Path(__file__).parent / "choice_rules.json").read_text())
    for case in data["cases"]:
        yield pytest.param(data["given"] | case, id=json.dumps(case["rule"]))


@pytest.mark.parametrize("case", list(cases()))
def test_a_rule_gives(case: dict[str, Any]) -> None:
    rule = compile_choice_rule(case["rule"])
    scope = FakeScope(case["variables"], case["context"])
    if "error" in case:
        with pytest.raises(RuntimeFailure) as failure:
            rule(case["data"], scope)
        assert failure.value.cause == case["error"]
    else:
        assert rule(case["data"], scope) is case["result"]


@pytest.mark.parametrize("rule", [{}, {"Variable": "$.a"}, {"Variable": "$.a", "NumericMatches": 1}, {"Next": "A"}])
def test_a_rule_that_compares_nothing_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(BadExpression):
        compile_choice_rule(rule)


@pytest.mark.parametrize(
    ("condition", "result"),
    [(True, True), (False, False), ("{% $states.input.done %}", True), ("{% $states.input.n > 1 %}", False)],
)
def test_a_condition_gives(condition: str | bool, result: bool) -> None:
    rule = compile_condition(condition, "Choices[0]/Condition")
    assert rule(States({"done": True, "n": 1}), FakeScope()) is result


def test_a_condition_must_give_a_boolean() -> None:
    rule = compile_condition("{% $states.input.n %}", "Choices[1]/Condition")
    with pytest.raises(QueryEvaluationError) as failure:
        rule(States({"n": 1}), FakeScope())
    assert failure.value.location == "Choices[1]/Condition"
    assert failure.value.cause == (
        "The JSONata expression '$states.input.n' specified for the field 'Choices[1]/Condition' returned "
        "an unexpected result type. Expected 'boolean', but was 'number' for value: 1"
    )
