"""The filters of JSONPath: `[?(@.price < 10 && @.name == 'x')]`, parsed into a predicate."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from asl.errors import BadExpression
from asl.expressions.jsonpath.selection import ABSENT, reader
from asl.expressions.jsonpath.tokens import Predicate, Token

Operand = Callable[[Any, Any], Any]
"""(the item `@`, the root `$`) → a value; `ABSENT` for a path that finds nothing."""

ParseTokens = Callable[[str, int], tuple[Token, ...]]
"""(text, where the steps begin) → the steps: the parser of paths, which calls this one."""

OPERATOR: Final = re.compile(
    r"\s*(===|!==|==|!=|=~|<=|>=|<|>|(?:in|nin|subsetof|anyof|noneof|size|empty|contains|all)\b)\s*", re.IGNORECASE
)
LITERAL: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true\b|false\b|null\b")
REGEX: Final = re.compile(r"/((?:[^/\\]|\\.)*)/([idmsux]*)")
STRING: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": re.UNICODE, "d": 0}


def parse_filter(text: str, position: int, parse_tokens: ParseTokens) -> tuple[Predicate, int]:
    """The predicate whose `?` stands before `position`, and the place after its closing `]`. Raises `BadExpression`."""
    parser = _Parser(text, position, parse_tokens)
    parser.expect("(")
    predicate = parser.alternatives()
    parser.expect(")")
    parser.expect("]")
    return predicate, parser.position


class _Parser:
    """A recursive descent over one filter; `position` moves along the text."""

    def __init__(self, text: str, position: int, parse_tokens: ParseTokens) -> None:
        self.text = text
        self.position = position
        self.parse_tokens = parse_tokens

    def skip(self) -> None:
        while self.text[self.position : self.position + 1].isspace():
            self.position += 1

    def accept(self, symbol: str) -> bool:
        self.skip()
        if not self.text.startswith(symbol, self.position):
            return False
        self.position += len(symbol)
        return True

    def expect(self, symbol: str) -> None:
        if not self.accept(symbol):
            raise BadExpression(f"Expected '{symbol}'", self.text, self.position)

    def alternatives(self) -> Predicate:
        parts = [self.conjunction()]
        while self.accept("||"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda item, root: any(part(item, root) for part in parts)

    def conjunction(self) -> Predicate:
        parts = [self.term()]
        while self.accept("&&"):
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else lambda item, root: all(part(item, root) for part in parts)

    def term(self) -> Predicate:
        self.skip()
        if self.accept("!"):
            inner = self.term()
            return lambda item, root: not inner(item, root)
        if self.accept("("):
            predicate = self.alternatives()
            self.expect(")")
            return predicate
        return self.comparison()

    def comparison(self) -> Predicate:
        left = self.operand()
        match = OPERATOR.match(self.text, self.position)
        if match is None:
            return lambda item, root: left(item, root) is not ABSENT
        self.position = match.end()
        compare = COMPARISONS[match[1].lower()]
        right = self.operand()
        return lambda item, root: compare(left(item, root), right(item, root))

    def operand(self) -> Operand:
        self.skip()
        first = self.text[self.position : self.position + 1]
        if first in ("@", "$"):
            return self.path(first)
        if first == "[":
            return self.array()
        for pattern, read in ((LITERAL, _literal), (STRING, _string), (REGEX, _regex)):
            if match := pattern.match(self.text, self.position):
                value = self.value(read, match)
                self.position = match.end()
                return lambda _item, _root: value
        raise BadExpression("Expected a path, a string, a number, true, false or null", self.text, self.position)

    def value(self, read: Callable[[re.Match[str]], Any], match: re.Match[str]) -> Any:
        try:
            return read(match)
        except re.error as error:
            raise BadExpression(f"Bad regular expression: {error}", self.text, self.position) from None

    def array(self) -> Operand:
        self.expect("[")
        items: list[Operand] = []
        while not self.accept("]"):
            if items:
                self.expect(",")
            items.append(self.operand())
        return lambda item, root: [operand(item, root) for operand in items]

    def path(self, anchor: str) -> Operand:
        end = self.end_of_path()
        try:
            read = reader(self.parse_tokens(self.text[:end], self.position + 1))
        except BadExpression as error:
            raise BadExpression(error.reason, self.text, error.position) from None
        self.position = end
        if anchor == "@":
            return read
        return lambda _item, root: read(root, root)

    def end_of_path(self) -> int:
        """Where the path that begins here ends: at a blank, an operator or a bracket that it did not open."""
        depth, at = 0, self.position + 1
        while at < len(self.text):
            symbol = self.text[at]
            if symbol in "'\"" and depth:
                at = self.text.find(symbol, at + 1)
                if at < 0:
                    raise BadExpression("This quoted name does not end", self.text, self.position)
            elif symbol == "[" or (symbol == "(" and (depth or self.text.startswith("()", at))):
                depth += 1
            elif symbol in "])" and depth:
                depth -= 1
            elif not depth and (symbol in ")],&|=!<>~" or symbol.isspace()):
                break
            at += 1
        return at


def _literal(match: re.Match[str]) -> Any:
    text = match[0]
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    return float(text) if any(sign in text for sign in ".eE") else int(text)


def _string(match: re.Match[str]) -> str:
    return re.sub(r"\\(.)", r"\1", match[1] if match[1] is not None else match[2])


def _regex(match: re.Match[str]) -> re.Pattern[str]:
    flags = 0
    for flag in match[2]:
        flags |= FLAGS[flag]
    return re.compile(match[1], flags)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
        return (numbers or (isinstance(left, str) and isinstance(right, str))) and test(left, right)

    return compare


def _matches(left: Any, right: Any) -> bool:
    if isinstance(left, re.Pattern):
        left, right = right, left
    return isinstance(left, str) and isinstance(right, re.Pattern) and right.fullmatch(left) is not None


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return isinstance(left, list) and any(_same(item, right) for item in left)


def _within(left: Any, right: Any) -> bool:
    return left is not ABSENT and _contains(right if isinstance(right, list) else [], left)


def _each(test: Callable[[Any], bool], left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and test(_within(item, right) for item in left)


def _size(left: Any, right: Any) -> bool:
    return isinstance(left, list | str) and len(left) == right


def _empty(left: Any, right: Any) -> bool:
    return isinstance(left, list | str | dict) and (not left) is right


COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": _same,
    "===": _same,
    "!=": lambda left, right: not _same(left, right),
    "!==": lambda left, right: not _same(left, right),
    "<": _ordered(lambda left, right: bool(left < right)),
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
    "=~": _matches,
    "in": _within,
    "nin": lambda left, right: left is not ABSENT and not _within(left, right),
    "subsetof": lambda left, right: _each(all, left, right),
    "anyof": lambda left, right: _each(any, left, right),
    "noneof": lambda left, right: isinstance(left, list) and not _each(any, left, right),
    "all": lambda left, right: _each(all, right, left),
    "size": _size,
    "empty": _empty,
    "contains": _contains,
}
