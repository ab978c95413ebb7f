"""The stage step: the pinned ingest version in the staging bucket, and its SHA-256 that every later step compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fileferry.errors import DuplicateContent
from fileferry.home import Home, LambdaContext, lambda_home
from fileferry.model.job import ObjectRef, Step
from fileferry.objects import Target
from fileferry.seen_content import claim_content, takes_seen_content
from fileferry.services import Services
from fileferry.steps import Work, run_step


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry: `{"job": JobRef, "attempt": n}` → `{"object": ObjectRef}`."""
    return run(event, lambda_home(context))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """The step in any home."""
    return run_step(Step.STAGE, event, home, stage, world)


def stage(work: Work) -> dict[str, Any]:
    """Copy the file to `{tenant}/{job_id}/original`; a copy that a killed try or an earlier run left is taken.

    S3 computes the SHA-256 while it copies; above CopyObject's limit we do, while we read the source once. Where the
    sender declared a SHA-256 the copy must have it. Raises IntegrityError, and DuplicateContent when the route takes
    each content once and another job has it.
    """
    job = work.job
    target = Target(
        work.services.settings.staging_bucket,
        f"{job.tenant}/{job.job_id}/original",
        metadata={"job-id": job.job_id, "run": str(job.run)},
    )
    copy = work.services.objects.copy_verified(
        work.file, target, work.transfer(), sha256=_known_sha256(work), repeat=True
    )
    _refuse_seen_content(work, copy)
    return {"object": copy.model_dump()}


def _known_sha256(work: Work) -> str:
    """The kept copy's digest, or the sender's, which validate has compared with the content; empty without either."""
    if work.run.source:
        return work.run.source.sha256
    if work.run.accepted or work.route.validation.checksum == "none":
        return ""
    return work.run.declared.get("sha256", "").lower()


def _refuse_seen_content(work: Work, copy: ObjectRef) -> None:
    """The router has asked already for the files that are small enough for it to hash."""
    if work.route.duplicates == "allow" or copy.size <= work.services.settings.duplicate_check_bytes:
        return
    job = work.job
    first_job = claim_content(work.services, job.tenant, job.route, copy.sha256, job.job_id)
    if first_job and not takes_seen_content(work.run):
        raise DuplicateContent(
            f"Route {job.route!r} has taken this content before, with job {first_job}.", first_job=first_job
        )
