"""Delivery to an S3 bucket: one visible version per run, recognised by its metadata.

Where the bucket is written by our own role S3 copies the bytes itself, if it may overwrite or the file is large; else
they are streamed in parts at the same time, with SHA-256 checked by S3. What an interrupted try has sent is found.
"""

from __future__ import annotations

import base64
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fileferry.destinations.buckets import bucket_client, bucket_errors, object_key
from fileferry.errors import IntegrityError, NoSuchRecord
from fileferry.home import Transfer
from fileferry.model.destination import S3Destination
from fileferry.objects import READ_SIZE, ObjectHead, Objects, Target
from fileferry.services import Services

from .shipment import Receipt, Shipment, candidate_names, name_taken

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TAKEN = ("PreconditionFailed", "412")
_HIDDEN = ("403", "AccessDenied")


def send(world: Services, target: S3Destination, shipment: Shipment) -> Receipt:
    """Put the object and return the receipt.

    Raises DestinationRefused, DestinationUnavailable, ConfigurationError, IntegrityError, RunClosed, and ClientError.
    """
    with bucket_errors(target):
        client = bucket_client(world, target, f"fileferry-{shipment.job.execution_name}")
        return _Sending(world, target, shipment, client).run()


@dataclass(frozen=True)
class _Sending:
    world: Services
    target: S3Destination
    shipment: Shipment
    client: S3Client

    @property
    def transfer(self) -> Transfer:
        return self.shipment.transfer

    def run(self) -> Receipt:
        begun_before = bool(self.transfer.progress.load(self.transfer.name))
        for name in candidate_names(self.shipment.name, self.shipment.existing):
            key = object_key(self.target, name)
            there = self._head(key)
            if there and self._is_ours(there):
                return self._receipt(name, key, there.version_id, "found: an earlier try had put it")
            if there and self.shipment.existing != "overwrite":
                continue
            try:
                version_id = self._put(name, key)
                return self._receipt(name, key, version_id, sent=0 if begun_before else self.shipment.object.size)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _TAKEN:
                    raise
            # Somebody was faster: perhaps an earlier request of ours whose answer was lost.
            there = self._head(key)
            if there and self._is_ours(there):
                return self._receipt(name, key, there.version_id, "found: an earlier request had put it")
        raise name_taken(self.shipment, f"s3://{self.target.bucket}/{self.target.prefix}")

    def _receipt(self, name: str, key: str, version_id: str, note: str = "", sent: int = 0) -> Receipt:
        detail = {"version_id": version_id, "note": note}
        location = f"s3://{self.target.bucket}/{key}"
        return Receipt(name, location, {field: value for field, value in detail.items() if value}, sent)

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

    def _put(self, name: str, key: str) -> str:
        """Make the object and return its version id; it is visible only when it is complete."""
        source = self.shipment.object
        if not self.target.role_arn:
            if source.size > self.transfer.copy_limit:
                return self._copy_parts(name, key)
            if self.shipment.existing == "overwrite":
                return self._copy(name, key)
        return self._stream(name, key)

    def _object(self, key: str) -> Target:
        job = self.shipment.job
        return Target(
            self.target.bucket,
            key,
            metadata={"sha256": self.shipment.object.sha256, "job-id": job.job_id, "run": str(job.run)},
            content_type=mimetypes.guess_type(key)[0] or "application/octet-stream",
            kms_key=self.target.kms_key or "",
            only_new=self.shipment.existing != "overwrite",
        )

    def _copy(self, name: str, key: str) -> str:
        source = self.shipment.object
        made = self._object(key)
        self.transfer.check()
        self.shipment.announce(name)
        answer = self.client.copy_object(
            **made.place,
            **made.attributes,
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

    def _copy_parts(self, name: str, key: str) -> str:
        copy = self.world.objects.copy_verified(
            self.shipment.object,
            self._object(key),
            self.transfer,
            sha256=self.shipment.object.sha256,
            into=self.client,
            before_visible=lambda: self.shipment.announce(name),
        )
        return copy.version_id

    def _stream(self, name: str, key: str) -> str:
        """Send the bytes; a resumed upload's are read and compared again, and only those that are missing are sent."""
        source = self.shipment.object
        writer = Objects(self.client).writer(
            self._object(key),
            self.transfer,
            size=source.size,
            before_visible=lambda _: self.shipment.announce(name),
        )
        with writer, self.world.objects.open(source, self.transfer) as stream:
            while block := stream.read(READ_SIZE):
                self.shipment.check_time(writer.size)
                writer.write(block)
            writer.expect(source.size, source.sha256)
        return writer.ref.version_id
