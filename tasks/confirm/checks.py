"""What each kind of destination can tell about the file that was delivered to it.

A check compares size and, where the far side can give it at a bearable cost, SHA-256; `how` says what was compared.
"""

from __future__ import annotations

from typing import Any

from fileferry.clock import now
from fileferry.destinations.credentials import credentials_of
from fileferry.errors import IntegrityError, NoSuchRecord
from fileferry.model.destination import Destination, HttpsDestination, S3Destination, SftpDestination
from fileferry.model.job import Delivery
from fileferry.objects import Objects
from fileferry.steps import Work, tell_other_version

READ_BACK_BYTES = 64 * 1024**2
"""Largest file that is read back from an SFTP server, which has no other way to give a checksum. Of a larger one only
the size is compared, in any home: its bytes would travel twice."""
RESERVE_SECONDS = 5.0
Confirmed = dict[str, Any]


def check(work: Work, destination: str, delivery: Delivery) -> Confirmed:
    """`{"size": bytes, "sha256": hex or None, "how": text}` of what the far side has.

    Raises IntegrityError when it is not what was delivered, and the destination's errors.
    """
    record = work.services.config.destination(work.job.tenant, destination)
    target = record.target
    match target:
        case SftpDestination():
            return _check_sftp(work, record, target, delivery)
        case S3Destination():
            return _check_s3(work, destination, target, delivery)
        case HttpsDestination():
            return _check_https(destination, delivery)


def _check_sftp(work: Work, record: Destination, target: SftpDestination, delivery: Delivery) -> Confirmed:
    import asyncssh

    from fileferry.destinations.sftp_session import SftpAccess, answered, read_back, remote_path, run_session

    credentials = credentials_of(work.services.secrets, record, tell_other_version(record.id))
    access = SftpAccess(target, credentials, work.services.settings.allow_private_destinations)
    path = remote_path(target, delivery.name)

    async def look(sftp: asyncssh.SFTPClient) -> tuple[int | None, str | None]:
        try:
            size = (await answered(sftp.stat(path))).size
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            raise _gone(record.id, delivery) from None
        whole = size == delivery.size and size <= READ_BACK_BYTES
        return size, await read_back(sftp, path, work.home.pulse) if whole else None

    seconds = max(1.0, work.home.deadline - now().timestamp() - RESERVE_SECONDS)
    size, sha256 = run_session(access, seconds, look)
    how = "SFTP: size by stat, SHA-256 of the file read back" if sha256 else "SFTP: size by stat"
    return _compared(record.id, delivery, size, sha256, how)


def _check_s3(work: Work, destination: str, target: S3Destination, delivery: Delivery) -> Confirmed:
    from fileferry.destinations.buckets import bucket_client, bucket_errors, object_key

    key = object_key(target, delivery.name)
    with bucket_errors(target):
        client = bucket_client(work.services, target, f"fileferry-{work.job.execution_name}")
        try:
            head = Objects(client).head(target.bucket, key, delivery.detail.get("version_id"))
        except NoSuchRecord:
            raise _gone(destination, delivery) from None
    if head.checksum_sha256:
        return _compared(destination, delivery, head.size, head.checksum_sha256, "S3: size and SHA-256 that S3 holds")
    noted = head.metadata.get("sha256")
    how = "S3: size, and SHA-256 of our metadata; S3 checked each part as it came" if noted else "S3: size"
    return _compared(destination, delivery, head.size, noted, how)


def _check_https(destination: str, delivery: Delivery) -> Confirmed:
    """By the receipt that deliver recorded: nothing more can be asked of an endpoint."""
    status = delivery.detail.get("status")
    stated = delivery.detail.get("received_sha256")
    if stated:
        return _compared(
            destination, delivery, delivery.size, stated, f"HTTPS: status {status} and the digest it stated"
        )
    return {"size": delivery.size, "sha256": None, "how": f"HTTPS: status {status}"}


def _gone(destination: str, delivery: Delivery) -> IntegrityError:
    return IntegrityError(
        f"The delivered file is not there: {delivery.location}.",
        where=destination,
        todo="ask the partner who removed it; where files are taken away at once, set confirm.mode to "
        "acknowledgement or none.",
    )


def _compared(destination: str, delivery: Delivery, size: int | None, sha256: str | None, how: str) -> Confirmed:
    if size != delivery.size or (sha256 and sha256 != delivery.sha256):
        digest = f" with SHA-256 {sha256}" if sha256 else ""
        raise IntegrityError(
            f"The far side has {size} bytes{digest}; {delivery.size} bytes with {delivery.sha256} were delivered.",
            where=f"{destination}, {delivery.location}",
            todo="have the partner remove the file, and replay the job.",
        )
    return {"size": size, "sha256": sha256, "how": how}
