"""Reading one version of an object: from anywhere in it, or from start to end in parallel ranges."""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from fileferry.aws_errors import code_of
from fileferry.errors import IntegrityError
from fileferry.home import MIB, Transfer
from fileferry.model.job import ObjectRef, ObjectVersion

from .heads import tell_if_gone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_SIZE = MIB
_MIN_RANGE = 2 * MIB
_RANGES_PER_LANE = 2
_TRIES = 5
_FIRST_PAUSE_SECONDS = 0.2
_BROKEN = (HTTPClientError, IncompleteReadError)
"""A connection that fails, also in the middle of a body; botocore repeats what fails before it."""

AnyVersion = ObjectVersion | ObjectRef


class ObjectStream(io.RawIOBase):
    """Sequential reads come from one GET; a seek closes it and the next read opens a ranged one."""

    def __init__(self, s3: S3Client, version: AnyVersion, start: int = 0) -> None:
        self._s3 = s3
        self._version = version
        self._position = start
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._version.size}[whence]
        position = max(0, base + offset)
        if position != self._position:
            self._drop_body()
            self._position = position
        return position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._version.size:
            return 0
        if self._body is None:
            span = {"Range": f"bytes={self._position}-"} if self._position else {}
            self._body = _get(self._s3, self._version, **span)["Body"]
        data = self._body.read(len(buffer))
        if not data:
            raise _ended(self._version, self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None

    def close(self) -> None:
        self._drop_body()
        super().close()


class RangeStream(io.RawIOBase):
    """The bytes from `start` on, read ahead in ranges by the transfer's lanes and handed on in order.

    Ranges that are held or on their way are together no larger than half the transfer's part size, but at least two:
    one is taken while the next one comes. A range whose connection breaks goes on where it broke. Raises what the
    transfer's pulse does, between two ranges.
    """

    def __init__(self, s3: S3Client, version: AnyVersion, transfer: Transfer, start: int = 0) -> None:
        self._s3 = s3
        self._version = version
        self._transfer = transfer
        held = transfer.part_size // 2
        self._length = max(_MIN_RANGE, held // (_RANGES_PER_LANE * transfer.lanes))
        self._ahead = max(2, held // self._length)
        self._asked = start
        self._coming: deque[Future[bytearray]] = deque()
        self._held = memoryview(b"")
        self._closed = threading.Event()
        self._pool = ThreadPoolExecutor(transfer.lanes, thread_name_prefix="range")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held and not self._take_next():
            return 0
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _take_next(self) -> bool:
        """Hold the next range; False at the end."""
        self._held = memoryview(b"")
        self._transfer.check()
        while len(self._coming) < self._ahead and self._asked < self._version.size:
            length = min(self._length, self._version.size - self._asked)
            self._coming.append(self._pool.submit(self._fetch, self._asked, length))
            self._asked += length
        if not self._coming:
            return False
        self._held = memoryview(self._coming.popleft().result())
        return True

    def _fetch(self, start: int, length: int) -> bytearray:
        """One range; runs in a lane."""
        taken = bytearray(length)
        done, broken = 0, 0
        while done < length and not self._closed.is_set():
            try:
                for block in self._blocks(start + done, length - done):
                    taken[done : done + len(block)] = block
                    done += len(block)
                    broken = 0
            except _BROKEN:
                broken += 1
                if broken == _TRIES:
                    raise
                self._closed.wait(_FIRST_PAUSE_SECONDS * 2 ** (broken - 1))
        return taken

    def _blocks(self, start: int, length: int) -> Iterator[bytes]:
        answer = _get(self._s3, self._version, Range=f"bytes={start}-{start + length - 1}")
        body = answer["Body"]
        try:
            if answer["ContentLength"] != length:
                raise _ended(self._version, start + answer["ContentLength"])
            while not self._closed.is_set() and (block := body.read(READ_SIZE)):
                yield block
        finally:
            body.close()

    def close(self) -> None:
        """End the lanes; a range that is on its way is broken off."""
        self._closed.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._coming.clear()
        self._held = memoryview(b"")
        super().close()


def _get(s3: S3Client, version: AnyVersion, **more: Any) -> Any:
    """GetObject of the version. Raises ObjectGone, and IntegrityError for a range behind the object's end."""
    pinned: dict[str, Any] = {"VersionId": version.version_id} if version.version_id else {}
    try:
        return s3.get_object(Bucket=version.bucket, Key=version.key, **pinned, **more)
    except ClientError as error:
        tell_if_gone(error, version.bucket, version.key, version.version_id)
        if code_of(error) == "InvalidRange":
            raise IntegrityError(
                f"s3://{version.bucket}/{version.key} has fewer than {version.size} bytes: {error}"
            ) from error
        raise


def _ended(version: AnyVersion, end: int) -> IntegrityError:
    return IntegrityError(f"s3://{version.bucket}/{version.key} ended after {end} of {version.size} bytes.")
