"""S3 objects as streams and as verified copies. Versions are pinned everywhere.

Limits followed here: CopyObject takes at most 5 GB and a multipart upload at most 10,000 parts of 5 MiB to
5 GiB (Amazon S3 user guide, "Amazon S3 multipart upload limits").
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

from botocore.exceptions import ClientError

from fileferry.errors import IntegrityError, ObjectGone
from fileferry.home import COPY_LIMIT
from fileferry.model.job import ObjectRef, ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
READ_SIZE = 1024**2
_MAX_PARTS = 10_000
_MIN_PART = 5 * 1024**2


@dataclass(frozen=True)
class ObjectHead:
    """What HeadObject tells; `size` in bytes, `checksum_sha256` in hex or empty when S3 holds none."""

    version_id: str
    size: int
    etag: str
    last_modified: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    checksum_sha256: str = ""


class Objects:
    """Reading, writing and copying of object versions."""

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3

    def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectHead:
        """Raises ObjectGone when the object (or this version of it) does not exist."""
        version: dict[str, Any] = {"VersionId": version_id} if version_id else {}
        try:
            answer = self._s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **version)
        except ClientError as error:
            _tell_if_gone(error, bucket, key, version_id or "")
            raise
        # SHA-256 of a multipart upload is one of the parts' digests (S3 user guide, "Checking object integrity").
        whole = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT" and "-" not in answer["ETag"]
        return ObjectHead(
            version_id=answer.get("VersionId", ""),
            size=answer["ContentLength"],
            etag=answer["ETag"].strip('"'),
            last_modified=answer["LastModified"],
            metadata=answer.get("Metadata", {}),
            checksum_sha256=_hex(answer.get("ChecksumSHA256", "")) if whole else "",
        )

    def open(self, version: ObjectVersion | ObjectRef) -> io.BufferedReader:
        """A buffered, seekable stream of the object's bytes; a read after a seek is a new ranged GET."""
        return io.BufferedReader(_ObjectStream(self._s3, version), buffer_size=READ_SIZE)

    def read(self, version: ObjectVersion | ObjectRef, limit: int) -> bytes:
        """The first `limit` bytes."""
        with self.open(version) as stream:
            return stream.read(limit)

    def sha256(self, version: ObjectVersion | ObjectRef) -> str:
        """SHA-256 in hex of the object's bytes, read once in bounded memory."""
        with self.open(version) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def writer(
        self,
        bucket: str,
        key: str,
        *,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        content_type: str = "application/octet-stream",
        part_size: int = 16 * 1024**2,
        size_hint: int = 0,
    ) -> ObjectWriter:
        """A writer that shows the object only when it is left without an error."""
        part = max(part_size, _MIN_PART, -(-size_hint // _MAX_PARTS))
        tagging = {"Tagging": _tagging(tags)} if tags else {}
        target = {"Bucket": bucket, "Key": key}
        return ObjectWriter(self._s3, target, {"ContentType": content_type, **tagging}, dict(metadata or {}), part)

    def copy_verified(
        self,
        source: ObjectVersion | ObjectRef,
        bucket: str,
        key: str,
        *,
        sha256: str = "",
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        repeat: bool = False,
    ) -> ObjectRef:
        """Copy within S3 and make sure that the bytes are the same.

        `sha256` in hex is the digest that the copy must have; without it the digest that S3 computed while
        copying is taken. With `repeat` a copy that an earlier, killed try left is found and not made again; it
        is read when S3 holds no digest of the whole (multipart uploads), so that its bytes are never assumed.
        Raises IntegrityError (and leaves the source alone) when size or digest differ.
        """
        if repeat and (found := self._earlier_copy(source, bucket, key, sha256)):
            return found
        if source.size > COPY_LIMIT:
            return self._stream_copy(source, bucket, key, sha256, metadata or {}, tags or {})
        version_id, digest = self._server_copy(source, bucket, key, sha256, metadata or {}, tags or {})
        copy = ObjectVersion(bucket=bucket, key=key, version_id=version_id, size=source.size)
        digest = digest or self.sha256(copy)
        if sha256 and digest != sha256:
            self.delete_version(bucket, key, version_id)
            raise IntegrityError(
                f"The copy s3://{bucket}/{key} has SHA-256 {digest}, but {sha256} is recorded.",
                where=f"s3://{source.bucket}/{source.key}",
                todo="the source is untouched; redrive the job, and look who changed the object if it happens again.",
            )
        return ObjectRef(bucket=bucket, key=key, version_id=version_id, size=source.size, sha256=digest)

    def _server_copy(
        self,
        source: ObjectVersion | ObjectRef,
        bucket: str,
        key: str,
        sha256: str,
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> tuple[str, str]:
        replace: dict[str, Any] = {"TaggingDirective": "REPLACE", "Tagging": _tagging(tags)} if tags else {}
        try:
            answer = self._s3.copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": source.bucket, "Key": source.key, "VersionId": source.version_id},
                ChecksumAlgorithm="SHA256",
                MetadataDirective="REPLACE",
                Metadata=_metadata(metadata, sha256),
                **replace,
            )
        except ClientError as error:
            _tell_if_gone(error, source.bucket, source.key, source.version_id)
            raise
        result = answer["CopyObjectResult"]
        whole = result.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
        return answer.get("VersionId", ""), _hex(result.get("ChecksumSHA256", "")) if whole else ""

    def _stream_copy(
        self,
        source: ObjectVersion | ObjectRef,
        bucket: str,
        key: str,
        sha256: str,
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> ObjectRef:
        with (
            self.open(source) as stream,
            self.writer(bucket, key, metadata=_metadata(metadata, sha256), tags=tags, size_hint=source.size) as writer,
        ):
            while block := stream.read(READ_SIZE):
                writer.write(block)
            writer.expect(source.size, sha256)
        return writer.ref

    def _earlier_copy(self, source: ObjectVersion | ObjectRef, bucket: str, key: str, sha256: str) -> ObjectRef | None:
        try:
            head = self.head(bucket, key)
        except ObjectGone:
            return None
        if head.size != source.size:
            return None
        copy = ObjectVersion(bucket=bucket, key=key, version_id=head.version_id, size=head.size)
        digest = head.checksum_sha256 or self.sha256(copy)
        if sha256 and digest != sha256:
            return None
        return ObjectRef(bucket=bucket, key=key, version_id=head.version_id, size=head.size, sha256=digest)

    def delete_version(self, bucket: str, key: str, version_id: str) -> None:
        """Remove one version for good; no error when it is gone already."""
        self._s3.delete_object(Bucket=bucket, Key=key, VersionId=version_id)


class ObjectWriter:
    """Writes one object: a single PUT when it is small, else a multipart upload of equal parts.

    Nothing is visible before the `with` block ends well; an error inside aborts the upload. `target` has bucket
    and key, `headers` the parameters that PutObject and CreateMultipartUpload share (content type, tags).
    """

    def __init__(
        self,
        s3: S3Client,
        target: Mapping[str, str],
        headers: Mapping[str, str],
        metadata: dict[str, str],
        part_size: int,
    ) -> None:
        self._s3 = s3
        self._target: dict[str, Any] = dict(target)
        self._headers: dict[str, Any] = dict(headers)
        self._metadata = metadata
        self._part_size = part_size
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._size = 0
        self._upload_id = ""
        self._parts: list[dict[str, Any]] = []
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
        self._digest.update(data)
        self._size += len(data)
        self._buffer += data
        while len(self._buffer) >= self._part_size:
            self._send_part(self._part_size)
        return len(data)

    def expect(self, size: int, sha256: str = "") -> None:
        """Raises IntegrityError (before anything is visible) unless the bytes written are the expected ones."""
        if self._size != size or (sha256 and self._digest.hexdigest() != sha256):
            raise IntegrityError(
                f"s3://{self._target['Bucket']}/{self._target['Key']}: wrote {self._size} bytes with SHA-256 "
                f"{self._digest.hexdigest()}, expected {size} bytes with {sha256 or 'any digest'}."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._abort()
            return
        version_id = self._complete() if self._upload_id else self._put()
        self._ref = ObjectRef(
            bucket=self._target["Bucket"],
            key=self._target["Key"],
            version_id=version_id,
            size=self._size,
            sha256=self._digest.hexdigest(),
        )

    def _put(self) -> str:
        digest = self._digest.digest()
        answer = self._s3.put_object(
            **self._target,
            **self._headers,
            Body=bytes(self._buffer),
            ChecksumSHA256=base64.b64encode(digest).decode(),
            Metadata=_metadata(self._metadata, digest.hex()),
        )
        return answer.get("VersionId", "")

    def _send_part(self, length: int) -> None:
        if not self._upload_id:
            started = self._s3.create_multipart_upload(
                **self._target, **self._headers, ChecksumAlgorithm="SHA256", Metadata=self._metadata
            )
            self._upload_id = started["UploadId"]
        number = len(self._parts) + 1
        body = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        answer = self._s3.upload_part(
            **self._target, UploadId=self._upload_id, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256"
        )
        part = {"PartNumber": number, "ETag": answer["ETag"]}
        if "ChecksumSHA256" in answer:
            part["ChecksumSHA256"] = answer["ChecksumSHA256"]
        self._parts.append(part)

    def _complete(self) -> str:
        if self._buffer:
            self._send_part(len(self._buffer))
        parts: Any = {"Parts": self._parts}
        answer = self._s3.complete_multipart_upload(**self._target, UploadId=self._upload_id, MultipartUpload=parts)
        return answer.get("VersionId", "")

    def _abort(self) -> None:
        if self._upload_id:
            self._s3.abort_multipart_upload(**self._target, UploadId=self._upload_id)


class _ObjectStream(io.RawIOBase):
    """Sequential reads come from one GET; a seek closes it and the next read opens a ranged one."""

    def __init__(self, s3: S3Client, version: ObjectVersion | ObjectRef) -> None:
        self._s3 = s3
        self._version = version
        self._position = 0
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
            self._body = self._get()
        data = self._body.read(len(buffer))
        if not data:
            raise IntegrityError(
                f"s3://{self._version.bucket}/{self._version.key} ended after {self._position} of "
                f"{self._version.size} bytes."
            )
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _get(self) -> Any:
        request: dict[str, Any] = {"Bucket": self._version.bucket, "Key": self._version.key}
        if self._version.version_id:
            request["VersionId"] = self._version.version_id
        if self._position:
            request["Range"] = f"bytes={self._position}-"
        try:
            return self._s3.get_object(**request)["Body"]
        except ClientError as error:
            _tell_if_gone(error, self._version.bucket, self._version.key, self._version.version_id)
            raise

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None

    def close(self) -> None:
        self._drop_body()
        super().close()


def _tell_if_gone(error: ClientError, bucket: str, key: str, version_id: str) -> None:
    """Raises ObjectGone when the error is that an object does not exist."""
    if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NoSuchVersion"):
        raise ObjectGone(f"There is no object s3://{bucket}/{key} (version {version_id or 'current'}).") from error


def _tagging(tags: Mapping[str, str]) -> str:
    """Tags as S3 takes them in a header: URL-encoded, and spaces as such."""
    return urlencode(tags, quote_via=quote)


def _metadata(metadata: Mapping[str, str], sha256: str) -> dict[str, str]:
    return {**metadata, "sha256": sha256} if sha256 else dict(metadata)


def _hex(base64_digest: str) -> str:
    """Hex of S3's base64 digest; empty for none and for composite ones (`…-3`)."""
    return base64.b64decode(base64_digest).hex() if base64_digest and "-" not in base64_digest else ""
