"""An object's content as chunks, lines or values, without ever holding all of it."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import IO, Any, cast

from asl.items.ports import Body, Readable

_CHUNK = 64 * 1024
_BYTES = (bytes, bytearray, memoryview)


def is_parsed(value: object) -> bool:
    """Whether this value is data already, and no content to be parsed."""
    return not (isinstance(value, (str, *_BYTES)) or hasattr(value, "read"))


def unparsed(body: Body) -> tuple[Iterator[bytes] | None, Any]:
    """(the chunks, None) of a content, or (None, the values) of a body that is parsed already.

    To tell them apart an iterator's first element is taken; it comes first in what is returned.
    """
    if not is_parsed(body):
        return _chunks(body), None
    if isinstance(body, (list, tuple, Mapping)) or not isinstance(body, Iterable):
        return None, body
    elements = iter(body)
    first = list(islice(elements, 1))
    whole = chain(first, elements)
    if first and isinstance(first[0], _BYTES):
        return (bytes(chunk) for chunk in whole), None
    return None, whole


def text_chunks(chunks: Iterator[bytes]) -> Iterator[str]:
    """The content as text. Bytes that are no UTF-8 become U+FFFD; a byte order mark is dropped."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    for chunk in chunks:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """The content's lines, each but perhaps the last with a newline at its end, whatever line ends it has."""
    return io.TextIOWrapper(binary_file(chunks), encoding="utf-8-sig", errors="replace", newline=None)


def binary_file(chunks: Iterator[bytes]) -> IO[bytes]:
    """The chunks as a file, for what wants one."""
    return io.BufferedReader(_ChunkFile(chunks), _CHUNK)


def _chunks(body: Body) -> Iterator[bytes]:
    if isinstance(body, (str, *_BYTES)):
        for at in range(0, len(body), _CHUNK):
            piece = body[at : at + _CHUNK]
            yield piece.encode() if isinstance(piece, str) else bytes(piece)
    else:
        while piece := cast("Readable", body).read(_CHUNK):
            yield piece.encode() if isinstance(piece, str) else piece


class _ChunkFile(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
