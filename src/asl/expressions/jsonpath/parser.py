"""The parser of the JSONPath dialect of Step Functions (that of Jayway's JsonPath, which is older than RFC 9535).

Differences to the RFC that matter: no escapes in quoted names, no steps in slices, `[?(…)]` needs its parentheses,
functions stand at the end of a path as `.length()`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from asl.errors import BadExpression
from asl.expressions.jsonpath.filters import parse_filter
from asl.expressions.jsonpath.functions import FUNCTIONS
from asl.expressions.jsonpath.tokens import (
    Descent,
    Filter,
    Function,
    Index,
    Indexes,
    Key,
    Keys,
    Slice,
    Token,
    Wildcard,
)

Root = Literal["data", "context", "variable"]

NAME: Final = re.compile(r"[^.\[\]()'\"\s,*?@:$]+|(?<=\.)\$?[^.\[\]()'\"\s,*?@:]+")
VARIABLE: Final = re.compile(r"\$([^\W\d]\w*)")
CALL: Final = re.compile(r"([A-Za-z]+)\(\s*\)$")
INDEXES: Final = re.compile(r"\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]")
SLICE: Final = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*\]")
STAR: Final = re.compile(r"\s*\*\s*\]")


@dataclass(frozen=True, slots=True)
class ParsedPath:
    """`root` says what the steps start from; `variable` is the variable's name without `$` (else "")."""

    text: str
    root: Root
    variable: str
    tokens: tuple[Token, ...]


def parse_path(text: str) -> ParsedPath:
    """The steps of a path. Raises `BadExpression`."""
    if not text.startswith("$"):
        raise BadExpression("A path must begin with '$'", text, 0)
    if text.startswith("$$"):
        return ParsedPath(text, "context", "", parse_tokens(text, 2))
    if match := VARIABLE.match(text):
        return ParsedPath(text, "variable", match[1], parse_tokens(text, match.end()))
    return ParsedPath(text, "data", "", parse_tokens(text, 1))


def parse_tokens(text: str, start: int) -> tuple[Token, ...]:
    """The steps from `start` to the end of the text."""
    tokens: list[Token] = []
    position = start
    while position < len(text):
        found, position = _step(text, position)
        tokens.extend(found)
    if tokens and isinstance(tokens[-1], Descent):
        raise BadExpression("A path must not end with '..'", text, len(text))
    return tuple(tokens)


def _step(text: str, position: int) -> tuple[tuple[Token, ...], int]:
    if text[position] == "[":
        token, position = _bracket(text, position + 1)
        return (token,), position
    if text[position] != ".":
        raise BadExpression("Expected '.' or '['", text, position)
    if text.startswith("..", position):
        return _after_descent(text, position + 2)
    token, position = _after_dot(text, position + 1)
    return (token,), position


def _after_descent(text: str, position: int) -> tuple[tuple[Token, ...], int]:
    if position >= len(text):
        raise BadExpression("A path must not end with '..'", text, position)
    token, position = _bracket(text, position + 1) if text[position] == "[" else _after_dot(text, position)
    return (Descent(), token), position


def _after_dot(text: str, position: int) -> tuple[Token, int]:
    if text.startswith("*", position):
        return Wildcard(), position + 1
    if call := CALL.match(text, position):
        if call[1] not in FUNCTIONS:
            raise BadExpression(f"No function of paths is called '{call[1]}'", text, position)
        return Function(call[1]), call.end()
    match = NAME.match(text, position)
    if match is None:
        raise BadExpression("Expected a name", text, position)
    return Key(match[0]), match.end()


def _bracket(text: str, position: int) -> tuple[Token, int]:
    """The step whose `[` stands before `position`."""
    if match := INDEXES.match(text, position):
        numbers = tuple(int(number) for number in match[1].split(","))
        return (Index(numbers[0]) if len(numbers) == 1 else Indexes(numbers)), match.end()
    if match := SLICE.match(text, position):
        if match[1] is None and match[2] is None:
            raise BadExpression("A slice needs a start or an end", text, position)
        return Slice(_number(match[1]), _number(match[2])), match.end()
    if match := STAR.match(text, position):
        return Wildcard(), match.end()
    rest = text[position:].lstrip()
    position = len(text) - len(rest)
    if rest[:1] in ("'", '"'):
        return _quoted(text, position)
    if rest.startswith("?"):
        accepts, end = parse_filter(text, position + 1, parse_tokens)
        return Filter(accepts, text[position:end]), end
    raise BadExpression("Expected a quoted name, a number, a slice, '*' or '?('", text, position)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _quoted(text: str, position: int) -> tuple[Token, int]:
    """One or more quoted names; a quote ends its name only before `]` or `,`, and a backslash is just a character."""
    names: list[str] = []
    while True:
        quote = text[position]
        end = re.compile(rf"{quote}\s*([\],])").search(text, position + 1)
        if quote not in "'\"" or end is None:
            raise BadExpression("This quoted name does not end", text, position)
        names.append(text[position + 1 : end.start()])
        position = end.end()
        if end[1] == "]":
            return (Key(names[0]) if len(names) == 1 else Keys(tuple(names))), position
        position += len(text[position:]) - len(text[position:].lstrip())
        if position >= len(text) or text[position] not in "'\"":
            raise BadExpression("Expected a quoted name", text, position)
