"""The rules of Choice: JSONPath comparisons and JSONata conditions, compiled to closures.

Source: "Choice workflow state" and "Choice Rule" of the Amazon States Language. A value of another type than the
operator compares makes the comparison false; a path that finds nothing fails the execution, except under IsPresent.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from asl.errors import BadExpression, PathNotFound, RuntimeFailure
from asl.expressions.expression import Evaluate, Scope
from asl.expressions.jsonata import compile_typed
from asl.expressions.jsonpath import compile_path
from asl.expressions.timestamps import moment

Rule = Callable[[Any, Scope], bool]
"""(data, scope) → whether the rule matches. Raises `asl.errors.StateError`."""

Test = Callable[[Any], bool]

_MEMBER = re.compile(r"\$\.([A-Za-z_]\w*)", re.ASCII)
_OPERATOR = re.compile(r"(String|Numeric|Timestamp|Boolean)(\w+?)(Path)?")
_CLASSES: Mapping[str, tuple[type, ...]] = {"String": (str,), "Numeric": (int, float), "Boolean": (bool,)}
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_TYPE_TESTS: Mapping[str, Test] = {
    "IsNull": lambda value: value is None,
    "IsBoolean": lambda value: value.__class__ is bool,
    "IsNumeric": lambda value: value.__class__ in _CLASSES["Numeric"],
    "IsString": lambda value: value.__class__ is str,
    "IsTimestamp": lambda value: moment(value) is not None,
}


def compile_choice_rule(rule: Mapping[str, Any]) -> Rule:
    """A JSONPath rule of `Choices` (or a part of And, Or, Not) as a function. Raises `BadExpression`."""
    if "And" in rule:
        return _every([compile_choice_rule(part) for part in rule["And"]])
    if "Or" in rule:
        return _any([compile_choice_rule(part) for part in rule["Or"]])
    if "Not" in rule:
        negated = compile_choice_rule(rule["Not"])
        return lambda data, scope: not negated(data, scope)
    if "Variable" not in rule:
        raise BadExpression("A choice rule needs And, Or, Not or Variable", str(dict(rule)))
    return _comparison(rule["Variable"], rule)


def compile_condition(condition: str | bool, field: str = "Condition") -> Rule:
    """A `Condition` of a JSONata Choice: a boolean, or a `{% … %}` string that must give one.

    The function takes a `States` as data. `field` is where the condition stands, for AWS's texts and locations
    (`Choices[0]/Condition`). Raises `BadExpression`.
    """
    return compile_typed(condition, field, "boolean").evaluate


def _comparison(variable: str, rule: Mapping[str, Any]) -> Rule:
    for name, comparand in rule.items():
        if name == "IsPresent":
            return _presence(variable, comparand)
        if name in _TYPE_TESTS:
            return _tested(variable, _expecting(_TYPE_TESTS[name], comparand))
        match = _OPERATOR.fullmatch(name)
        if match is None:
            continue
        kind, comparison, is_path = match.groups()
        if comparison == "Matches" and kind == "String":
            return _tested(variable, _wildcard_test(comparand))
        if comparison in _COMPARISONS:
            if is_path:
                return _against_path(variable, kind, _COMPARISONS[comparison], comparand)
            return _tested(variable, _constant_test(kind, _COMPARISONS[comparison], comparand))
    raise BadExpression("A choice rule needs a comparison", str(dict(rule)))


def _every(rules: list[Rule]) -> Rule:
    if len(rules) == 2:
        first, second = rules
        return lambda data, scope: first(data, scope) and second(data, scope)

    def every(data: Any, scope: Scope) -> bool:
        return all(rule(data, scope) for rule in rules)

    return every


def _any(rules: list[Rule]) -> Rule:
    def some(data: Any, scope: Scope) -> bool:
        return any(rule(data, scope) for rule in rules)

    return some


def _value_at(path: str) -> Evaluate:
    """The value at a path, or the failure that AWS gives for a Choice."""
    evaluate = compile_path(path).evaluate

    def value(data: Any, scope: Scope) -> Any:
        try:
            return evaluate(data, scope)
        except PathNotFound as error:
            raise RuntimeFailure(
                f"Invalid path '{path}': The choice state's condition path references an invalid value."
            ) from error

    return value


def _presence(variable: str, expected: bool) -> Rule:
    evaluate = compile_path(variable).evaluate

    def present(data: Any, scope: Scope) -> bool:
        try:
            evaluate(data, scope)
        except PathNotFound:
            return not expected
        return expected

    return present


def _tested(variable: str, test: Test) -> Rule:
    """The test on the variable's value; a member of the data is read without a detour."""
    value_at = _value_at(variable)
    member = _MEMBER.fullmatch(variable)
    if member is None:
        return lambda data, scope: test(value_at(data, scope))
    name = member[1]

    def tested(data: Any, scope: Scope) -> bool:
        try:
            value = data[name]
        except (KeyError, TypeError):
            value = value_at(data, scope)
        return test(value)

    return tested


def _expecting(test: Test, expected: bool) -> Test:
    return test if expected else lambda value: not test(value)


def _constant_test(kind: str, compare: Callable[[Any, Any], bool], comparand: Any) -> Test:
    if kind == "Timestamp":
        limit = moment(comparand)

        def compare_moments(value: Any) -> bool:
            at = moment(value)
            return at is not None and limit is not None and compare(at, limit)

        return compare_moments
    classes = _CLASSES[kind]
    if comparand.__class__ not in classes:
        return lambda _: False
    return lambda value: value.__class__ in classes and compare(value, comparand)


def _against_path(variable: str, kind: str, compare: Callable[[Any, Any], bool], path: str) -> Rule:
    left, right = _value_at(variable), _value_at(path)
    if kind == "Timestamp":

        def compare_moments(data: Any, scope: Scope) -> bool:
            one, other = moment(left(data, scope)), moment(right(data, scope))
            return one is not None and other is not None and compare(one, other)

        return compare_moments
    classes = _CLASSES[kind]

    def compare_values(data: Any, scope: Scope) -> bool:
        one, other = left(data, scope), right(data, scope)
        return one.__class__ in classes and other.__class__ in classes and compare(one, other)

    return compare_values


def _wildcard_test(pattern: str) -> Test:
    r"""StringMatches: `*` stands for any characters, `\*` for an asterisk, `\\` for a backslash."""
    parts = re.findall(r"\\[*\\]|.", pattern, re.DOTALL)
    matches = re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL).fullmatch
    return lambda value: value.__class__ is str and matches(value) is not None
