"""Delivery to an S3 bucket: one visible version per run, recognised by its metadata.

Where the bucket is written by the function's own role and may be overwritten, S3 copies the bytes itself; else
they are streamed, a part at a time, with SHA-256 checked by S3.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.destinations.buckets import bucket_client, bucket_errors, object_key
from fileferry.errors import IntegrityError, NoSuchRecord
from fileferry.home import COPY_LIMIT
from fileferry.model.destination import S3Destination
from fileferry.objects import ObjectHead, Objects
from fileferry.services import Services

from .shipment import Receipt, Shipment, candidate_names, name_taken, verified_blocks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MAX_PARTS = 10_000
_TAKEN = ("PreconditionFailed", "412")
_HIDDEN = ("403", "AccessDenied")


def send(world: Services, target: S3Destination, shipment: Shipment, part_size: int) -> Receipt:
    """Put the object and return the receipt; `part_size` in bytes bounds the memory.

    Raises DestinationRefused, DestinationUnavailable, ConfigurationError, IntegrityError, RunClosed, and ClientError.
    """
    with bucket_errors(target):
        client = bucket_client(world, target, f"fileferry-{shipment.job.execution_name}")
        return _Sending(world, target, shipment, client, max(part_size, -(-shipment.object.size // _MAX_PARTS))).run()


@dataclass(frozen=True)
class _Sending:
    world: Services
    target: S3Destination
    shipment: Shipment
    client: S3Client
    part_size: int

    def run(self) -> Receipt:
        for name in candidate_names(self.shipment.name, self.shipment.existing):
            key = object_key(self.target, name)
            there = self._head(key)
            if there and self._is_ours(there):
                return self._receipt(name, key, there.version_id, "found: an earlier try had put it")
            if there and self.shipment.existing != "overwrite":
                continue
            self.shipment.announce(name)
            try:
                return self._receipt(name, key, self._put(key))
            except ClientError as error:
                if error.response["Error"]["Code"] not in _TAKEN:
                    raise
            # Somebody was faster: perhaps an earlier request of ours whose answer was lost.
            there = self._head(key)
            if there and self._is_ours(there):
                return self._receipt(name, key, there.version_id, "found: an earlier request had put it")
        raise name_taken(self.shipment, f"s3://{self.target.bucket}/{self.target.prefix}")

    def _receipt(self, name: str, key: str, version_id: str, note: str = "") -> Receipt:
        detail = {"version_id": version_id, "note": note}
        location = f"s3://{self.target.bucket}/{key}"
        return Receipt(name, location, {field: value for field, value in detail.items() if value})

    def _head(self, key: str) -> ObjectHead | None:
        """What lies at the key; None also where we may write but not look."""
        try:
            return Objects(self.client).head(self.target.bucket, key)
        except NoSuchRecord:
            return None
        except ClientError as error:
            if error.response["Error"]["Code"] not in _HIDDEN:
                raise
            return None

    def _is_ours(self, there: ObjectHead) -> bool:
        """Whether this job put it; where overwriting is allowed, a new run writes a new version."""
        metadata = there.metadata
        same = metadata.get("sha256") == self.shipment.object.sha256 and there.size == self.shipment.object.size
        ours = same and metadata.get("job-id") == self.shipment.job.job_id
        return ours and (self.shipment.existing != "overwrite" or metadata.get("run") == str(self.shipment.job.run))

    def _put(self, key: str) -> str:
        """Make the object and return its version id; it is visible only when it is complete."""
        own_role = not self.target.role_arn
        if own_role and self.shipment.existing == "overwrite" and self.shipment.object.size <= COPY_LIMIT:
            return self._copy(key)
        if self.shipment.object.size <= self.part_size:
            return self._put_whole(key)
        return self._put_parts(key)

    def _attributes(self, key: str) -> dict[str, Any]:
        job = self.shipment.job
        attributes: dict[str, Any] = {
            "Bucket": self.target.bucket,
            "Key": key,
            "ContentType": mimetypes.guess_type(key)[0] or "application/octet-stream",
            "Metadata": {"sha256": self.shipment.object.sha256, "job-id": job.job_id, "run": str(job.run)},
        }
        if self.target.kms_key:
            attributes |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.target.kms_key}
        return attributes

    @property
    def _condition(self) -> dict[str, Any]:
        return {} if self.shipment.existing == "overwrite" else {"IfNoneMatch": "*"}

    def _copy(self, key: str) -> str:
        source = self.shipment.object
        answer = self.client.copy_object(
            **self._attributes(key),
            CopySource={"Bucket": source.bucket, "Key": source.key, "VersionId": source.version_id},
            MetadataDirective="REPLACE",
            ChecksumAlgorithm="SHA256",
        )
        digest = answer["CopyObjectResult"].get("ChecksumSHA256", "")
        if digest and base64.b64decode(digest).hex() != source.sha256:
            raise IntegrityError(
                f"S3 copied bytes with SHA-256 {base64.b64decode(digest).hex()}, but {source.sha256} is recorded.",
                where=f"s3://{source.bucket}/{source.key}",
                todo="redrive the job from its original.",
            )
        return answer.get("VersionId", "")

    def _blocks(self) -> Iterator[bytes]:
        with self.world.objects.open(self.shipment.object) as stream:
            yield from verified_blocks(stream, self.shipment.object, self.part_size)

    def _put_whole(self, key: str) -> str:
        body = b"".join(self._blocks())
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        answer = self.client.put_object(**self._attributes(key), **self._condition, Body=body, ChecksumSHA256=digest)
        return answer.get("VersionId", "")

    def _put_parts(self, key: str) -> str:
        place: dict[str, Any] = {"Bucket": self.target.bucket, "Key": key}
        started = self.client.create_multipart_upload(**self._attributes(key), ChecksumAlgorithm="SHA256")
        place["UploadId"] = started["UploadId"]
        try:
            parts: Any = {"Parts": self._send_parts(place)}
            # Again: the run may have got another owner during a long upload.
            self.shipment.announce(key.rsplit("/", 1)[-1])
            answer = self.client.complete_multipart_upload(**place, **self._condition, MultipartUpload=parts)
        except BaseException:
            with contextlib.suppress(ClientError, BotoCoreError):  # the bucket's lifecycle rule clears what stays
                self.client.abort_multipart_upload(**place)
            raise
        return answer.get("VersionId", "")

    def _send_parts(self, place: dict[str, Any]) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        for number, body in enumerate(self._blocks(), start=1):
            self.shipment.check_time((number - 1) * self.part_size)
            answer = self.client.upload_part(**place, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
            part = {"PartNumber": number, "ETag": answer["ETag"]}
            if checksum := answer.get("ChecksumSHA256"):
                part["ChecksumSHA256"] = checksum
            parts.append(part)
        return parts
