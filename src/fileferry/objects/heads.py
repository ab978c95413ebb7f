"""What S3 tells of an object without its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.aws_errors import code_of
from fileferry.errors import ObjectGone
from fileferry.model.job import ObjectRef, ObjectVersion

from .part_sizes import PartSizes
from .targets import hex_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class ObjectHead:
    """What HeadObject tells; `size` in bytes, `checksum` is S3's SHA-256 as in Written, empty where it holds none."""

    version_id: str
    size: int
    etag: str
    last_modified: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    checksum: str = ""

    @property
    def checksum_sha256(self) -> str:
        """SHA-256 of the whole in hex; empty where S3 holds none."""
        return hex_of(self.checksum)

    @property
    def composite(self) -> str:
        """SHA-256 of the digests of the object's parts, as in Written; empty for an object that is not in parts."""
        return self.checksum if "-" in self.checksum else ""


def head(s3: S3Client, bucket: str, key: str, version_id: str | None = None) -> ObjectHead:
    """Raises ObjectGone when the object (or this version of it) does not exist."""
    version: dict[str, Any] = {"VersionId": version_id} if version_id else {}
    try:
        answer = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **version)
    except ClientError as error:
        tell_if_gone(error, bucket, key, version_id or "")
        raise
    checksum = answer.get("ChecksumSHA256", "")
    # SHA-256 of a multipart upload is one of the parts' digests (S3 user guide, "Checking object integrity").
    whole = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT" and "-" not in answer["ETag"]
    return ObjectHead(
        version_id=answer.get("VersionId", ""),
        size=answer["ContentLength"],
        etag=answer["ETag"].strip('"'),
        last_modified=answer["LastModified"],
        metadata=answer.get("Metadata", {}),
        checksum=checksum if whole or "-" in checksum else "",
    )


@dataclass(frozen=True)
class StoredParts:
    """The parts of an object that S3 holds, and its checksum of their digests."""

    sizes: PartSizes
    composite: str


def stored_parts(s3: S3Client, version: ObjectVersion | ObjectRef) -> StoredParts | None:
    """The parts that the object was written in; None where S3 holds no SHA-256 of them or they are not ours.

    Two HeadObject calls, which `s3:GetObjectVersion` permits; GetObjectAttributes would need a permission of its own.
    Raises ObjectGone.
    """
    composite = head(s3, version.bucket, version.key, version.version_id).composite
    if not composite:
        return None
    answer = s3.head_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id, PartNumber=1)
    count = int(composite.rpartition("-")[2])
    for growing in (False, True):
        sizes = PartSizes(answer["ContentLength"], growing)
        if sizes.count(version.size) == count:
            return StoredParts(sizes, composite)
    return None


def tell_if_gone(error: ClientError, bucket: str, key: str, version_id: str) -> None:
    """Raises ObjectGone when the error is that an object does not exist."""
    if code_of(error) in ("404", "NoSuchKey", "NoSuchVersion"):
        raise ObjectGone(f"There is no object s3://{bucket}/{key} (version {version_id or 'current'}).") from error
