"""One read of the file that serves several checks."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from fileferry.text_encoding import BadBytes, PositionedDecoder

from .violations import Violations

BLOCK = 1024**2
Observer = Callable[[bytes], None]


class ObservedContent(io.RawIOBase):
    """A readable stream that shows every byte that passes, once and in order, to its observers."""

    def __init__(self, stream: BinaryIO, head: bytes, observers: Sequence[Observer]) -> None:
        self._stream = stream
        self._held = memoryview(b"")
        self._observers = observers
        self._take(head)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held:
            self._take(self._stream.read(max(BLOCK, len(buffer))))
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def drain(self) -> None:
        """Read to the end, so that the observers have seen everything."""
        while block := self._stream.read(BLOCK):
            self._show(block)

    def _take(self, block: bytes) -> None:
        self._show(block)
        self._held = memoryview(block)

    def _show(self, block: bytes) -> None:
        for observe in self._observers:
            observe(block)


class EncodingCheck:
    """Whether the whole file decodes; adds one violation, at the first bytes that do not."""

    def __init__(self, encoding: str, found: Violations) -> None:
        self._found = found
        self._decoder = PositionedDecoder(encoding, self._refuse)

    def observe(self, block: bytes) -> None:
        self._decoder.decode(block)

    def finish(self) -> None:
        """Call at the end of the file: it may end in the middle of a character."""
        self._decoder.decode(b"", final=True)

    def _refuse(self, bad: BadBytes) -> None:
        hint = "; the file begins like UTF-16" if bad.line == bad.column == 1 and _utf16(bad.value) else ""
        self._found.add("encoding", f"{bad}{hint}", line=bad.line, column=bad.column)


def _utf16(value: bytes) -> bool:
    return value[:1] in (b"\xff", b"\xfe")


class DigestCheck:
    """Whether the bytes have the digests that their sender declared: algorithm → hex."""

    def __init__(self, declared: Mapping[str, str], found: Violations) -> None:
        self._declared = declared
        self._found = found
        self._digests = {name: hashlib.new(name, usedforsecurity=False) for name in declared}

    def observe(self, block: bytes) -> None:
        for digest in self._digests.values():
            digest.update(block)

    def finish(self) -> None:
        for name, digest in self._digests.items():
            if digest.hexdigest() != self._declared[name].lower():
                self._found.add(
                    "checksum", f"the sender declared {name} {self._declared[name][:64]}, it is {digest.hexdigest()}"
                )
