"""A job once more: a new run of what failed or was cancelled, with the same route revision and workflow version.

What the last run has done and what still holds goes over to the new one, so that it is not done twice: a step whose
result is recorded returns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.closing import send_start
from fileferry.errors import Conflict, NoSuchRecord
from fileferry.model.job import (
    Executor,
    Job,
    JobStatus,
    ObjectRef,
    PinnedWorkflow,
    Run,
    Step,
    StepRecord,
    StepStatus,
)
from fileferry.repositories.creation import create_run, new_run
from fileferry.services import Services

AGAIN_FROM = (JobStatus.FAILED, JobStatus.CANCELLED)
"""The ends whose file is still in ingest."""


def start_again(world: Services, job_id: str) -> Job:
    """Make a new run of an ended job and have the router start it; the job as it is then.

    Raises NoSuchRecord, and Conflict when the job has not failed and was not cancelled, when no route took its file, or
    when somebody else is quicker. Killed after the transaction, the job is RECEIVED: the reconciler finds it.
    """
    ended = world.jobs.get(job_id)
    _check(ended)
    last = world.runs.get(job_id, ended.run)
    job = _opened(world, ended)
    run = new_run(job, last.declared).model_copy(
        update={"workflow": _workflow(world, ended, last), **_carried_over(world, last)}
    )
    if not create_run(world.dynamodb, world.settings, job, run, ended):
        raise Conflict(f"Job {job_id} changed meanwhile.", todo="look at it again.")
    send_start(world, job_id, job.object.key, reason=f"run-{job.run}")
    return job


def _check(job: Job) -> None:
    if job.status not in AGAIN_FROM:
        raise Conflict(
            f"Job {job.job_id} is {job.status}, and only one that is FAILED or CANCELLED can be started again.",
            todo="wait for its end, or have the partner send the file again.",
        )
    if job.revision == 0:
        raise Conflict(
            f"Job {job.job_id} has no route: {job.reason}",
            todo="mend the routes, and have the partner send the file again.",
        )


def _opened(world: Services, ended: Job) -> Job:
    cleared = dict.fromkeys(("ended_at", "reason", "execution_arn", "waiting_for", "sha256", "first_job"), "")
    changed = {"status": JobStatus.RECEIVED, "run": ended.run + 1, "updated_at": timestamp()}
    return ended.model_copy(update={**cleared, **changed, "sequence": _sequence(world, ended)})


def _sequence(world: Services, job: Job) -> str:
    """The place at the end of an ordered route's line: those that came later have not waited for this file.

    Between the last one that is there and the next one that comes; SQS's sequence numbers have 20 digits.
    """
    if not job.sequence:
        return ""
    last = world.keys.last_in_line(job.tenant, job.route, job.user)
    return f"{last[:20]}+{timestamp()}" if last else job.sequence


def _workflow(world: Services, job: Job, last: Run) -> PinnedWorkflow | None:
    """The version that the last run had; None if none was chosen, or Step Functions has forgotten it (90 days)."""
    if last.workflow or job.executor is Executor.WORKER or not job.execution_arn:
        return last.workflow
    try:
        execution: Mapping[str, Any] = world.sfn.describe_execution(executionArn=job.execution_arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
    version = execution.get("stateMachineVersionArn")
    name = world.config.route_revision(job.tenant, job.route, job.revision).workflow.name
    return world.workflows.pin(name, version) if version else None


def _carried_over(world: Services, last: Run) -> dict[str, Any]:
    """Steps and deliveries of the last run that hold for the new one, too.

    What was staged and transformed does while the objects are there. What was delivered does if the partner has not
    been asked about it: after that, sending again may be what the new run is for.
    """
    done = _staged_steps(world, last)
    if Step.STAGE not in done:
        return {}
    carried = {Step.VALIDATE: last.steps[Step.VALIDATE], **done}
    if Step.TRANSFORM not in done or last.steps[Step.CONFIRM].status is not StepStatus.PENDING:
        return {"steps": carried}
    if last.deliveries:
        # Since then the partner may have acknowledged what was delivered.
        carried[Step.DELIVER] = StepRecord(started_at=last.steps[Step.DELIVER].started_at)
    return {"steps": carried, "deliveries": last.deliveries}


def _staged_steps(world: Services, last: Run) -> dict[str, StepRecord]:
    kept: dict[str, StepRecord] = {}
    for step in (Step.STAGE, Step.TRANSFORM):
        result = last.result(step)
        if not result or not _is_there(world, ObjectRef.model_validate(result["object"])):
            break
        kept[step] = last.steps[step]
    return kept


def _is_there(world: Services, ref: ObjectRef) -> bool:
    try:
        return world.objects.head(ref.bucket, ref.key, ref.version_id).size == ref.size
    except NoSuchRecord:
        return False
