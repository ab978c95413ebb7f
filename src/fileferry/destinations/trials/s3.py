"""Trying out a bucket: the role, the bucket, and write access by an upload that is aborted before it is visible."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fileferry.aws_errors import code_of, status_of
from fileferry.destinations.buckets import bucket_client, bucket_errors, object_key
from fileferry.destinations.trials.trial import StepReport, Trial, probe_name
from fileferry.errors import AccessDenied
from fileferry.model.destination import S3Destination
from fileferry.objects import Target
from fileferry.services import Services

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STEPS = ("role", "bucket", "write", "remove")
SESSION = "fileferry-test"
"""What the partner's CloudTrail shows."""


def s3_trial(world: Services, target: S3Destination, trial: Trial | None = None) -> tuple[StepReport, ...]:
    """What delivery needs: the role, and s3:PutObject and s3:AbortMultipartUpload below the prefix."""
    trial = trial or Trial(STEPS)
    return trial.run(lambda begun: _steps(world, target, begun))


def _steps(world: Services, target: S3Destination, trial: Trial) -> None:
    trial.begin("role")
    client = _client(world, target)
    if target.role_arn:
        trial.done(f"{target.role_arn} is assumed")
    else:
        trial.skip("the destination names none: the bucket is written as Fileferry's own role")
    with bucket_errors(target):
        trial.begin("bucket")
        try:
            _look_at(client, target, trial)
        except ClientError as error:
            if status_of(error) == 404:
                error.response["Error"]["Code"] = "NoSuchBucket"  # HeadBucket has no body to tell it
            raise
        try:
            _write(client, target, trial)
        except ClientError as error:
            if code_of(error) != "AccessDenied" or target.role_arn:
                raise
            raise AccessDenied(
                f"Fileferry's own role may not do this: {error}",
                todo="have the operator list the bucket in DestinationBucketArns, and look at the bucket's policy.",
            ) from error


def _client(world: Services, target: S3Destination) -> S3Client:
    try:
        return bucket_client(world, target, SESSION)
    except ClientError as error:
        if code_of(error) != "AccessDenied":
            raise
        raise AccessDenied(
            f"The role {target.role_arn} cannot be assumed.",
            todo="have the partner's role trust Fileferry's functions, with the external id that is agreed, and the "
            "operator list it in DestinationRoleArns.",
        ) from error


def _look_at(client: S3Client, target: S3Destination, trial: Trial) -> None:
    try:
        client.head_bucket(Bucket=target.bucket)
    except ClientError as error:
        if status_of(error) != 403:
            raise
        trial.skip("we may not look at it (s3:ListBucket), which delivery does not need")
    else:
        trial.done(f"{target.bucket} is there")


def _write(client: S3Client, target: S3Destination, trial: Trial) -> None:
    """An upload of one part. Before it is completed nobody sees it, no consumer of the bucket is woken."""
    made = Target(target.bucket, object_key(target, probe_name()), kms_key=target.kms_key or "")
    trial.begin("write")
    upload = client.create_multipart_upload(**made.place, **made.attributes)["UploadId"]
    try:
        client.upload_part(**made.place, UploadId=upload, PartNumber=1, Body=b"A try of Fileferry's.\n")
    except ClientError:
        with contextlib.suppress(ClientError):
            client.abort_multipart_upload(**made.place, UploadId=upload)
        raise
    trial.done("a part of an upload that is never completed")
    trial.begin("remove")
    client.abort_multipart_upload(**made.place, UploadId=upload)
    trial.done("the upload is aborted")
