"""Cancel: the run is closed for whoever runs it, and its runner is stopped.

The run record comes first: from then on nothing more can be made visible in it. The job comes last, as in every
closing; so a job that is open beside a run that is cancelled says that somebody was killed in between, and the
reconciler ends it.
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from fileferry.actions.asked import Asked, Request
from fileferry.actions.judging import judge
from fileferry.clock import timestamp
from fileferry.closing import close_as_succeeded, finish_closing
from fileferry.errors import Conflict, RunClosed
from fileferry.executions import execution_of
from fileferry.model.job import Action, Decision, Executor, Job, JobStatus, Run, Step
from fileferry.services import Services
from fileferry.work_queue import send_work

CANCELLED = "Cancelled"
"""The error's name in run and event."""
_TRIES = 10
"""A worker takes and leaves a run seldom; each time its fencing number grows."""


def cancel(world: Services, job_id: str, request: Request) -> Job:
    """Cancel a job that is not over; the job as it is then. One that is cancelled already stays as it is.

    Raises NoSuchRecord, and Conflict when the job is over otherwise.
    """
    job = world.jobs.get(job_id)
    if job.status is not JobStatus.CANCELLED:
        judge(job, Asked(Action.CANCEL))
        run = _closed(world, job, request)
        if run.status is JobStatus.CANCELLED:
            stop_runner(world, world.jobs.get(job_id), run)
        finish_closing(world, job.ref(run.fence), run)
        job = world.jobs.get(job_id)
    if job.status is not JobStatus.CANCELLED:
        judge(job, Asked(Action.CANCEL))
        raise Conflict(f"Job {job_id} changed meanwhile.", todo="look at it again.")
    return job


def _closed(world: Services, job: Job, request: Request) -> Run:
    """The job's latest run, which is over then: cancelled, unless it had ended by itself before."""
    decision = request.decision(Action.CANCEL, timestamp())
    for _ in range(_TRIES):
        run = world.runs.get(job.job_id, job.run)
        if run.status.is_final:
            return run
        ref = job.ref(run.fence)
        try:
            if run.result(Step.ARCHIVE):
                close_as_succeeded(world, ref, run)
            else:
                world.runs.cancel(ref, decision, _error(decision), {"decision": decision.model_dump(mode="json")})
        except RunClosed:
            continue  # a worker has taken or left it, or it has come to its end
    run = world.runs.get(job.job_id, job.run)
    if not run.status.is_final:
        raise Conflict(f"Run {run.run} of job {job.job_id} goes from hand to hand.", todo="cancel it again.")
    return run


def _error(decision: Decision) -> dict[str, str]:
    why = f": {decision.comment}" if decision.comment else "."
    return {"error": CANCELLED, "message": f"Cancelled by {decision.requested_by}{why}"[:2000]}


def stop_runner(world: Services, job: Job, run: Run) -> None:
    """Have whoever runs the job's cancelled run stop: the execution is stopped, the worker tidies what it kept of it.

    An execution that has ended, or that nobody has started, is no error.
    """
    if job.run != run.run:
        return
    if run.executor is Executor.WORKER:
        send_work(world, job.ref(), reason="cancelled")
        return
    arn = execution_of(job, run)
    if not arn:
        return
    try:
        world.sfn.stop_execution(executionArn=arn, error=CANCELLED, cause=str((run.error or {}).get("message", "")))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
