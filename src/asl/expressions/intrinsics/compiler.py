"""From the nodes of an intrinsic function call to a closure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from asl.expressions.expression import Evaluate, Expression, Scope
from asl.expressions.intrinsics.arguments import refused
from asl.expressions.intrinsics.java_values import json_text
from asl.expressions.intrinsics.parser import Call, Literal, Node, PathNode, parse_intrinsic
from asl.expressions.intrinsics.registry import FUNCTIONS, Function
from asl.expressions.intrinsics.strings import formatter, template
from asl.expressions.jsonpath.paths import compile_path


@lru_cache(maxsize=4096)
def compile_intrinsic(text: str) -> Expression:
    """A call like `States.Format('{}', $.name)` as an expression.

    Evaluating raises `IntrinsicFailure` if a function refuses its arguments (a wrong number of them is only seen then,
    as by AWS) and `PathNotFound` if a path in it finds nothing; compiling raises `BadExpression`.
    """
    return compile_call(parse_intrinsic(text))


def compile_call(call: Call) -> Expression:
    function = FUNCTIONS[call.name]
    number = len(call.arguments)
    if number < function.least or (function.most is not None and number > function.most):
        return Expression(_refusing(call.name), copies=0)
    arguments = [_argument(node) for node in call.arguments]
    copies, constant = _bound(function, arguments)
    return Expression(_evaluation(call, function, [part.evaluate for part in arguments]), copies, constant)


def _argument(node: Node) -> Expression:
    if isinstance(node, Call):
        return compile_call(node)
    if isinstance(node, PathNode):
        return compile_path(node.path.text)
    value = node.value
    return Expression(lambda _data, _scope: value, 0, len(json_text(value).encode("utf-8", "replace")))


def _refusing(name: str) -> Evaluate:
    def evaluate(_data: Any, _scope: Scope) -> Any:
        raise refused(name)

    return evaluate


def _bound(function: Function, arguments: list[Expression]) -> tuple[int | None, int]:
    """`copies` and `constant` of a call's value."""
    if function.size == "small":
        return 0, function.largest
    if function.size == "first":
        return arguments[0].copies, arguments[0].constant
    if function.size == "all":
        copies = 0
        for argument in arguments:
            if argument.copies is None:
                return None, 0
            copies += argument.copies
        return copies, 2 + sum(argument.constant + 1 for argument in arguments)
    return None, 0


def _evaluation(call: Call, function: Function, arguments: list[Evaluate]) -> Evaluate:
    if call.name == "Format":
        return _format(call, arguments)
    if function.scoped:
        apply = function.apply
        return lambda data, scope: apply(scope, *[argument(data, scope) for argument in arguments])
    if len(arguments) == 1:
        return _one(function.apply, arguments[0])
    if len(arguments) == 2:
        return _two(function.apply, arguments, call.arguments[1])
    return _many(function.apply, arguments)


def _one(apply: Callable[..., Any], first: Evaluate) -> Evaluate:
    return lambda data, scope: apply(first(data, scope))


def _two(apply: Callable[..., Any], arguments: list[Evaluate], last: Node) -> Evaluate:
    first, second = arguments
    if isinstance(last, Literal):
        value = last.value
        return lambda data, scope: apply(first(data, scope), value)
    return lambda data, scope: apply(first(data, scope), second(data, scope))


def _many(apply: Callable[..., Any], arguments: list[Evaluate]) -> Evaluate:
    return lambda data, scope: apply(*[argument(data, scope) for argument in arguments])


def _format(call: Call, arguments: list[Evaluate]) -> Evaluate:
    values = [_printed(node, argument) for node, argument in zip(call.arguments, arguments, strict=True)]
    first = call.arguments[0]
    if not isinstance(first, Literal) or not isinstance(first.value, str):
        return _many(FUNCTIONS["Format"].apply, values)
    fill = formatter(template(first.raw), len(values) - 1)
    if len(values) == 2:
        only = values[1]
        return lambda data, scope: fill((only(data, scope),))
    rest = values[1:]
    return lambda data, scope: fill(tuple([value(data, scope) for value in rest]))


def _printed(node: Node, argument: Evaluate) -> Evaluate:
    """What StringToJson gives is printed by Format as JSON: AWS holds it in another class, which prints itself so."""
    if isinstance(node, Call) and node.name == "StringToJson":
        return lambda data, scope: json_text(argument(data, scope))
    return argument
