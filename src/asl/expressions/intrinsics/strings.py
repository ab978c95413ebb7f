"""States.StringSplit and Format."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from asl.expressions.intrinsics.arguments import refused, string
from asl.expressions.intrinsics.java_values import java_text

PIECE: Final = re.compile(r"\\(.)|(\{\})|([{}\\])", re.DOTALL)


def split(text: Any, delimiters: Any) -> list[str]:
    """The parts between any of the delimiters' characters; empty parts are left out."""
    text, delimiters = string("StringSplit", text), string("StringSplit", delimiters)
    if len(delimiters) == 1:
        return [part for part in text.split(delimiters) if part]
    return [part for part in _splitter(delimiters).split(text) if part] if delimiters else [text][: len(text)]


@lru_cache(maxsize=256)
def _splitter(delimiters: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(delimiters)}]")


def template(raw: str) -> list[str] | None:
    """The texts around the `{}` of a template with its escapes; None if a brace stands alone."""
    parts, last = [""], 0
    for match in PIECE.finditer(raw):
        parts[-1] += raw[last : match.start()]
        last = match.end()
        if match[1]:
            parts[-1] += match[1]
        elif match[2]:
            parts.append("")
        else:
            return None
    parts[-1] += raw[last:]
    return parts


def formatter(parts: list[str] | None, number: int) -> Callable[[tuple[Any, ...]], str]:
    """A function from that number of values to the text of a template whose texts are `parts`."""
    if parts is None:
        return _refusing("")
    if len(parts) != number + 1:
        return _refusing(": number of arguments do not match the occurrences of {}.")
    pattern = "%s".join(part.replace("%", "%%") for part in parts)

    def fill(values: tuple[Any, ...]) -> str:
        return pattern % tuple([value if type(value) is str else java_text(value) for value in values])

    return fill


def _refusing(detail: str) -> Callable[[tuple[Any, ...]], str]:
    def refuse(_values: tuple[Any, ...]) -> str:
        raise refused("Format", detail)

    return refuse


def formatted(raw: Any, *values: Any) -> str:
    """Format with a template that is only known at run time."""
    return formatter(template(string("Format", raw)), len(values))(values)
