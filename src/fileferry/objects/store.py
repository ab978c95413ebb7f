"""The objects of S3 as the rest of Fileferry reaches them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from fileferry.errors import ObjectGone
from fileferry.home import Transfer
from fileferry.model.job import ObjectRef

from .copying import Copying, sha256_of
from .heads import ObjectHead, head
from .part_sizes import estimated_sizes, exact_sizes
from .reading import READ_SIZE, AnyVersion, ObjectStream, RangeStream
from .targets import Target, Written
from .writing import BeforeVisible, ObjectWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def _at_once(*_: object) -> None:
    """Nothing is done before an object becomes visible."""


class Objects:
    """Reading, writing and copying of object versions."""

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3

    def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectHead:
        """Raises ObjectGone when the object (or this version of it) does not exist."""
        return head(self._s3, bucket, key, version_id)

    def open(self, version: AnyVersion, transfer: Transfer | None = None, start: int = 0) -> io.BufferedReader:
        """A buffered stream of the object's bytes from `start` on.

        With a transfer they are read ahead in parallel ranges and come in order (see RangeStream); without one the
        stream is seekable, and a read after a seek is a new GET.
        """
        if transfer is None:
            return io.BufferedReader(ObjectStream(self._s3, version, start), buffer_size=READ_SIZE)
        return io.BufferedReader(RangeStream(self._s3, version, transfer, start), buffer_size=READ_SIZE)

    def read(self, version: AnyVersion, limit: int) -> bytes:
        """The first `limit` bytes."""
        with self.open(version) as stream:
            return stream.read(limit)

    def sha256(self, version: AnyVersion, transfer: Transfer | None = None) -> str:
        """SHA-256 in hex of the object's bytes, read once in bounded memory."""
        return sha256_of(self._s3, version, transfer or Transfer())

    def writer(
        self,
        target: Target,
        transfer: Transfer | None = None,
        *,
        size: int | None = None,
        about: int = 0,
        before_visible: BeforeVisible = _at_once,
    ) -> ObjectWriter:
        """A writer that shows the object only when it is left without an error.

        `size` is the object's in bytes; where it is not known, `about` is the best guess.
        """
        transfer = transfer or Transfer()
        sizes = estimated_sizes(about, transfer) if size is None else exact_sizes(size, transfer)
        return ObjectWriter(self._s3, target, transfer, sizes, before_visible)

    def find(self, target: Target, written: Written) -> ObjectRef | None:
        """The object at the target if it is the one that was written, by S3's checksum of it."""
        try:
            there = self.head(target.bucket, target.key)
        except ObjectGone:
            return None
        if there.size != written.size or there.checksum != written.checksum:
            return None
        return ObjectRef(
            bucket=target.bucket,
            key=target.key,
            version_id=there.version_id,
            size=written.size,
            sha256=written.sha256,
        )

    def copy_verified(
        self,
        source: AnyVersion,
        target: Target,
        transfer: Transfer | None = None,
        *,
        sha256: str = "",
        repeat: bool = False,
        into: S3Client | None = None,
        before_visible: Callable[[], None] = _at_once,
    ) -> ObjectRef:
        """Copy within S3 and make sure that the bytes are the same.

        `sha256` in hex is the digest that the copy must have; without it the digest that S3 computed while copying is
        taken, or the source is read. With `repeat` a copy that an earlier, killed try left is found, verified and not
        made again. `into` is the client that writes, where it is another one; `before_visible` is called right before
        the copy becomes visible. Raises IntegrityError (and leaves the source alone) when size or digest differ,
        ObjectGone when the source does not exist.
        """
        copying = Copying(into or self._s3, self._s3, source, target, transfer or Transfer(), sha256, before_visible)
        return (repeat and copying.earlier()) or copying.run()

    def delete_version(self, bucket: str, key: str, version_id: str) -> None:
        """Remove one version for good; no error when it is gone already."""
        self._s3.delete_object(Bucket=bucket, Key=key, VersionId=version_id)
