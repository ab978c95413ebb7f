"""Copies within S3 whose bytes are verified.

CopyObject takes at most 5 GB (Amazon S3 API reference, "CopyObject"); larger objects are copied in parts by
UploadPartCopy. The bytes never pass through us on their way to the copy.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.errors import IntegrityError, ObjectGone
from fileferry.home import Transfer
from fileferry.model.job import ObjectRef, ObjectVersion

from .heads import ObjectHead, head, stored_parts, tell_if_gone
from .lanes import Lanes
from .part_sizes import exact_sizes
from .reading import READ_SIZE, AnyVersion, RangeStream
from .targets import Target, base64_of, hex_of, tagging
from .uploads import MultipartUpload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Copying:
    """One copy of `source` to `target`, which must have the digest `sha256` (hex) where that is known.

    `reading` is the client that may read the source, `s3` the one that writes. `sha256` is the source's own when
    `source` is an ObjectRef that has it; else somebody has only told it, and it must be compared with the bytes.
    """

    s3: S3Client
    reading: S3Client
    source: AnyVersion
    target: Target
    transfer: Transfer
    sha256: str
    before_visible: Callable[[], None]

    def earlier(self) -> ObjectRef | None:
        """The copy that an earlier, killed try has left, if its bytes are the right ones.

        Where S3 holds no digest of the whole (objects in parts) its checksum of the parts must be the source's, or
        the copy is read: its bytes are never assumed.
        """
        try:
            there = head(self.s3, self.target.bucket, self.target.key)
        except ObjectGone:
            return None
        if there.size != self.source.size:
            return None
        digest = there.checksum_sha256 or self._source_digest(there) or self._read_back(there.version_id)
        return None if self.sha256 and digest != self.sha256 else self._ref(there.version_id, digest)

    def run(self) -> ObjectRef:
        """Raises IntegrityError, and leaves no copy, when its bytes are others."""
        if self.source.size > self.transfer.copy_limit:
            return self._in_parts()
        self.transfer.check()
        self.before_visible()
        version_id, digest = self._at_once()
        return self._verified(version_id, digest or self._read_back(version_id))

    def _at_once(self) -> tuple[str, str]:
        """Version id, and the digest in hex that S3 computed while it copied."""
        target = self._named_target()
        # Never the source's tags: they say how long that object is kept, and may be hidden from us.
        tags = {"Tagging": tagging(target.tags)} if target.tags else {}
        try:
            answer = self.s3.copy_object(
                **target.place,
                CopySource=_source(self.source),
                ChecksumAlgorithm="SHA256",
                MetadataDirective="REPLACE",
                Metadata=dict(target.metadata),
                TaggingDirective="REPLACE",
                **tags,  # type: ignore[arg-type]
            )
        except ClientError as error:
            tell_if_gone(error, self.source.bucket, self.source.key, self.source.version_id)
            raise
        result = answer["CopyObjectResult"]
        whole = result.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
        return answer.get("VersionId", ""), hex_of(result.get("ChecksumSHA256", "")) if whole else ""

    def _in_parts(self) -> ObjectRef:
        """Along the source's own parts where S3 holds their checksums, else beside a read of the source."""
        stored = stored_parts(self.reading, self.source) if self._digest_is_the_sources else None
        sizes = stored.sizes if stored else exact_sizes(self.source.size, self.transfer)
        source = f"{self.source.bucket}/{self.source.key}?{self.source.version_id}"
        upload = MultipartUpload(self.s3, self._named_target(), self.transfer, sizes, source)
        lanes = Lanes(self.transfer.lanes, self.transfer.part_size)
        with upload.kept_or_discarded(), contextlib.closing(lanes):
            upload.begin()
            if stored and stored.sizes == upload.sizes:
                digest = self._along_parts(upload, lanes, stored.composite)
            else:
                digest = self._beside_reading(upload, lanes)
            self.transfer.pulse(upload.safe)
            self.before_visible()
            version_id = upload.complete()
        if upload.checksum:
            return self._ref(version_id, digest)
        return replace(self, sha256=digest)._verified(version_id, self._read_back(version_id))

    def _along_parts(self, upload: MultipartUpload, lanes: Lanes, composite: str) -> str:
        """Copy the source's parts as they are; its recorded digest, once the checksum of all is the source's."""
        for number, start, length in upload.sizes.ranges(self.source.size):
            self.transfer.pulse(upload.safe)
            lanes.submit(length, partial(upload.copy, number, self.source, start, length))
        lanes.drain()
        if upload.checksum and upload.checksum != composite:
            raise self._mismatch(f"parts with SHA-256 {upload.checksum}", composite)
        return self.sha256

    def _beside_reading(self, upload: MultipartUpload, lanes: Lanes) -> str:
        """Copy part by part while the source is read, and compare each with what was read; the whole's digest."""
        whole = hashlib.sha256()
        with RangeStream(self.reading, self.source, self.transfer) as stream:
            for number, start, length in upload.sizes.ranges(self.source.size):
                part = hashlib.sha256()
                for block in _blocks(stream, length):
                    part.update(block)
                    whole.update(block)
                self.transfer.pulse(upload.safe)
                checksum = base64_of(part.digest())
                lanes.submit(length, partial(upload.copy, number, self.source, start, length, checksum))
        lanes.drain()
        if self.sha256 and whole.hexdigest() != self.sha256:
            raise self._mismatch(f"SHA-256 {whole.hexdigest()}", self.sha256)
        return whole.hexdigest()

    @property
    def _digest_is_the_sources(self) -> bool:
        return isinstance(self.source, ObjectRef) and bool(self.sha256) and self.sha256 == self.source.sha256

    def _source_digest(self, there: ObjectHead) -> str:
        """The source's recorded digest if the copy has the same parts; else empty."""
        if not there.composite or not self._digest_is_the_sources:
            return ""
        try:
            same = head(self.reading, self.source.bucket, self.source.key, self.source.version_id).composite
        except ObjectGone:
            return ""
        return self.sha256 if same == there.composite else ""

    def _read_back(self, version_id: str) -> str:
        copy = ObjectVersion(
            bucket=self.target.bucket, key=self.target.key, version_id=version_id, size=self.source.size
        )
        return sha256_of(self.s3, copy, self.transfer)

    def _verified(self, version_id: str, digest: str) -> ObjectRef:
        if self.sha256 and digest != self.sha256:
            self.s3.delete_object(**self.target.place, VersionId=version_id)
            raise self._mismatch(f"SHA-256 {digest}", self.sha256)
        return self._ref(version_id, digest)

    def _mismatch(self, found: str, recorded: str) -> IntegrityError:
        return IntegrityError(
            f"The copy {self.target} has {found}, but {recorded} is recorded.",
            where=f"s3://{self.source.bucket}/{self.source.key}",
            todo="the source is untouched; redrive the job, and look who changed the object if it happens again.",
        )

    def _ref(self, version_id: str, digest: str) -> ObjectRef:
        return ObjectRef(
            bucket=self.target.bucket,
            key=self.target.key,
            version_id=version_id,
            size=self.source.size,
            sha256=digest,
        )

    def _named_target(self) -> Target:
        """The target, whose metadata tell the digest where it is known."""
        metadata = {**self.target.metadata, "sha256": self.sha256} if self.sha256 else self.target.metadata
        return replace(self.target, metadata=metadata)


def sha256_of(s3: S3Client, version: AnyVersion, transfer: Transfer) -> str:
    """SHA-256 in hex of the object's bytes, read once in bounded memory."""
    digest = hashlib.sha256()
    with RangeStream(s3, version, transfer) as stream:
        for block in _blocks(stream, version.size):
            digest.update(block)
    return digest.hexdigest()


def _blocks(stream: RangeStream, length: int) -> Iterator[memoryview]:
    """Views of the next `length` bytes; each is valid until the next one is asked for."""
    buffer = memoryview(bytearray(READ_SIZE))
    while length:
        count = stream.readinto(buffer[: min(length, READ_SIZE)])
        yield buffer[:count]
        length -= count


def _source(version: AnyVersion) -> Any:
    return {"Bucket": version.bucket, "Key": version.key, "VersionId": version.version_id}
