"""A multipart upload that another process of the same run can go on with."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.aws_errors import code_of, is_transient
from fileferry.errors import DestinationUnavailable, FerryError, IntegrityError, ObjectGone, RunClosed, TransientError
from fileferry.home import Transfer

from .buffers import PartBuffer
from .heads import head, tell_if_gone
from .part_sizes import PartSizes
from .reading import AnyVersion
from .targets import Target, base64_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LOST = ("NoSuchUpload", "404")
_DENIED = ("AccessDenied", "403")


@dataclass(frozen=True)
class Part:
    """A part that S3 has; `sha256` in base64, empty where S3 told none."""

    size: int
    etag: str
    sha256: str = ""

    def named(self, number: int) -> dict[str, Any]:
        """As CompleteMultipartUpload wants it."""
        checksum = {"ChecksumSHA256": self.sha256} if self.sha256 else {}
        return {"PartNumber": number, "ETag": self.etag, **checksum}


class MultipartUpload:
    """An upload to `target` in parts of `sizes`, or the one that an earlier process of this run has begun.

    Where the transfer's progress is kept, upload id and part size are saved when an upload begins. Parts that are
    there already, with the same size and SHA-256, are not sent again. `send` and `copy` are for many threads at once.
    """

    def __init__(self, s3: S3Client, target: Target, transfer: Transfer, sizes: PartSizes, source: str = "") -> None:
        self._s3 = s3
        self._target = target
        self._transfer = transfer
        self._identity = f"{target.fingerprint}{source}"
        saved = transfer.progress.load(transfer.name)
        self._saved = saved if saved.get("target") == self._identity else {}
        self._id = ""
        self._kept: Mapping[int, Part] = {}
        self._parts: dict[int, Part] = {}
        self._counted = 0
        self._safe = 0
        self.sizes = replace(sizes, first=int(self._saved["part_size"])) if self._saved else sizes

    @property
    def begun(self) -> bool:
        return bool(self._id)

    @property
    def safe(self) -> int:
        """Bytes from the object's beginning that S3 has without a gap."""
        while part := self._parts.get(self._counted + 1):
            self._counted += 1
            self._safe += part.size
        return self._safe

    @property
    def checksum(self) -> str:
        """What S3 will tell as the object's SHA-256 (see Written); empty where it told none of a part."""
        digests = [base64.b64decode(part.sha256) for _, part in sorted(self._parts.items()) if part.sha256]
        if len(digests) < len(self._parts):
            return ""
        return f"{base64_of(hashlib.sha256(b''.join(digests)).digest())}-{len(digests)}"

    def begin(self) -> None:
        """Find the earlier process's upload, or begin one."""
        if self._id:
            return
        if self._saved and self._find(str(self._saved["upload_id"])):
            return
        answer = self._s3.create_multipart_upload(
            **self._target.place, **self._target.attributes, ChecksumAlgorithm="SHA256"
        )
        self._id = answer["UploadId"]
        value = {"upload_id": self._id, "part_size": self.sizes.first, "target": self._identity}
        self._transfer.progress.save(self._transfer.name, value)

    def send(self, number: int, buffer: PartBuffer) -> None:
        """Upload a part, unless it is there already."""
        checksum = base64_of(buffer.sha256())
        if not self._take_kept(number, buffer.size, checksum):
            answer = self._part(self._s3.upload_part, PartNumber=number, Body=buffer.body(), ChecksumSHA256=checksum)
            self._parts[number] = Part(buffer.size, answer["ETag"], checksum)
        buffer.drop()

    def copy(self, number: int, source: AnyVersion, start: int, length: int, checksum: str = "") -> None:
        """Have S3 copy a range of `source` as a part, unless it is there already.

        `checksum` is the part's SHA-256 in base64 where it is known. Raises IntegrityError when S3 copied other bytes.
        """
        if self._take_kept(number, length, checksum):
            return
        answer = self._part(
            self._s3.upload_part_copy,
            PartNumber=number,
            CopySource={"Bucket": source.bucket, "Key": source.key, "VersionId": source.version_id},
            CopySourceRange=f"bytes={start}-{start + length - 1}",
        )
        result = answer["CopyPartResult"]
        copied = result.get("ChecksumSHA256", "")
        if checksum and copied and copied != checksum:
            raise IntegrityError(
                f"S3 copied bytes {start} to {start + length - 1} with SHA-256 {copied}, but {checksum} was read.",
                where=f"s3://{source.bucket}/{source.key}",
                todo="the source is untouched; redrive the job.",
            )
        self._parts[number] = Part(length, result["ETag"], copied)

    def complete(self) -> str:
        """Make the object visible; its version id. A repeat whose first answer was lost ends well, too."""
        named: Any = {"Parts": [part.named(number) for number, part in sorted(self._parts.items())]}
        request = {**self._target.place, **self._target.condition, "UploadId": self._id, "MultipartUpload": named}
        try:
            version_id = self._s3.complete_multipart_upload(**request).get("VersionId", "")
        except ClientError as error:
            if code_of(error) == "InvalidPart":  # another process of the run has replaced one, with other bytes
                raise TransientError(f"A part of {self._target} is not the one that was sent: {error}") from error
            if code_of(error) not in _LOST:
                raise
            version_id = self._completed_version(error)
        self._transfer.progress.save(self._transfer.name, {})
        return version_id

    @contextlib.contextmanager
    def kept_or_discarded(self) -> Iterator[None]:
        """After an error the upload stays for the next try if there is one that finds it, else it is aborted."""
        try:
            yield
        except BaseException as error:
            self.give_up(error)
            raise

    def give_up(self, error: BaseException) -> None:
        """Keep or discard the upload after `error`."""
        if isinstance(error, RunClosed) and error.cancelled:
            self._abort()
        elif not (self._transfer.progress.kept and _next_try_may_heal(error)):
            self.discard()

    def discard(self) -> None:
        """Forget and abort the upload while the run is ours; what fails is left to the bucket's lifecycle rule."""
        if not self._upload_id:
            return
        with contextlib.suppress(FerryError, ClientError, BotoCoreError):
            self._transfer.progress.save(self._transfer.name, {})
            self._abort()

    @property
    def _upload_id(self) -> str:
        return self._id or str(self._saved.get("upload_id", ""))

    def _abort(self) -> None:
        if not self._upload_id:
            return
        with contextlib.suppress(ClientError, BotoCoreError):
            self._s3.abort_multipart_upload(**self._target.place, UploadId=self._upload_id)

    def _find(self, upload_id: str) -> bool:
        """Whether the saved upload is there; its parts are then known."""
        parts: dict[int, Part] = {}
        try:
            for page in self._s3.get_paginator("list_parts").paginate(**self._target.place, UploadId=upload_id):
                for part in page.get("Parts", []):
                    parts[part["PartNumber"]] = Part(part["Size"], part["ETag"], part.get("ChecksumSHA256", ""))
        except ClientError as error:
            if code_of(error) in _DENIED:  # a partner's role that may write but not list: all is sent again
                self.discard()
            elif code_of(error) not in _LOST:
                raise
            return False
        self._id, self._kept = upload_id, parts
        return True

    def _take_kept(self, number: int, size: int, checksum: str) -> bool:
        """Whether a part of this size and SHA-256 (any, where it is not known) is there already."""
        there = self._kept.get(number)
        if not there or there.size != size or not there.sha256 or (checksum and there.sha256 != checksum):
            return False
        self._parts[number] = there
        return True

    def _part(self, call: Any, **request: Any) -> Any:
        try:
            return call(**self._target.place, UploadId=self._id, **request)
        except ClientError as error:
            if code_of(error) == "NoSuchUpload":
                raise TransientError(f"The upload to {self._target} is gone; the next try begins anew.") from error
            if source := request.get("CopySource"):
                tell_if_gone(error, source["Bucket"], source["Key"], source["VersionId"])
            raise

    def _completed_version(self, error: ClientError) -> str:
        """The version that this upload became, if it is the object that is there now."""
        try:
            there = head(self._s3, self._target.bucket, self._target.key)
        except ObjectGone:
            raise error from None
        same = there.composite == self.checksum if there.composite else dict(there.metadata) == self._target.metadata
        if not same or there.size != self.safe:
            raise error
        return there.version_id


def _next_try_may_heal(error: BaseException) -> bool:
    """Whether the step is tried again (or goes on elsewhere) and needs the upload then.

    A replaced runner's upload is its successor's.
    """
    if isinstance(error, ClientError):
        return is_transient(error)
    healed = (TransientError, DestinationUnavailable, RunClosed, BotoCoreError)
    return isinstance(error, healed) or not isinstance(error, Exception)
