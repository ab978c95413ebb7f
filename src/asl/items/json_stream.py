"""The elements of a JSON array or of JSON Lines, one after the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NoReturn

from asl.errors import ItemReaderFailed

NOT_ITERABLE = "Attempting to map over non-iterable node."


def array_elements(chunks: Iterator[str], pointer: Sequence[str] = ()) -> Iterator[Any]:
    """The elements of the array at `pointer` (JSON Pointer's tokens, unescaped; empty: the whole text is the array).

    Holds one element at a time, and on the way to the array one member at a time. Raises `ItemReaderFailed`.
    """
    text = _Text(chunks)
    for token in pointer:
        _descend(text, token)
    if text.peek() != "[":
        raise ItemReaderFailed(NOT_ITERABLE)
    yield from _elements(text)
    if not pointer and text.peek():
        text.fail("text after the end of the array")


def line_values(lines: Iterator[str]) -> Iterator[Any]:
    """The values of JSON Lines; blank lines are skipped. Raises `ItemReaderFailed`."""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        try:
            yield _DECODER.decode(text)
        except json.JSONDecodeError as error:
            raise ItemReaderFailed(f"Line {number} of the dataset is no JSON: {error.msg}.") from error


def pointed(value: Any, pointer: Sequence[str]) -> Any:
    """What `pointer` points to in a parsed value. Raises `ItemReaderFailed`."""
    for token in pointer:
        try:
            value = value[int(token)] if isinstance(value, (list, tuple)) else value[token]
        except (LookupError, TypeError, ValueError):
            raise _nothing_there(token) from None
    return value


def pointer_tokens(pointer: str) -> tuple[str, ...]:
    """The tokens of a JSON Pointer (RFC 6901): `/a~1b/0` → `("a/b", "0")`. Raises `ItemReaderFailed`."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise ItemReaderFailed(f"The ItemsPointer {json.dumps(pointer)} is no JSON Pointer: it must start with /.")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def _nothing_there(token: str) -> ItemReaderFailed:
    return ItemReaderFailed(f"The ItemsPointer points to nothing: there is no {json.dumps(token)}.")


def _descend(text: _Text, token: str) -> None:
    opening = text.peek()
    if opening == "[":
        _find_element(text, token)
    elif opening == "{":
        _find_member(text, token)
    else:
        raise _nothing_there(token)


def _elements(text: _Text) -> Iterator[Any]:
    text.expect("[")
    if text.peek() != "]":
        yield text.value()
        while text.peek() == ",":
            text.expect(",")
            yield text.value()
    text.expect("]")


def _find_element(text: _Text, token: str) -> None:
    text.expect("[")
    for index in count():
        if text.peek() in ("", "]"):
            break
        if str(index) == token:
            return
        text.value()
        if text.peek() != ",":
            break
        text.expect(",")
    raise _nothing_there(token)


def _find_member(text: _Text, name: str) -> None:
    text.expect("{")
    while text.peek() != "}":
        key = text.value()
        text.expect(":")
        if key == name:
            return
        text.value()
        if text.peek() != ",":
            break
        text.expect(",")
    raise _nothing_there(name)


_BLANKS = re.compile(r"[ \t\r\n]*")
_MORE_NUMBER = re.compile(r"[-+.0-9eE]*")
_NEAR_END = 16  # an error so near the end of what was read may be gone when more is read: "tru", "\u12"


def _no_constant(name: str) -> NoReturn:
    raise ItemReaderFailed(f"The dataset is no JSON: {name} is no number.")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


class _Text:
    """A window over the text; what lies before `at` has been used."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._window = ""
        self._at = 0
        self._used = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            self._at = _BLANKS.match(self._window, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._more():
                return ""

    def expect(self, char: str) -> None:
        found = self.peek()
        if found != char:
            self.fail(f"{char!r} expected, found {found!r}" if found else f"{char!r} expected, but it ends")
        self._at += 1

    def value(self) -> Any:
        """The value that starts here."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._window, self._at)
            except json.JSONDecodeError as error:
                if not self._may_go_on(error) or not self._double():
                    self._at = error.pos
                    self.fail(error.msg)
                continue
            if isinstance(value, (int, float)) and _MORE_NUMBER.fullmatch(self._window, end) and self._double():
                continue
            self._at = end
            return value

    def fail(self, what: str) -> NoReturn:
        raise ItemReaderFailed(f"The dataset is no JSON: {what} at character {self._used + self._at}.")

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._window) - _NEAR_END

    def _double(self) -> bool:
        """Read at least as much as the value has so far, so that a long value is not parsed too often."""
        wanted = 2 * (len(self._window) - self._at)
        grew = False
        while len(self._window) - self._at < wanted and self._more():
            grew = True
        return grew

    def _more(self) -> bool:
        while not self._ended:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
            elif chunk:
                self._used += self._at
                self._window, self._at = self._window[self._at :] + chunk, 0
                return True
        return False
