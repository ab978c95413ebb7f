"""How wide text will be, estimated: an SVG is written before anybody knows which font will draw it."""

from __future__ import annotations

import re
import unicodedata

_NARROW = frozenset("iljtfrI.,:;'|!()[]{}/\\ `")
_WIDE = frozenset("mwMW@%—…")
_SAFETY = 1.1  # sans-serif fonts differ by about a tenth
_WORDS = re.compile(r"\s+|[^\s_\-./]*[_\-./]+|[A-Z]?[^\sA-Z_\-./]+|[A-Z]+|.", re.DOTALL)
_PARTS = re.compile(r"\s+|[.:/_\-]*[^\s.:/_\-]+|.", re.DOTALL)


def width_of(text: str, size: float, bold: bool = False) -> float:
    """The width in pixels of one line at a font size in pixels."""
    return sum(map(_share, text)) * size * _SAFETY * (1.06 if bold else 1.0)


def _share(char: str) -> float:
    """The width of a character as a share of the font size."""
    if char in _NARROW:
        return 0.33
    if char in _WIDE:
        return 0.92
    if unicodedata.combining(char):
        return 0.0
    if ord(char) > 0x2E80 and unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.69 if char.isupper() else 0.57


def cut(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, with `…` for what does not fit."""
    if width_of(text, size, bold) <= width:
        return text
    while text and width_of(text + "…", size, bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, width: float, size: float, name: bool = False, lines: int = 2) -> list[str]:
    """The text in at most so many lines. A name (bold) is broken between words, after hyphens, underscores, dots and
    slashes, and before capitals; other text between words and before such signs, where a resource has its parts.
    """
    found = [""]
    for piece in (_WORDS if name else _PARTS).findall(" ".join(text.split())):
        if width_of((found[-1] + piece).rstrip(), size, name) > width and found[-1] and len(found) < lines:
            found.append(piece.lstrip())
        else:
            found[-1] += piece
    return [cut(line.rstrip(), width, size, name) for line in found]
