"""Which values occur twice, in bounded memory: a dictionary first, partitions of digests on disk after that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_ENTRY = 250
"""Bytes that a value costs in memory, measured with values of up to 32 characters."""
_LONG = 32
_PARTITIONS = 64
_FLUSH = 64 * 1024
_DIGEST = 16
_RECORD = _DIGEST + 8
_MAX_DEPTH = 3
"""64⁴ partitions are enough; one value repeated without end would be split for ever."""


class UniqueValues:
    """Remembers values with their lines and tells which were there before.

    Values up to `memory` bytes of them are kept in a dictionary. Beyond it, 16-byte BLAKE2b digests go to files in
    `folder`, split by their first bits, which `finish` looks through one at a time.
    """

    def __init__(self, folder: Path, memory: int) -> None:
        self._folder = folder
        self._bound = max(memory // _ENTRY, 1)
        self._seen: dict[str | bytes, int] | None = {}
        self._partitions: Partitions | None = None

    def add(self, values: Iterable[str], lines: Iterable[int]) -> Iterator[tuple[int, int]]:
        """(line, line of the first) for each value that is known to be a repeat already."""
        if self._seen is None:
            self._spill(zip(values, lines, strict=True))
            return
        seen = self._seen
        for value, line in zip(values, lines, strict=True):
            key = value if len(value) <= _LONG else _digest(value)
            first = seen.setdefault(key, line)
            if first != line:
                yield line, first
        if len(seen) > self._bound:
            self._seen = None
            self._spill(seen.items())

    def finish(self) -> Iterator[tuple[int, int]]:
        """(line, line of the first) for the repeats that only the whole file shows."""
        if self._partitions is not None:
            yield from self._partitions.repeats(self._bound)

    def _spill(self, entries: Iterable[tuple[str | bytes, int]]) -> None:
        if self._partitions is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._partitions = Partitions(self._folder, depth=0)
        for value, line in entries:
            self._partitions.add(value if isinstance(value, bytes) else _digest(value), line)


class Partitions:
    """Records of digest and line, spread over files by a byte of the digest so that each fits memory."""

    def __init__(self, folder: Path, depth: int) -> None:
        self._folder = folder
        self._depth = depth
        self._buffers = [bytearray() for _ in range(_PARTITIONS)]

    def add(self, digest: bytes, line: int) -> None:
        number = digest[self._depth] % _PARTITIONS
        buffer = self._buffers[number]
        buffer += digest + line.to_bytes(8, "big")
        if len(buffer) >= _FLUSH:
            self._flush(number)

    def repeats(self, bound: int) -> Iterator[tuple[int, int]]:
        for number in range(_PARTITIONS):
            self._flush(number)
            path = self._path(number)
            if path.exists():
                yield from self._repeats_in(path, bound)
                path.unlink()

    def _repeats_in(self, path: Path, bound: int) -> Iterator[tuple[int, int]]:
        splits = path.stat().st_size // _RECORD > bound and self._depth < _MAX_DEPTH
        if splits:
            finer = path.with_suffix(".d")
            finer.mkdir()
            inner = Partitions(finer, self._depth + 1)
            for digest, line in _records(path):
                inner.add(digest, line)
            yield from inner.repeats(bound)
            finer.rmdir()
            return
        seen: dict[bytes, int] = {}
        for digest, line in _records(path):
            first = seen.setdefault(digest, line)
            if first != line:
                yield line, first

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._depth}-{number}"

    def _flush(self, number: int) -> None:
        if self._buffers[number]:
            with self._path(number).open("ab") as file:
                file.write(self._buffers[number])
            self._buffers[number].clear()


def _records(path: Path) -> Iterator[tuple[bytes, int]]:
    with path.open("rb") as file:
        while block := file.read(_RECORD * 4096):
            for at in range(0, len(block), _RECORD):
                yield block[at : at + _DIGEST], int.from_bytes(block[at + _DIGEST : at + _RECORD], "big")


def _digest(value: str) -> bytes:
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
