"""Where in a JSON text the values of given paths begin."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
"""Keys and indexes from the document's root to a value, as jsonschema's `absolute_path`."""

_SPACE = re.compile(r"[ \t\r\n]*")
_END = object()


@dataclass(frozen=True)
class Place:
    """Line and column, in characters, counted from 1."""

    line: int
    column: int

    @classmethod
    def of(cls, text: str, index: int) -> Place:
        return cls(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def pointer(path: Iterable[str | int]) -> str:
    """The JSON Pointer (RFC 6901) of a path; empty for the root."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def places(text: str, paths: Collection[Path]) -> dict[Path, Place]:
    """The places of the values at `paths` in `text`, which must be valid JSON; one walk for all of them.

    Values on no path are skipped by the C scanner. A path that is not there has no place.
    """
    wanted: dict[Any, Any] = {}
    for path in paths:
        node = wanted
        for part in path:
            node = node.setdefault(part, {})
        node[_END] = path
    found: dict[Path, Place] = {}
    if wanted:
        _Walk(text, found).value(0, wanted)
    return found


class _Walk:
    def __init__(self, text: str, found: dict[Path, Place]) -> None:
        self._text = text
        self._found = found
        self._skip = json.JSONDecoder(strict=False).raw_decode

    def value(self, at: int, wanted: Mapping[Any, Any]) -> int:
        """Note the places of what is wanted in the value that begins at or after `at`; the index behind it."""
        at = self._space(at)
        if _END in wanted:
            self._found[wanted[_END]] = Place.of(self._text, at)
        if wanted.keys() - {_END}:
            if self._text[at] == "{":
                return self._members(at + 1, wanted)
            if self._text[at] == "[":
                return self._items(at + 1, wanted)
        return self._skip(self._text, at)[1]

    def _members(self, at: int, wanted: Mapping[Any, Any]) -> int:
        at = self._space(at)
        while self._text[at] != "}":
            key, at = self._skip(self._text, at)
            at = self._space(at) + 1  # the colon
            at = self._space(self.value(at, wanted.get(key, {})))
            if self._text[at] == ",":
                at = self._space(at + 1)
        return at + 1

    def _items(self, at: int, wanted: Mapping[Any, Any]) -> int:
        at = self._space(at)
        index = 0
        while self._text[at] != "]":
            at = self._space(self.value(at, wanted.get(index, {})))
            index += 1
            if self._text[at] == ",":
                at = self._space(at + 1)
        return at + 1

    def _space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at
