"""S3 on the emulator reads ranges and tells of parts as AWS does."""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.emulator.application import Deployed


@pytest.mark.parametrize("pinned", [True, False])
def test_a_range_is_read_of_the_pinned_version_and_of_the_newest(deployed: Deployed, pinned: bool) -> None:
    s3, bucket, key = deployed.client("s3"), deployed.outputs["BucketName"], uuid.uuid4().hex
    first = s3.put_object(Bucket=bucket, Key=key, Body=b"0123456789")["VersionId"]
    s3.put_object(Bucket=bucket, Key=key, Body=b"abcdefghij")
    version = {"VersionId": first} if pinned else {}
    answer = s3.get_object(Bucket=bucket, Key=key, Range="bytes=3-5", **version)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentRange"] == "bytes 3-5/10"
    assert answer["Body"].read() == (b"345" if pinned else b"def")
    tail = s3.get_object(Bucket=bucket, Key=key, Range="bytes=8-", **version)
    assert tail["Body"].read() == (b"89" if pinned else b"ij")
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket=bucket, Key=key, Range="bytes=10-", **version)


PART = 5 * 1024**2


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def test_copied_parts_have_checksums_of_their_own_and_of_the_whole(deployed: Deployed) -> None:
    s3, bucket, key = deployed.client("s3"), deployed.outputs["BucketName"], uuid.uuid4().hex
    content = os.urandom(PART + 7)
    version = s3.put_object(Bucket=bucket, Key=f"{key}/source", Body=content)["VersionId"]
    s3.put_object(Bucket=bucket, Key=f"{key}/source", Body=bytes(PART + 7))
    upload: Any = {"Bucket": bucket, "Key": f"{key}/copy"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for number, (first, last) in enumerate(((0, PART - 1), (PART, PART + 6)), 1):
        copied = s3.upload_part_copy(
            **upload,
            PartNumber=number,
            CopySource={"Bucket": bucket, "Key": f"{key}/source", "VersionId": version},
            CopySourceRange=f"bytes={first}-{last}",
        )["CopyPartResult"]
        assert copied["ChecksumSHA256"] == checksum(content[first : last + 1])
        parts.append({"PartNumber": number, "ETag": copied["ETag"], "ChecksumSHA256": copied["ChecksumSHA256"]})
    listed = s3.list_parts(**upload)["Parts"]
    assert [(part["Size"], part["ChecksumSHA256"]) for part in listed] == [
        (PART, parts[0]["ChecksumSHA256"]),
        (7, parts[1]["ChecksumSHA256"]),
    ]
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    digests = b"".join(base64.b64decode(part["ChecksumSHA256"]) for part in parts)
    whole = {"Bucket": bucket, "Key": f"{key}/copy", "VersionId": done["VersionId"]}
    head = s3.head_object(**whole, ChecksumMode="ENABLED")
    assert (head["ContentLength"], head["ChecksumSHA256"]) == (PART + 7, f"{checksum(digests)}-2")
    assert [s3.head_object(**whole, PartNumber=number)["ContentLength"] for number in (1, 2)] == [PART, 7]
    assert s3.get_object(**whole)["Body"].read() == content


def test_an_upload_is_completed_only_where_there_is_nothing_yet(deployed: Deployed) -> None:
    s3, bucket, key = deployed.client("s3"), deployed.outputs["BucketName"], uuid.uuid4().hex
    s3.put_object(Bucket=bucket, Key=key, Body=b"there")
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    place: Any = {"Bucket": bucket, "Key": key, "UploadId": upload}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**place, PartNumber=1, Body=b"x")["ETag"]}
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.complete_multipart_upload(**place, MultipartUpload={"Parts": [part]}, IfNoneMatch="*")
    s3.abort_multipart_upload(**place)
