"""Checkpoints: a run's execution as it stands, in the staging bucket, with a fenced pointer to it in the run.

A worker that was fenced out may still write an object; nobody will look at it, since the pointer is not its to move.
What nothing points to, after a worker was killed, the bucket's lifecycle removes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fileferry.errors import IntegrityError
from fileferry.model.job import JobRef, ObjectRef, Run
from fileferry.services import Services

FORM = 1


@dataclass(frozen=True)
class Checkpoint:
    """`context` is the engine's; `submitted` are the ids of tasks with a token whose function has answered."""

    context: Mapping[str, Any]
    submitted: frozenset[str] = frozenset()


class Checkpoints:
    """Stores one run's checkpoints, each instead of the one before."""

    def __init__(self, world: Services, job: JobRef, stored: ObjectRef | None) -> None:
        self._world = world
        self._job = job
        self._stored = stored

    def load(self) -> Checkpoint | None:
        """The last one; None if there is none. Raises ObjectGone, IntegrityError."""
        if self._stored is None:
            return None
        packed = self._world.objects.read(self._stored, self._stored.size + 1)
        if hashlib.sha256(packed).hexdigest() != self._stored.sha256:
            raise IntegrityError(f"The checkpoint of run {self._job.run} of job {self._job.job_id} is not what it was.")
        plain = json.loads(gzip.decompress(packed))
        if plain["form"] != FORM:
            raise IntegrityError(f"A checkpoint of form {plain['form']} cannot be read here.")
        return Checkpoint(plain["context"], frozenset(plain["submitted"]))

    def store(self, checkpoint: Checkpoint) -> Run:
        """Keep this one from now on; the run as it is then. Raises RunClosed."""
        plain = {"form": FORM, "context": checkpoint.context, "submitted": sorted(checkpoint.submitted)}
        key = f"{self._job.tenant}/{self._job.job_id}/checkpoint"
        before, self._stored = self._stored, put_gzipped(self._world, self._world.settings.staging_bucket, key, plain)
        run = self._world.runs.keep_checkpoint(self._job, self._stored)
        self._remove(before)
        return run

    def forget(self) -> None:
        """Remove the last one; the run does not point to it any more."""
        self._remove(self._stored)
        self._stored = None

    def _remove(self, stored: ObjectRef | None) -> None:
        if stored:
            self._world.objects.delete_version(stored.bucket, stored.key, stored.version_id)


def put_gzipped(world: Services, bucket: str, key: str, value: Any) -> ObjectRef:
    """Store a JSON-able value as one gzip object."""
    packed = gzip.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
    digest = hashlib.sha256(packed)
    answer = world.s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=packed,
        ContentType="application/gzip",
        ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
    )
    version = answer.get("VersionId", "")
    return ObjectRef(bucket=bucket, key=key, version_id=version, size=len(packed), sha256=digest.hexdigest())
