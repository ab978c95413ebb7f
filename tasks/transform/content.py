"""What one operation hands to the next: a stream of blocks that is read once, or a file in scratch."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fileferry.errors import FerryError

BLOCK = 256 * 1024
"""Bytes that a stream hands on at a time, more or less."""

Blocks = Iterator[bytes]


@dataclass(frozen=True)
class Content:
    """Either `blocks` or `path` is set; `name` is the file's name so far."""

    name: str
    blocks: Blocks | None = None
    path: Path | None = None

    def read(self) -> Blocks:
        """The bytes, block by block; a stream can be read once only."""
        if self.blocks is not None:
            return self.blocks
        assert self.path is not None
        return read_file(self.path)


@dataclass(frozen=True)
class Done:
    """What became of an operation: its output, and what the step's result tells of it (small, no secrets)."""

    content: Content
    told: dict[str, Any] = field(default_factory=dict)


class Scratch:
    """New paths in the step's folder, and streams spooled to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count(1)

    def new(self, suffix: str = "") -> Path:
        """A path at which there is nothing yet."""
        return self.folder / f"{next(self._numbers)}{suffix}"

    def file(self, content: Content) -> Path:
        """A file with the content's bytes: its own, or a new one that the stream is written to."""
        if content.path is not None:
            return content.path
        path = self.new()
        with path.open("wb") as file:
            for block in content.read():
                file.write(block)
        return path


class BlockStream(io.RawIOBase):
    """Blocks as a readable stream."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._held = memoryview(block)
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


def read_file(path: Path) -> Blocks:
    with path.open("rb") as file:
        yield from read_blocks(file)


def read_blocks(stream: IO[bytes]) -> Blocks:
    while block := stream.read(BLOCK):
        yield block


def located(blocks: Blocks, where: str) -> Blocks:
    """`blocks`, whose errors tell the operation in which they arose."""
    try:
        yield from blocks
    except FerryError as error:
        error.where = error.where or where
        raise
