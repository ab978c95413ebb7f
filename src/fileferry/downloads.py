"""Links to what the archive bucket keeps of a job: for minutes, for one version, under the file's own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from fileferry.clock import now
from fileferry.errors import NoSuchRecord
from fileferry.model.job import ObjectRef, Run, Step

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from fileferry.objects import Objects

LINK_SECONDS = 300


class Kept(StrEnum):
    """What the archive bucket may keep of a job."""

    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"
    ARCHIVED_ORIGINAL = "archived-original"
    ARCHIVED_DELIVERED = "archived-delivered"


@dataclass(frozen=True)
class Link:
    """`url` answers a GET until `expires_at`, whoever sends it."""

    url: str
    expires_at: datetime
    filename: str
    object: ObjectRef
    run: int


def kept_object(runs: Sequence[Run], kept: Kept) -> tuple[ObjectRef, int] | None:
    """The newest object of this kind that the runs (the first one first) have, and its run; None if there is none."""
    for run in reversed(runs):
        found = _of_run(run, kept)
        if found:
            return ObjectRef.model_validate(found), run.run
    return None


def _of_run(run: Run, kept: Kept) -> object:
    archived, outcome = run.result(Step.ARCHIVE), run.outcome or {}
    return {
        Kept.QUARANTINED: outcome.get("quarantined"),
        Kept.DUPLICATE: outcome.get("stored"),
        Kept.ARCHIVED_ORIGINAL: archived.get("original"),
        Kept.ARCHIVED_DELIVERED: archived.get("delivered"),
    }[kept]


def link_to(s3: S3Client, objects: Objects, runs: Sequence[Run], kept: Kept) -> Link:
    """A link to what is kept of the runs. `s3` signs with SigV4.

    Raises NoSuchRecord when nothing of this kind is kept, or not any more.
    """
    found = kept_object(runs, kept)
    if found is None:
        raise NoSuchRecord(f"Nothing {kept.replace('-', ' ')} is kept of this job.")
    ref, run = found
    objects.head(ref.bucket, ref.key, ref.version_id)
    filename = ref.key.rsplit("/", 1)[-1]
    expires_at = now() + timedelta(seconds=LINK_SECONDS)
    url = s3.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": ref.bucket,
            "Key": ref.key,
            "VersionId": ref.version_id,
            "ResponseContentDisposition": disposition(filename),
            "ResponseContentType": "application/octet-stream",  # whatever the file says that it is, a browser stores it
        },
        ExpiresIn=LINK_SECONDS,
    )
    return Link(url, expires_at, filename, ref, run)


def disposition(filename: str) -> str:
    """Content-Disposition for a name with any characters (RFC 6266, RFC 8187)."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%/' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
