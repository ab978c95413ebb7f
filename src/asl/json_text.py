"""JSON as it was written: values that keep their text and know where they stand.

`json` loses digits of long numbers, spellings of strings and every position; formatting and messages with line numbers
need them. The grammar is RFC 8259, strictly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn

from asl.errors import UnreadableJson

_DEEPEST = 200
_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


@dataclass(frozen=True, slots=True)
class JsonScalar:
    """A string, number, true, false or null: its text as written. `start` is its offset in the document."""

    text: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class JsonMember:
    """`key` is the name as written, with its quotes; `name` what it means; `start` the key's offset."""

    key: str
    name: str
    value: JsonValue
    start: int = 0


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Members in their order, also where a name stands twice. `open`: it is never written on one line."""

    members: tuple[JsonMember, ...]
    start: int = 0
    open: bool = False

    def opened(self) -> JsonObject:
        return replace(self, open=True)

    def each(self, change: Callable[[JsonValue], JsonValue]) -> JsonObject:
        """The same names with changed values."""
        return replace(self, members=tuple(replace(member, value=change(member.value)) for member in self.members))

    def changed(self, name: str, change: Callable[[JsonValue], JsonValue]) -> JsonObject:
        """The same with the value of one member, if it is there, changed."""
        return replace(
            self,
            members=tuple(
                replace(member, value=change(member.value)) if member.name == name else member
                for member in self.members
            ),
        )


@dataclass(frozen=True, slots=True)
class JsonArray:
    items: tuple[JsonValue, ...]
    start: int = 0


JsonValue = JsonScalar | JsonObject | JsonArray


def parse_json(text: str) -> JsonValue:
    """The value that the text holds. Raises `UnreadableJson` with line and column; a byte order mark is passed over."""
    return _Parser(text).document()


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Where an offset is, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def offset_of(value: JsonValue, location: str) -> int:
    """The offset of what a validation's location names (of a member: its name), or of the deepest part that exists.

    A location is AWS's path into a definition, `/States/Fan out/Branches[0]/StartAt`: names are not escaped, so the
    longest name that fits is taken.
    """
    offset, rest = value.start, location
    while rest:
        found: JsonMember | JsonValue | None = None
        if isinstance(value, JsonObject) and rest.startswith("/"):
            found = max((m for m in value.members if _leads(rest, m.name)), key=lambda m: len(m.name), default=None)
            rest = rest[len(found.name) + 1 :] if found else ""
        elif isinstance(value, JsonArray) and (index := re.match(r"\[(\d+)\]", rest)):
            found = value.items[int(index[1])] if int(index[1]) < len(value.items) else None
            rest = rest[index.end() :]
        if found is None:
            break
        offset = found.start
        value = found.value if isinstance(found, JsonMember) else found
    return offset


def _leads(rest: str, name: str) -> bool:
    """The location goes on with this name, as a whole."""
    return rest.startswith(name, 1) and rest[len(name) + 1 : len(name) + 2] in ("", "/", "[")


@dataclass(slots=True)
class _Parser:
    text: str
    at: int = 0
    depth: int = 0

    def document(self) -> JsonValue:
        self.at = 1 if self.text.startswith("\ufeff") else 0
        self._space()
        value = self._value()
        if self.at < len(self.text):
            self._refuse("more text after the value")
        return value

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _refuse(self, reason: str) -> NoReturn:
        if self.at >= len(self.text):
            reason = "the text ends too early"
        raise UnreadableJson(reason, *line_and_column(self.text, self.at))

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _value(self) -> JsonValue:
        """The value here, and on over the space after it."""
        value: JsonValue
        start = self.at
        if self._next() in ("{", "["):
            self.depth += 1
            if self.depth > _DEEPEST:
                self._refuse(f"more than {_DEEPEST} levels")
            value = self._object(start) if self._next() == "{" else self._array(start)
            self.depth -= 1
        elif self._next() == '"':
            value = JsonScalar(self._string(), start)
        else:
            value = self._scalar()
        self._space()
        return value

    def _scalar(self) -> JsonScalar:
        match = _SCALAR.match(self.text, self.at)
        if match is None:
            self._refuse(f"expected a value, not {self._next()!r}")
        scalar = JsonScalar(match[0], self.at)
        self.at = match.end()
        return scalar

    def _string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            self._refuse("a string that does not end on its line, or has a bad escape")
        self.at = match.end()
        return match[0]

    def _object(self, start: int) -> JsonObject:
        members: list[JsonMember] = []
        self._step()
        while self._next() != "}":
            if members:
                self._comma("}")
            begin = self.at
            if self._next() != '"':
                self._refuse(f"expected a name in quotes, not {self._next()!r}")
            key = self._string()
            self._space()
            if self._next() != ":":
                self._refuse(f"expected ':' after the name {key}")
            self._step()
            members.append(JsonMember(key, json.loads(key), self._value(), begin))
        self.at += 1
        return JsonObject(tuple(members), start)

    def _array(self, start: int) -> JsonArray:
        items: list[JsonValue] = []
        self._step()
        while self._next() != "]":
            if items:
                self._comma("]")
            items.append(self._value())
        self.at += 1
        return JsonArray(tuple(items), start)

    def _step(self) -> None:
        self.at += 1
        self._space()

    def _comma(self, end: str) -> None:
        if self._next() != ",":
            self._refuse(f"expected ',' or '{end}', not {self._next()!r}")
        self._step()
        if self._next() == end:
            self._refuse(f"a comma before '{end}'")
