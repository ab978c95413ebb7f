"""Writing one object: a single PUT when it is small, else parts that are sent at the same time."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fileferry.errors import IntegrityError
from fileferry.home import Transfer
from fileferry.model.job import ObjectRef

from .buffers import FileBuffer, MemoryBuffer, PartBuffer
from .lanes import Lanes
from .part_sizes import PartSizes
from .targets import Target, Written, base64_of
from .uploads import MultipartUpload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BeforeVisible = Callable[[Written], None]
"""Called with all bytes written, right before the object becomes visible; what it raises keeps the object unseen."""


class ObjectWriter:
    """Writes one object. Nothing is visible before the `with` block ends well.

    Between two parts the transfer's pulse is told how many bytes are safe. An error inside the block aborts the
    upload, unless the next try can go on with it (see MultipartUpload).
    """

    def __init__(
        self, s3: S3Client, target: Target, transfer: Transfer, sizes: PartSizes, before_visible: BeforeVisible
    ) -> None:
        self._s3 = s3
        self._target = target
        self._transfer = transfer
        self._upload = MultipartUpload(s3, target, transfer, sizes)
        self._before_visible = before_visible
        self._lanes = Lanes(transfer.lanes, transfer.part_size)
        self._number = 1
        self._buffer = self._new_buffer()
        self._digest = hashlib.sha256()
        self._size = 0
        self._ref: ObjectRef | None = None

    @property
    def ref(self) -> ObjectRef:
        """The object that was written; only after the `with` block."""
        if self._ref is None:
            raise RuntimeError("the object is not written yet")
        return self._ref

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Take the bytes; waits while the parts before them are under way. Raises what became of those."""
        self._digest.update(data)
        self._size += len(data)
        view = memoryview(data)
        while view:
            if self._buffer.size == self._upload.sizes.length(self._number):
                self._send_part()
                self._number += 1
                self._buffer = self._new_buffer()
            view = view[self._buffer.fill(view) :]
        return len(data)

    def expect(self, size: int, sha256: str = "") -> None:
        """Raises IntegrityError (before anything is visible) unless the bytes written are the expected ones."""
        if self._size != size or (sha256 and self._digest.hexdigest() != sha256):
            raise IntegrityError(
                f"{self._target}: wrote {self._size} bytes with SHA-256 {self._digest.hexdigest()}, "
                f"but {size} bytes with {sha256 or 'any digest'} are recorded."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._lanes.close()
            self._upload.give_up(error)
            return
        with self._upload.kept_or_discarded(), contextlib.closing(self._lanes):
            version_id = self._finish()
        self._ref = ObjectRef(
            bucket=self._target.bucket,
            key=self._target.key,
            version_id=version_id,
            size=self._size,
            sha256=self._digest.hexdigest(),
        )

    def _finish(self) -> str:
        """Make the object visible; its version id."""
        if not self._upload.begun and self._number == 1:
            return self._put()
        self._send_part()
        self._lanes.drain()
        self._transfer.pulse(self._upload.safe)
        self._before_visible(self._written(self._upload.checksum))
        return self._upload.complete()

    def _put(self) -> str:
        digest = self._digest.digest()
        self._transfer.check()
        self._before_visible(self._written(base64_of(digest)))
        attributes = {**self._target.attributes, "Metadata": {**self._target.metadata, "sha256": digest.hex()}}
        answer = self._s3.put_object(
            **self._target.place,
            **attributes,
            **self._target.condition,
            Body=self._buffer.body(),
            ChecksumSHA256=base64_of(digest),
        )
        self._upload.discard()
        return answer.get("VersionId", "")

    def _written(self, checksum: str) -> Written:
        return Written(self._size, self._digest.hexdigest(), checksum)

    def _send_part(self) -> None:
        self._transfer.pulse(self._upload.safe)
        self._upload.begin()
        self._lanes.submit(self._buffer.size, partial(self._upload.send, self._number, self._buffer))

    def _new_buffer(self) -> PartBuffer:
        """In memory if the parts under way and this one fit the transfer's."""
        length = self._upload.sizes.length(self._number)
        held = min(self._transfer.lanes * length, max(self._transfer.part_size, length)) + length
        if held > self._transfer.memory and self._transfer.scratch:
            return FileBuffer(length, self._transfer.scratch)
        return MemoryBuffer(length)
