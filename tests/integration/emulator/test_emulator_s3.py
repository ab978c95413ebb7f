"""S3 on the emulator reads ranges as AWS does."""

from __future__ import annotations

import uuid

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
