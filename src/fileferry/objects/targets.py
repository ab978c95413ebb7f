"""What an object is written as."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class Target:
    """Where an object is written, and what it is written with.

    `kms_key` is a key's ARN, id or alias; empty for the bucket's own encryption. With `only_new` S3 refuses
    (PreconditionFailed) where the key has an object already.
    """

    bucket: str
    key: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/octet-stream"
    kms_key: str = ""
    only_new: bool = False

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def place(self) -> dict[str, Any]:
        return {"Bucket": self.bucket, "Key": self.key}

    @property
    def attributes(self) -> dict[str, Any]:
        """The parameters that PutObject and CreateMultipartUpload share."""
        attributes: dict[str, Any] = {"ContentType": self.content_type, "Metadata": dict(self.metadata)}
        if self.tags:
            attributes["Tagging"] = tagging(self.tags)
        if self.kms_key:
            attributes |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key}
        return attributes

    @property
    def condition(self) -> dict[str, Any]:
        """What PutObject and CompleteMultipartUpload make the object under."""
        return {"IfNoneMatch": "*"} if self.only_new else {}

    @property
    def fingerprint(self) -> str:
        """Tells whether an upload that was begun earlier is one to this very target."""
        return hashlib.sha256(json.dumps([self.place, self.attributes], sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Written:
    """An object's bytes, complete and not visible yet: `size`, `sha256` in hex, and the `checksum` that S3 will tell.

    `checksum` is SHA-256 in base64; of an object in parts it is that of the parts' digests, with their number after
    a hyphen (Amazon S3 user guide, "Checking object integrity").
    """

    size: int
    sha256: str
    checksum: str


def tagging(tags: Mapping[str, str]) -> str:
    """Tags as S3 takes them in a header: URL-encoded, and spaces as such."""
    return urlencode(tags, quote_via=quote)


def base64_of(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def hex_of(base64_digest: str) -> str:
    """Hex of S3's base64 digest; empty for none and for composite ones (`…-3`)."""
    return base64.b64decode(base64_digest).hex() if base64_digest and "-" not in base64_digest else ""
