"""Text encodings: their names, and decoding that knows the line and column of bytes that do not fit."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from fileferry.errors import ConfigurationError

_NOT_FOR_FILES = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}


def text_encoding(name: str) -> str:
    """The codec that reads encoding `name`; a UTF-8 byte order mark is read over.

    Raises ConfigurationError when Python knows no text encoding of this name.
    """
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        info = None
    if info is None or not getattr(info, "_is_text_encoding", True) or info.name.replace("-", "_") in _NOT_FOR_FILES:
        raise ConfigurationError(
            f"{name!r} is not a text encoding.", todo="name one that Python knows, e.g. utf-8, cp1252 or utf-16."
        )
    return "utf-8-sig" if info.name == "utf-8" else info.name


@dataclass(frozen=True)
class BadBytes:
    """The first bytes that are not of the encoding; `line` and `column` (in characters) count from 1."""

    encoding: str
    value: bytes
    line: int
    column: int

    def __str__(self) -> str:
        shown = " ".join(f"0x{byte:02x}" for byte in self.value[:4])
        return f"{shown} is not valid {self.encoding}"


class PositionedDecoder:
    """Decodes block after block, and tells `on_error` where the first bytes are that do not fit.

    When `on_error` returns, decoding goes on with U+FFFD in place of what does not fit, and it is not called
    again. `line` and `column` are those of the next character.
    """

    def __init__(self, encoding: str, on_error: Callable[[BadBytes], None]) -> None:
        self._encoding = encoding.removesuffix("-sig")
        self._decoder = codecs.getincrementaldecoder(text_encoding(encoding))("strict")
        self._on_error = on_error
        self.line = 1
        self.column = 1

    def decode(self, data: bytes, final: bool = False) -> str:
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            return self._decode_leniently(error, state, final)
        self.advance(text)
        return text

    def _decode_leniently(self, error: UnicodeDecodeError, state: tuple[bytes, int], final: bool) -> str:
        # error.object holds what the decoder had kept back as well as the new block.
        self._decoder.setstate((b"", state[1]))
        good = self._decoder.decode(error.object[: error.start])
        self.advance(good)
        self._on_error(BadBytes(self._encoding, error.object[error.start : error.end], self.line, self.column))
        self._decoder.errors = "replace"
        rest = self._decoder.decode(error.object[error.start :], final)
        self.advance(rest)
        return good + rest

    def advance(self, text: str) -> None:
        """Move line and column past `text`."""
        newlines = text.count("\n")
        if newlines:
            self.line += newlines
            self.column = len(text) - text.rindex("\n")
        else:
            self.column += len(text)
