"""The bytes of one part until they are sent: in memory, or in a file where parts are large."""

from __future__ import annotations

import hashlib
import io
import tempfile
from pathlib import Path
from typing import Any, Protocol


class PartBuffer(Protocol):
    """Takes bytes up to its part's length; `size` is how many it has."""

    size: int

    def fill(self, data: memoryview) -> int:
        """Take as many of the bytes as there is room for; their number."""

    def sha256(self) -> bytes: ...

    def body(self) -> Any:
        """What UploadPart sends; from its beginning each time."""

    def drop(self) -> None:
        """Let go of memory or file."""


class MemoryBuffer:
    """A part in memory."""

    def __init__(self, length: int) -> None:
        self._bytes = io.BytesIO()
        self._length = length
        self.size = 0

    def fill(self, data: memoryview) -> int:
        count = self._bytes.write(data[: self._length - self.size])
        self.size += count
        return count

    def sha256(self) -> bytes:
        return hashlib.sha256(self._bytes.getbuffer()).digest()

    def body(self) -> Any:
        return self._bytes.getvalue()  # no copy, until somebody writes

    def drop(self) -> None:
        self._bytes.close()


class FileBuffer:
    """A part in an unnamed file below `folder`, which is gone with its process."""

    def __init__(self, length: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives until drop()
        self._length = length
        self.size = 0

    def fill(self, data: memoryview) -> int:
        count = self._file.write(data[: self._length - self.size])
        self.size += count
        return count

    def sha256(self) -> bytes:
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").digest()

    def body(self) -> Any:
        self._file.seek(0)
        return self._file

    def drop(self) -> None:
        self._file.close()
