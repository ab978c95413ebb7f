"""JSONata by the same library as the engine, called the plain way: everything bound, nothing shared."""

from __future__ import annotations

from typing import Any

import jlens

from tests.unit.asl.reference.values import Failure

FAILED = "States.QueryEvaluationError"


def expression_in(value: Any) -> str | None:
    """The text between `{%` and `%}`; None for a value that is no expression."""
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        return value[2:-2].strip()
    return None


def evaluate(template: Any, states: dict[str, Any], variables: dict[str, Any]) -> Any:
    """A JSONata field's value, with every expression in it evaluated."""
    if isinstance(template, dict):
        return {key: evaluate(value, states, variables) for key, value in template.items()}
    if isinstance(template, list):
        return [evaluate(value, states, variables) for value in template]
    text = expression_in(template)
    if text is None:
        return template
    try:
        # in an object, so that null can be told from nothing
        found = jlens.Expression("{'value': (" + text + ")}").evaluate(None, {**variables, "states": states})
    except jlens.JlensError as error:
        raise Failure(FAILED) from error
    if "value" not in found:
        raise Failure(FAILED)
    return found["value"]


def evaluate_as(kind: tuple[type, ...], template: Any, states: dict[str, Any], variables: dict[str, Any]) -> Any:
    """The same, where the field takes one type."""
    value = evaluate(template, states, variables)
    if expression_in(template) is not None and type(value) not in kind:
        raise Failure(FAILED)
    return value
