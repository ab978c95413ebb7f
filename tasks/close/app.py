"""The workflow's Catch path: close the run after an error, and put refused or duplicate content away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fileferry.archive_places import DUPLICATE, QUARANTINE
from fileferry.closing import close_unless_over, put_away
from fileferry.errors import ContentRefused, DuplicateContent
from fileferry.home import Home, LambdaContext, Transfer, lambda_home
from fileferry.model.job import JobRef, JobStatus, Run, Step
from fileferry.services import Services, services
from fileferry.steps import logger, named_errors, tell_job

from .failure import failure_record


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry: `{"job": JobRef, "error": {"Error", "Cause"}, "state": name}` → `{"status": JobStatus}`."""
    return run(event, lambda_home(context))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """Close the run in any home."""
    with named_errors():
        return close(event, home, world or services())


def close(event: Mapping[str, Any], home: Home, world: Services) -> dict[str, Any]:
    """Close the run: QUARANTINED for refused content, DUPLICATE for content seen before, else FAILED.

    A run that is over (cancelled from outside, closed by a try that was killed) keeps its status, and another
    runner's run is left alone; the status that the run has is returned. What is staged stays for a redrive.
    """
    job = JobRef.model_validate(event["job"])
    tell_job(job)
    caught = event["error"]
    run = world.runs.get(job.job_id, job.run)
    error = failure_record(run, str(caught.get("Error", "")), str(caught.get("Cause") or ""), str(event["state"]))
    status, outcome = JobStatus.FAILED, dict[str, Any]()
    if run.fence == job.fence and not run.status.is_final:
        status, outcome = _put_content_away(world, job, run, error, home.transfer("close"))
    status = close_unless_over(world, job, status, error, outcome)
    logger.info("run closed", status=status.value, error_type=error["error"])
    return {"status": status.value}


def _put_content_away(
    world: Services, job: JobRef, run: Run, error: Mapping[str, Any], transfer: Transfer
) -> tuple[JobStatus, dict[str, Any]]:
    """Move the file where its error sends it; the run's status and what its event tells beside the error."""
    sha256 = run.result(Step.STAGE).get("object", {}).get("sha256", "")
    if error["error"] == ContentRefused.__name__:
        copy = put_away(world, job, QUARANTINE, source=run.source, sha256=sha256, transfer=transfer)
        return JobStatus.QUARANTINED, {"sha256": copy.sha256, "quarantined": copy.model_dump()}
    if error["error"] == DuplicateContent.__name__:
        copy = put_away(world, job, DUPLICATE, source=run.source, sha256=sha256, transfer=transfer)
        first_job = error.get("first_job") or world.keys.content_job(job.tenant, job.route, copy.sha256)
        return JobStatus.DUPLICATE, {"first_job": first_job, "sha256": copy.sha256, "stored": copy.model_dump()}
    return JobStatus.FAILED, {}
