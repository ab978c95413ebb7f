"""What S3 tells of an object's parts.

AWS: a part that UploadPartCopy makes has a checksum of the upload's algorithm, in the answer, in ListParts and in the
checksum of the whole; HeadObject with `partNumber` tells the size of that part. MiniStack 1.5.33 computes none for a
copied part, reads the whole source for each, and ignores HeadObject's `partNumber`. It forgets the parts of a completed
object when it is restarted: then HeadObject tells of the whole object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import s3

from .s3_ranges import Answer, ranged


def upload_part_copy(original: Callable[..., Answer]) -> Callable[..., Answer]:
    """`_upload_part_copy` with the part's checksum."""

    def copy(bucket: str, key: str, query: dict[str, Any], headers: dict[str, str]) -> Answer:
        with ranged(bool(headers.get("x-amz-copy-source-range"))):
            status, answer_headers, body = original(bucket, key, query, headers)
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        algorithm = upload and upload.get("checksum_algorithm")
        if status != 200 or not algorithm:
            return status, answer_headers, body
        part = upload["parts"][int(s3._qp(query, "partNumber"))]
        checksum = s3._compute_s3_checksum(algorithm, part["body"])
        part["checksums"] = {algorithm: checksum}
        told = f"<Checksum{algorithm}>{checksum}</Checksum{algorithm}></CopyPartResult>"
        return status, answer_headers, body.replace(b"</CopyPartResult>", told.encode())

    return copy


def head_object(original: Callable[..., Answer]) -> Callable[..., Answer]:
    """`_head_object` with `partNumber`."""

    def head(bucket: str, key: str, headers: Any = None, query: Any = None) -> Answer:
        status, answer_headers, body = original(bucket, key, headers, query)
        number = int(s3._qp(query or {}, "partNumber", "0"))
        parts = parts_of(bucket, key, answer_headers.get("x-amz-version-id")) if status == 200 and number else []
        size = next((part["Size"] for part in parts if part["PartNumber"] == number), None)
        if size is None:
            return status, answer_headers, body
        return 206, {**answer_headers, "Content-Length": str(size), "x-amz-mp-parts-count": str(len(parts))}, body

    return head


def parts_of(bucket: str, key: str, version_id: str | None) -> list[dict[str, int]]:
    """The parts that the object was completed from; none for one that was put at once."""
    versions = [*s3._object_versions.get((bucket, key), []), s3._buckets[bucket]["objects"].get(key, {})]
    record: dict[str, Any] = next((one for one in versions if one.get("version_id") == version_id), {})
    return record.get("parts") or []


def close_gap() -> None:
    """Replace the functions of MiniStack's S3 that copy parts and tell of objects."""
    s3._upload_part_copy = upload_part_copy(s3._upload_part_copy)
    s3._head_object = head_object(s3._head_object)
