"""What S3 tells of parts on AWS and moto does not: their SHA-256, and that of their digests for the whole."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError


class AwsParts:
    """A moto client that keeps the SHA-256 of parts, as AWS does for uploads with ChecksumAlgorithm SHA256.

    `sent` are the bytes that UploadPart and PutObject took, `copied` those of UploadPartCopy; `most_under_way` the most
    bytes in UploadPart at once. Parts in `corrupted` are copied with another checksum. `pages` is the page size of
    ListParts.
    """

    def __init__(self, client: Any, pages: int = 2) -> None:
        self._client = client
        self._pages = pages
        self._digests: dict[tuple[str, int], str] = {}
        self._composites: dict[tuple[str, str, str], str] = {}
        self._lock = threading.Lock()
        self._under_way = 0
        self.most_under_way = 0
        self.sent = 0
        self.copied = 0
        self.corrupted: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **request: Any) -> Any:
        self.sent += len(request["Body"])
        return self._client.put_object(**request)

    def upload_part(self, **request: Any) -> Any:
        body = request["Body"] if isinstance(request["Body"], bytes) else request["Body"].read()
        checksum = _checksum(body)
        assert request["ChecksumSHA256"] == checksum
        with self._counted(len(body)):
            answer = self._client.upload_part(**{**request, "Body": body})
            self._digests[request["UploadId"], request["PartNumber"]] = checksum
            self.sent += len(body)
        return {**answer, "ChecksumSHA256": checksum}

    def upload_part_copy(self, **request: Any) -> Any:
        answer = self._client.upload_part_copy(**request)
        body = self._client.get_object(**request["CopySource"], Range=request["CopySourceRange"])["Body"].read()
        number = request["PartNumber"]
        checksum = _checksum(b"corrupted" if number in self.corrupted else body)
        self._digests[request["UploadId"], number] = checksum
        self.copied += len(body)
        return {**answer, "CopyPartResult": {**answer["CopyPartResult"], "ChecksumSHA256": checksum}}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_parts"
        return self

    def paginate(self, **request: Any) -> Iterator[Any]:
        for page in self._client.get_paginator("list_parts").paginate(
            **request, PaginationConfig={"PageSize": self._pages}
        ):
            for part in page.get("Parts", []):
                part["ChecksumSHA256"] = self._digests[request["UploadId"], part["PartNumber"]]
            yield page

    def complete_multipart_upload(self, **request: Any) -> Any:
        upload, digests = request["UploadId"], b""
        for part in request["MultipartUpload"]["Parts"]:
            digest = self._digests.get((upload, part["PartNumber"]), "")
            if digest != part.get("ChecksumSHA256"):
                raise ClientError({"Error": {"Code": "InvalidPart"}}, "CompleteMultipartUpload")
            digests += base64.b64decode(digest)
        try:
            answer = self._client.complete_multipart_upload(**request)
        except KeyError as error:  # moto's answer about an upload that is gone
            raise ClientError({"Error": {"Code": "NoSuchUpload"}}, "CompleteMultipartUpload") from error
        composite = f"{_checksum(digests)}-{len(digests) // 32}"
        self._composites[request["Bucket"], request["Key"], answer["VersionId"]] = composite
        return answer

    def head_object(self, **request: Any) -> Any:
        answer = self._client.head_object(**request)
        composite = self._composites.get((request["Bucket"], request["Key"], answer.get("VersionId", "")))
        return {**answer, "ChecksumSHA256": composite, "ChecksumType": "COMPOSITE"} if composite else answer

    @contextmanager
    def _counted(self, length: int) -> Iterator[None]:
        with self._lock:
            self._under_way += length
            self.most_under_way = max(self.most_under_way, self._under_way)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= length


def _checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
