"""Text from one encoding and kind of line end to another, as a stream."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

from fileferry.errors import ContentRefused
from fileferry.model.route import Charset
from fileferry.text_encoding import BadBytes, PositionedDecoder, text_encoding

from .content import Blocks

_NEWLINES = {"lf": "\n", "crlf": "\r\n"}


def recode(operation: Charset, blocks: Blocks) -> Blocks:
    """The text in the target encoding; a byte order mark at its beginning is left away.

    Raises ContentRefused, with line and column, for bytes that are not of the source encoding and for characters
    that the target encoding lacks; ConfigurationError for an encoding that does not exist.
    """
    text_encoding(operation.target)
    return _recoded(operation, PositionedDecoder(operation.source, _refuse), blocks)


def _recoded(operation: Charset, decoder: PositionedDecoder, blocks: Blocks) -> Blocks:
    encoder = codecs.getincrementalencoder(operation.target)("strict")
    place = PositionedDecoder("utf-8", _refuse)
    newline = _NEWLINES.get(operation.newline)
    newlines = io.IncrementalNewlineDecoder(None, translate=True) if newline else None
    started = False
    for data, final in _with_end(blocks):
        text = decoder.decode(data, final)
        if text and not started:
            started = True
            text = text.removeprefix("\ufeff")
        if newlines is not None and newline is not None:
            text = newlines.decode(text, final).replace("\n", newline)
        try:
            encoded = encoder.encode(text, final)
        except UnicodeEncodeError as error:
            place.advance(text[: error.start])
            raise _not_in_target(operation, text[error.start], place) from error
        place.advance(text)
        yield encoded


def _with_end(blocks: Blocks) -> Iterator[tuple[bytes, bool]]:
    """The blocks, then an empty one that says that it is the last."""
    for block in blocks:
        yield block, False
    yield b"", True


def _refuse(bad: BadBytes) -> None:
    raise ContentRefused(
        f"The text is not {bad.encoding}: line {bad.line}, column {bad.column}: {bad}.",
        [{"rule": "transform.charset", "message": str(bad), "line": bad.line, "column": bad.column}],
    )


def _not_in_target(operation: Charset, character: str, place: PositionedDecoder) -> ContentRefused:
    message = f"{operation.target} has no character U+{ord(character):04X}"
    return ContentRefused(
        f"The text cannot be written as {operation.target}: line {place.line}, column {place.column}: {message}.",
        [{"rule": "transform.charset", "message": message, "line": place.line, "column": place.column}],
    )
