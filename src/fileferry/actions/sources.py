"""Where the file of a job is: in ingest, or which kept copy a new run begins from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fileferry.archive_places import DUPLICATE, ORIGINAL, QUARANTINE, archive_folder, aside
from fileferry.errors import Conflict, NoSuchRecord
from fileferry.model.job import Job, ObjectRef, Run, Step
from fileferry.objects import ObjectHead
from fileferry.services import Services


def find_source(world: Services, job: Job, runs: Sequence[Run]) -> ObjectRef | None:
    """The kept copy that a new run of `job` begins from; None while the version in ingest is there.

    `runs` are all of the job's. Raises Conflict when the file is nowhere.
    """
    if _head(world, job.object.bucket, job.object.key, job.object.version_id):
        return None
    latest_first = list(reversed(runs))
    for ref in _recorded(latest_first):
        if is_kept(world, ref):
            return ref
    for key in _places(job, latest_first):
        if found := _unrecorded(world, job, key, runs):
            return found
    raise Conflict(
        f"The file of job {job.job_id} is neither in ingest nor in the archive any more.",
        todo="have the partner send the file again.",
    )


def is_kept(world: Services, ref: ObjectRef) -> bool:
    """Whether the object is there and is what was recorded: its size, and its SHA-256 where S3 or we have stored one.

    Without one (objects in parts) the pinned version speaks for it, and whoever reads it compares the bytes.
    """
    there = _head(world, ref.bucket, ref.key, ref.version_id)
    return there is not None and there.size == ref.size and _stored_sha256(there) in ("", ref.sha256)


def _head(world: Services, bucket: str, key: str, version_id: str | None = None) -> ObjectHead | None:
    try:
        return world.objects.head(bucket, key, version_id)
    except NoSuchRecord:
        return None


def _stored_sha256(there: ObjectHead) -> str:
    return there.checksum_sha256 or there.metadata.get("sha256", "")


def _recorded(latest_first: Sequence[Run]) -> Iterator[ObjectRef]:
    """Copies that the runs tell of, those that stay longest first."""
    told: list[Any] = [run.result(Step.ARCHIVE).get("original") for run in latest_first]
    for name in ("quarantined", "stored"):
        told += [(run.outcome or {}).get(name) for run in latest_first]
    told += [run.source.model_dump() for run in latest_first if run.source]
    told += [run.result(Step.STAGE).get("object") for run in latest_first]
    yield from (ObjectRef.model_validate(ref) for ref in told if ref)


def _places(job: Job, latest_first: Sequence[Run]) -> Iterator[str]:
    """Keys of copies that somebody may have made without coming to record them, before the file left ingest."""
    yield from (f"{archive_folder(job, run)}/{ORIGINAL}/{job.filename}" for run in latest_first)
    yield from (aside(job, folder) for folder in (QUARANTINE, DUPLICATE))


def _unrecorded(world: Services, job: Job, key: str, runs: Sequence[Run]) -> ObjectRef | None:
    there = _head(world, world.settings.archive_bucket, key)
    if there is None or there.size != job.object.size or there.metadata.get("job-id") != job.job_id:
        return None
    staged = (run.result(Step.STAGE).get("object", {}).get("sha256", "") for run in runs)
    sha256 = _stored_sha256(there) or next((digest for digest in staged if digest), "")
    if not sha256:
        return None
    bucket = world.settings.archive_bucket
    return ObjectRef(bucket=bucket, key=key, version_id=there.version_id, size=there.size, sha256=sha256)
