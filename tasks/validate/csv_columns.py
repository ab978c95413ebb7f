"""The values of one column: type, nullability, range, pattern and allowed values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import filterfalse

from fileferry.errors import ConfigurationError
from fileferry.model.route import Column

from .violations import shown

Test = Callable[[set[str]], Iterable[str]]
"""Picks the values that fail. Sets and C functions, since a value costs a microsecond where Python looks at each."""

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_BOOLEAN = re.compile(r"true|false|t|f|yes|no|y|n|1|0", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """One demand on the values of a column: its word, its test, and the sentence that follows a failing value."""

    word: str
    test: Test
    sentence: str


@dataclass(frozen=True)
class Problem:
    """What is wrong with a value: the rule's word and a sentence."""

    rule: str
    message: str


@dataclass(frozen=True)
class ColumnCheck:
    """A column of the contract at its place in the file; `index` counts from 0."""

    column: Column
    index: int
    rules: tuple[Rule, ...]

    def problems(self, values: Sequence[str]) -> Iterator[tuple[int, Problem]]:
        """(position in `values`, problem) of every value that breaks the contract: the first rule that it breaks."""
        distinct = set(values)
        bad: dict[str, Problem] = {}
        if "" in distinct:
            distinct.discard("")
            if not self.column.nullable:
                bad[""] = Problem("csv.null", "a value is missing")
        for rule in self.rules:
            failing = set(rule.test(distinct))
            distinct -= failing
            bad |= {value: Problem(rule.word, f"{shown(value)} {rule.sentence}") for value in failing}
        if bad:
            yield from ((position, bad[value]) for position, value in enumerate(values) if value in bad)


def column_check(column: Column, index: int) -> ColumnCheck:
    """The check of a column; raises ConfigurationError when the contract cannot be applied."""
    rules = [_type_rule(column)] if column.type != "string" else []
    if column.allowed is not None:
        rules.append(_allowed_rule(column.allowed))
    if column.pattern is not None:
        rules.append(_pattern_rule(column))
    if column.min is not None or column.max is not None:
        rules.extend(_range_rules(column))
    return ColumnCheck(column, index, tuple(rules))


def _type_rule(column: Column) -> Rule:
    kind, form = column.type, column.format
    if form is not None and kind in ("date", "timestamp"):
        return Rule("csv.type", _unparsed(lambda value: datetime.strptime(value, form)), f"is not of the form {form!r}")
    if kind == "date":
        return Rule("csv.type", _unparsed(date.fromisoformat, _DATE), "is not a date like 2026-01-31")
    if kind == "timestamp":
        return Rule(
            "csv.type", _unparsed(datetime.fromisoformat, _TIMESTAMP), "is not a timestamp like 2026-01-31T12:30:00Z"
        )
    pattern = {"integer": _INTEGER, "decimal": _DECIMAL, "boolean": _BOOLEAN}[kind]
    return Rule("csv.type", _unmatched(pattern), f"is not {'an' if kind == 'integer' else 'a'} {kind}")


def _unmatched(pattern: re.Pattern[str]) -> Test:
    return lambda values: filterfalse(pattern.fullmatch, values)


def _unparsed(parse: Callable[[str], object], pattern: re.Pattern[str] | None = None) -> Test:
    def fails(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return True
        return pattern is not None and not pattern.fullmatch(value)

    return lambda values: filter(fails, values)


def _allowed_rule(allowed: Sequence[str]) -> Rule:
    known = frozenset(allowed)
    some = ", ".join(shown(value) for value in allowed[:5]) + (", …" if len(allowed) > 5 else "")
    return Rule("csv.allowed", lambda values: values - known, f"is none of {some}")


def _pattern_rule(column: Column) -> Rule:
    try:
        pattern = re.compile(column.pattern or "")
    except re.error as error:
        raise ConfigurationError(
            f"The pattern of column {column.name!r} is no regular expression: {error}.",
            todo="mend it in the route's csv contract.",
        ) from error
    return Rule("csv.pattern", _unmatched(pattern), f"does not match {shown(column.pattern)}")


def _range_rules(column: Column) -> Iterator[Rule]:
    """`min` and `max` bound the value of a number and the length in characters of a string."""
    measures: dict[str, Callable[[str], Decimal | int]] = {"integer": int, "decimal": Decimal, "string": len}
    if column.type not in measures:
        raise ConfigurationError(
            f"Column {column.name!r} has min or max, which a {column.type} cannot have.",
            todo="take them out of the route's csv contract, or use a pattern.",
        )
    measure, what = measures[column.type], " characters" if column.type == "string" else ""
    low, high = column.min, column.max
    if low is not None:
        yield Rule("csv.range", _outside(measure, lambda size: size < low), f"is below {low:g}{what}")
    if high is not None:
        yield Rule("csv.range", _outside(measure, lambda size: size > high), f"is above {high:g}{what}")


def _outside(measure: Callable[[str], Decimal | int], fails: Callable[[Decimal | int], bool]) -> Test:
    def test(values: set[str]) -> Iterable[str]:
        if not values:
            return ()
        # The extremes alone tell that nothing is outside, which is what they nearly always tell.
        sizes = list(map(measure, values))
        if not fails(min(sizes)) and not fails(max(sizes)):
            return ()
        return [value for value, size in zip(values, sizes, strict=True) if fails(size)]

    return test
