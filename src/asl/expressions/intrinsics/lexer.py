"""The tokens of an intrinsic function call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from asl.errors import BadExpression

ESCAPABLE: Final = "'{}\\"
"""The only characters that a backslash may stand before (AWS refuses any other, `\\n` and `\\"` too)."""

PATTERNS: Final = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        ("blank", r"\s+"),
        ("name", r"States\.[A-Za-z0-9]+"),
        ("string", r"'(?:[^'\\]|\\.)*'"),
        ("number", r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"),
        ("word", r"(?:true|false|null)\b"),
        ("symbol", r"[(),]"),
    )
)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """`kind` is name, string, number, word, symbol, path or end; a string's text is what stands between its quotes."""

    kind: str
    text: str
    position: int


def lexemes(text: str) -> Iterator[Lexeme]:
    """The call's tokens, blanks left out, with one of kind `end` at the end. Raises `BadExpression`."""
    position = 0
    while position < len(text):
        lexeme, end = _next(text, position)
        if lexeme.kind != "blank":
            yield lexeme
        position = end
    yield Lexeme("end", "", len(text))


def _next(text: str, position: int) -> tuple[Lexeme, int]:
    if text[position] == "$":
        end = end_of_path(text, position)
        return Lexeme("path", text[position:end].rstrip(), position), end
    for kind, pattern in PATTERNS:
        if match := pattern.match(text, position):
            inner = match[0][1:-1] if kind == "string" else match[0]
            if kind == "string":
                _check_escapes(text, position + 1, match.end() - 1)
            return Lexeme(kind, inner, position), match.end()
    reason = "This string does not end" if text[position] == "'" else "Expected a function, a path or a literal"
    raise BadExpression(reason, text, position)


def _check_escapes(text: str, start: int, end: int) -> None:
    position = start
    while (position := text.find("\\", position, end)) >= 0:
        if text[position + 1] not in ESCAPABLE:
            raise BadExpression(r"A backslash may stand only before ', {, } and \ ", text, position)
        position += 2


def end_of_path(text: str, position: int) -> int:
    """Where the path that begins at `position` ends: at a comma or parenthesis that is not inside its brackets."""
    depth = 0
    while position < len(text):
        symbol = text[position]
        if symbol in "'\"" and depth:
            closing = text.find(symbol, position + 1)
            position = closing if closing >= 0 else len(text)
        elif symbol in "[(":
            depth += 1
        elif symbol in "])" and depth:
            depth -= 1
        elif symbol in ",)" and not depth:
            break
        position += 1
    return position


def unescaped(text: str) -> str:
    """A string literal's value."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) if "\\" in text else text
