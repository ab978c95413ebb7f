"""Access to a destination's bucket: as the function's role, or as a role that the partner lets us assume."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError
from botocore.session import get_session

from fileferry.errors import ConfigurationError, DestinationRefused, DestinationUnavailable
from fileferry.model.destination import S3Destination
from fileferry.services import Services

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=5,
    read_timeout=60,
    tcp_keepalive=True,
    max_pool_connections=32,  # the lanes of one transfer
)
_DENIED = ("AccessDenied", "403", "AllAccessDisabled")


def bucket_client(world: Services, target: S3Destination, session_name: str) -> S3Client:
    """A client for the destination's bucket; with a role, its credentials are renewed before they run out.

    `session_name` is what the partner's CloudTrail shows (at most 64 characters of `[\\w+=,.@-]`). Raises
    ConfigurationError for one of Fileferry's own buckets, and ClientError when the role cannot be assumed.
    """
    settings = world.settings
    if target.bucket in (settings.ingest_bucket, settings.staging_bucket, settings.archive_bucket):
        raise ConfigurationError(f"{target.bucket!r} is one of Fileferry's own buckets.", todo="name another bucket.")
    if target.role_arn:
        return _role_session(world, target, session_name).client("s3", config=_CONFIG)
    if target.region and target.region != settings.region:
        return world.session.client("s3", region_name=target.region, config=_CONFIG)
    return world.s3


def object_key(target: S3Destination, name: str) -> str:
    """The key of `name` below the destination's prefix, which is a folder whether it ends with `/` or not."""
    folder = target.prefix.strip("/")
    return f"{folder}/{name}" if folder else name


def _role_session(world: Services, target: S3Destination, session_name: str) -> boto3.Session:
    sts = world.session.client("sts", config=_CONFIG)
    request: dict[str, Any] = {"RoleArn": target.role_arn, "RoleSessionName": session_name[:64]}
    if target.external_id:
        request["ExternalId"] = target.external_id

    def assume() -> dict[str, str]:
        credentials = sts.assume_role(**request)["Credentials"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].isoformat(),
        }

    session: Any = get_session()
    # botocore offers no public way to give a session credentials that renew themselves.
    session._credentials = RefreshableCredentials.create_from_metadata(assume(), assume, "sts-assume-role")
    return boto3.Session(botocore_session=session, region_name=target.region or world.settings.region)


@contextmanager
def bucket_errors(target: S3Destination) -> Iterator[None]:
    """Names what a destination's bucket answers as the workflow knows it.

    A denial stays a ClientError where the function's own role was used: that is ours to mend, not the partner's.
    """
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        where = f"s3://{target.bucket}"
        if code == "NoSuchBucket":
            raise ConfigurationError("The bucket does not exist.", where=where, todo="correct its name.") from error
        if code in ("PermanentRedirect", "301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"):
            raise ConfigurationError(
                "The bucket lies in another region.", where=where, todo="give the destination's `region`."
            ) from error
        if code.startswith("KMS.") or code in ("InvalidArgument", "InvalidRequest", "MethodNotAllowed"):
            raise DestinationRefused(f"S3 does not take the request: {error}", where=where) from error
        if code == "ConditionalRequestConflict":
            raise DestinationUnavailable(f"Another writer is at the same key: {error}", where=where) from error
        if code in _DENIED and target.role_arn and error.operation_name != "AssumeRole":
            raise DestinationRefused(
                f"The partner's role may not do this: {error}",
                where=where,
                todo="ask the partner to permit s3:PutObject, s3:GetObject, s3:AbortMultipartUpload and, so that large "
                "files are gone on with, s3:ListMultipartUploadParts on the prefix.",
            ) from error
        raise
