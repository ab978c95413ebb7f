"""From an intrinsic function call's text to its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from asl.errors import BadExpression
from asl.expressions.intrinsics.lexer import Lexeme, lexemes, unescaped
from asl.expressions.intrinsics.registry import FUNCTIONS
from asl.expressions.jsonpath.parser import ParsedPath, parse_path

DEEPEST: Final = 10
"""How deep calls may be nested (AWS, "Intrinsic functions")."""

WORDS: Final = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, boolean or null. `raw` is a string as written, with its escapes (Format needs them)."""

    value: Any
    raw: str = ""


@dataclass(frozen=True, slots=True)
class PathNode:
    path: ParsedPath


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the function `name` (without `States.`)."""

    name: str
    arguments: tuple[Node, ...]


Node = Literal | PathNode | Call


def parse_intrinsic(text: str) -> Call:
    """The call that the text is. Raises `BadExpression`."""
    parser = _Parser(text)
    call = parser.call(depth=1)
    parser.expect("end", "")
    return call


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lexemes = list(lexemes(text))
        self.at = 0

    def take(self) -> Lexeme:
        lexeme = self.lexemes[self.at]
        self.at = min(self.at + 1, len(self.lexemes) - 1)
        return lexeme

    def accept(self, symbol: str) -> bool:
        lexeme = self.lexemes[self.at]
        if lexeme.kind == "symbol" and lexeme.text == symbol:
            self.at += 1
            return True
        return False

    def expect(self, kind: str, text: str) -> None:
        lexeme = self.take()
        if (lexeme.kind, lexeme.text) != (kind, text):
            wanted = f"'{text}'" if text else "the end"
            raise BadExpression(f"Expected {wanted}", self.text, lexeme.position)

    def call(self, depth: int) -> Call:
        lexeme = self.take()
        name = lexeme.text.removeprefix("States.")
        if lexeme.kind != "name" or name not in FUNCTIONS:
            raise BadExpression("This is no intrinsic function", self.text, lexeme.position)
        if depth > DEEPEST:
            raise BadExpression(f"Calls may be nested {DEEPEST} deep", self.text, lexeme.position)
        self.expect("symbol", "(")
        arguments: list[Node] = []
        if not self.accept(")"):
            arguments.append(self.argument(depth))
            while self.accept(","):
                arguments.append(self.argument(depth))
            self.expect("symbol", ")")
        return Call(name, tuple(arguments))

    def argument(self, depth: int) -> Node:
        lexeme = self.lexemes[self.at]
        if lexeme.kind == "name":
            return self.call(depth + 1)
        self.take()
        if lexeme.kind == "string":
            return Literal(unescaped(lexeme.text), lexeme.text)
        if lexeme.kind == "number":
            return Literal(number(lexeme.text))
        if lexeme.kind == "word":
            return Literal(WORDS[lexeme.text])
        if lexeme.kind == "path":
            return PathNode(self.path(lexeme))
        raise BadExpression("Expected an argument", self.text, lexeme.position)

    def path(self, lexeme: Lexeme) -> ParsedPath:
        try:
            return parse_path(lexeme.text)
        except BadExpression as error:
            position = lexeme.position + (error.position or 0)
            raise BadExpression(error.reason, self.text, position) from error


def number(text: str) -> int | float:
    """A number as JSON reads it: a float if it has a point or an exponent."""
    return float(text) if any(sign in text for sign in ".eE") else int(text)
