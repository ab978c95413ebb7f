"""How data flows through a state.

JSONPath: InputPath → Parameters → (the work) → ResultSelector → Assign, ResultPath → OutputPath.
JSONata: Arguments → (the work) → Assign, Output.
(Developer Guide, "Processing input and output" and "Passing data between states with variables".)

Each field is compiled into a closure, and fields that are absent or change nothing cost nothing. A value's size is
bounded on the way (`Expression.copies`), so that it is measured only where it may be over the quota.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asl.expressions.expression import Evaluate, Expression

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame

Conclude = Callable[["Execution", "Frame", Any, int], None]
"""Makes a result, with a bound of its size, the state's output: sets the frame's data, size, variables and assigned."""

_LOOK_AGAIN = 1_300
"""Bytes added to each bound, so that a value is looked at every 200 states: a loop may nest it ever deeper."""

UNKNOWN = 1 << 61
"""A bound that says nothing: the value is measured, unless there is no quota."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What makes the state's input the effective input: an expression of it, and the bound of its size."""

    evaluate: Evaluate
    copies: int
    constant: int


def compile_input_path(spec: Mapping[str, Any]) -> Expression | None:
    """InputPath; None if it is `$`."""
    return _compile_path_field(spec, "InputPath")


def compile_preparation(spec: Mapping[str, Any], jsonata: bool, parameters: str = "Parameters") -> Preparation | None:
    """The effective input of a state, from the frame's data; None if it is the data itself."""
    if jsonata:
        return _bounded(_compile_jsonata(spec["Arguments"], "Arguments")) if "Arguments" in spec else None
    path = compile_input_path(spec)
    template = _compile_template(spec[parameters], parameters) if parameters in spec else None
    if path is not None and template is not None:
        return _bounded(_chained(path, template))
    expression = template or path
    return None if expression is None else _bounded(expression)


def _bounded(expression: Expression) -> Preparation:
    if expression.copies is None:
        return Preparation(expression.evaluate, 0, UNKNOWN)
    return Preparation(expression.evaluate, expression.copies, expression.constant + _LOOK_AGAIN)


def compile_conclusion(spec: Mapping[str, Any], jsonata: bool, catching: bool = False) -> Conclude:
    """What makes a result the output. With `catching`, `spec` is a catcher and the result its error output."""
    return _jsonata_conclusion(spec, catching) if jsonata else _jsonpath_conclusion(spec, catching)


def settle(execution: Execution, frame: Frame, value: Any, bound: int) -> None:
    """Make `value` the frame's data. Raises `DataLimitExceeded` if it is over the quota."""
    frame.size = bound if bound <= execution.data_limit else execution.measured(frame, value)
    frame.data = value


# ---- JSONPath ----------------------------------------------------------------------------------


def _jsonpath_conclusion(spec: Mapping[str, Any], catching: bool) -> Conclude:
    path = spec.get("ResultPath", "$")
    selector = None if catching else _field(spec, "ResultSelector")
    assign = _field(spec, "Assign")
    output = None if catching else _compile_path_field(spec, "OutputPath")
    if selector is None and assign is None and output is None:
        if path is None:
            return _keep_input
        return settle if path == "$" else _merging(path)
    return _full_conclusion(selector, assign, path, output)


def _field(spec: Mapping[str, Any], field: str) -> Expression | None:
    return _compile_template(spec[field], field) if field in spec else None


def _full_conclusion(
    selector: Expression | None, assign: Expression | None, path: str | None, output: Expression | None
) -> Conclude:
    select = None if selector is None else _bounded(selector)
    project = None if output is None else _bounded(output)
    merge = _compile_merge(path)

    def conclude(execution: Execution, frame: Frame, result: Any, bound: int) -> None:
        new = None if assign is None else assign.evaluate(result, frame)
        if select is not None:
            result, bound = select.evaluate(result, frame), bound * select.copies + select.constant
        if path is None:
            result, bound = frame.data, frame.size
        elif merge is not None:
            result, bound = merge(frame.data, result), bound + frame.size + len(path) + 8
        if project is not None:
            result, bound = project.evaluate(result, frame), bound * project.copies + project.constant
        settle(execution, frame, result, bound)
        if new is not None:
            _assign(frame, new)

    return conclude


def _keep_input(_execution: Execution, _frame: Frame, _result: Any, _bound: int) -> None:
    """ResultPath null."""


def _merging(path: str) -> Conclude:
    merge, added = _compile_merge(path), len(path) + 8
    assert merge is not None

    def conclude(execution: Execution, frame: Frame, result: Any, bound: int) -> None:
        value = merge(frame.data, result)
        bound += frame.size + added
        frame.size = bound if bound <= execution.data_limit else execution.measured(frame, value)
        frame.data = value

    return conclude


def _compile_merge(path: str | None) -> Callable[[Any, Any], Any] | None:
    if path is None or path == "$":
        return None
    from asl.expressions.jsonpath import compile_result_path

    return compile_result_path(path)


def _compile_path_field(spec: Mapping[str, Any], field: str) -> Expression | None:
    path = spec.get(field, "$")
    if path == "$":
        return None
    if path is None:
        return Expression(lambda _data, _scope: {}, copies=0, constant=2)
    from asl.expressions.jsonpath import compile_flow_path

    return compile_flow_path(path)


def _compile_template(template: Any, field: str) -> Expression:
    from asl.expressions.templates import compile_template

    return compile_template(template, field)


def _chained(first: Expression, second: Expression) -> Expression:
    begin, go_on = first.evaluate, second.evaluate
    evaluate: Evaluate = lambda data, scope: go_on(begin(data, scope), scope)  # noqa: E731
    if first.copies is None or second.copies is None:
        return Expression(evaluate)
    return Expression(evaluate, first.copies * second.copies, first.constant * second.copies + second.constant)


# ---- JSONata -----------------------------------------------------------------------------------


def _compile_jsonata(template: Any, field: str) -> Expression:
    from asl.expressions.jsonata import States, compile_jsonata_template

    expression = compile_jsonata_template(template, field)
    evaluate = expression.evaluate
    return Expression(lambda data, scope: evaluate(States(data), scope), expression.copies, expression.constant)


def _jsonata_conclusion(spec: Mapping[str, Any], catching: bool) -> Conclude:
    from asl.expressions.jsonata import States, compile_jsonata_template

    template = compile_jsonata_template(spec["Output"], "Output") if "Output" in spec else None
    output = None if template is None else _bounded(template)
    assign = compile_jsonata_template(spec["Assign"], "Assign").evaluate if "Assign" in spec else None
    if output is None and assign is None:
        return settle

    def conclude(execution: Execution, frame: Frame, result: Any, bound: int) -> None:
        states = States(frame.data, error_output=result) if catching else States(frame.data, result)
        new = None if assign is None else assign(states, frame)
        if output is not None:
            result, bound = output.evaluate(states, frame), (frame.size + bound) * output.copies + output.constant
        settle(execution, frame, result, bound)
        if new is not None:
            _assign(frame, new)

    return conclude


def _assign(frame: Frame, new: Any) -> None:
    if new:
        frame.variables = {**frame.variables, **new}
        frame.assigned = new
