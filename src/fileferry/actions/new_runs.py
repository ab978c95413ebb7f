"""A job once more, in a new run: retry, redrive, replay, release.

One transaction makes the run and opens the job; then the router is asked to start it as any other. Killed in between,
the job is RECEIVED, and the reconciler finds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from fileferry.actions.asked import Asked, Request
from fileferry.actions.carrying import carried_over
from fileferry.actions.judging import Course, judge
from fileferry.actions.sources import find_source
from fileferry.clock import timestamp
from fileferry.closing import send_start
from fileferry.errors import Conflict, NoSuchRecord
from fileferry.executions import execution_of
from fileferry.model.job import Action, Executor, Job, JobStatus, PinnedWorkflow, Run
from fileferry.model.route import Route
from fileferry.repositories.creation import create_run, new_run
from fileferry.services import Services

Fields = dict[str, Any]
_CLEARED = dict.fromkeys(("ended_at", "reason", "execution_arn", "waiting_for", "sha256", "first_job"), "")
_FIRST_PLACE = "0" * 20
"""Before any place in a line: SQS's sequence numbers have 20 digits."""


def begin_run(world: Services, job_id: str, asked: Asked, request: Request) -> Job:
    """Make a new run of an ended job and have the router start it; the job as it is then.

    A repeat of a request makes no second run. Raises NoSuchRecord; Conflict when the job's status does not allow it,
    the file is gone, or somebody else is quicker; ConfigurationError when a route cannot be read.
    """
    ended = world.jobs.get(job_id)
    runs = world.runs.of_job(job_id, consistent=True)
    if not runs:
        raise NoSuchRecord(f"Job {job_id!r} has no runs.")
    if _made_before(runs, request):
        return _sent_again(world, ended, request)
    job, run = _new(world, ended, runs, asked, request)
    if not create_run(world.dynamodb, world.settings, job, run, ended):
        if _made_before(world.runs.of_job(job_id, consistent=True), request):
            return _sent_again(world, world.jobs.get(job_id), request)
        raise Conflict(f"Job {job_id} changed meanwhile.", todo="look at it again.")
    _send(world, job)
    return job


def _made_before(runs: Sequence[Run], request: Request) -> bool:
    return bool(request.id) and any(run.request_id == request.id for run in runs)


def _sent_again(world: Services, job: Job, request: Request) -> Job:
    """The job of a request that comes again; its message may not have been sent."""
    if job.status is JobStatus.RECEIVED and world.runs.get(job.job_id, job.run).request_id == request.id:
        _send(world, job)
    return job


def _send(world: Services, job: Job) -> None:
    send_start(world, job.job_id, job.object.key, reason=f"run-{job.run}")


def _new(world: Services, ended: Job, runs: Sequence[Run], asked: Asked, request: Request) -> tuple[Job, Run]:
    """The job opened again, and its new run."""
    routes = world.config.active_routes(ended.tenant, fresh=True) if asked.needs_routes else ()
    course = judge(ended, asked, routes)
    job_fields, run_fields = _beginning(world, ended, runs, asked, course)
    ordered = course.route.ordered if course.route else bool(ended.sequence)
    job = ended.model_copy(
        update={**_CLEARED, "status": JobStatus.RECEIVED, "run": ended.run + 1, "updated_at": timestamp(), **job_fields}
    )
    job = job.model_copy(update={"sequence": _place(world, job) if ordered else ""})
    if asked.accept_violations:
        run_fields["accepted"] = request.decision(asked.action, timestamp())
    asker = {"requested_by": request.by, "comment": request.comment, "request_id": request.id}
    run = new_run(job, runs[-1].declared).model_copy(
        update={
            **run_fields,
            **asker,
            "action": asked.action.value,
            "source": find_source(world, ended, runs),
        }
    )
    return job, run


def _beginning(world: Services, ended: Job, runs: Sequence[Run], asked: Asked, course: Course) -> tuple[Fields, Fields]:
    """What of the job and of the run is given from the start, by the action."""
    if course.route:
        return {**_by_route(course.route), "reasons": course.reasons}, {}
    if asked.action is Action.REPLAY:
        return _as_first(world, ended, runs)
    last = runs[-1]
    fields: Fields = {"workflow": _workflow(world, ended, last), "accepted": last.accepted}
    kept = carried_over(world, last) if asked.action is Action.REDRIVE else {}
    return {}, {**fields, **kept}


def _by_route(route: Route) -> Fields:
    """The router chooses the executor anew."""
    return {
        "route": route.id,
        "revision": route.revision,
        "confirm_timeout_seconds": route.confirm.state_seconds,
        "executor": Executor.STEP_FUNCTIONS,
        "executor_reason": "",
        "executor_facts": None,
    }


def _as_first(world: Services, ended: Job, runs: Sequence[Run]) -> tuple[Fields, Fields]:
    """Revision, executor and workflow version of the first run that had a route."""
    first = next(run for run in runs if run.revision)
    route = world.config.route_revision(first.tenant, first.route, first.revision)
    job = {**_by_route(route), "executor": first.executor, "executor_reason": f"as run {first.run}"}
    if first.executor is ended.executor:
        job |= {"executor_reason": ended.executor_reason, "executor_facts": ended.executor_facts}
    return job, {"workflow": _workflow(world, ended, first)}


def _place(world: Services, job: Job) -> str:
    """The place at the end of an ordered route's line: those that came later have not waited for this file.

    Between the last one that is there and the next one that comes.
    """
    last = world.keys.last_in_line(job.tenant, job.route, job.user)
    if last:
        return f"{last[:20]}+{timestamp()}"
    return job.sequence or f"{_FIRST_PLACE}+{timestamp()}"


def _workflow(world: Services, job: Job, run: Run) -> PinnedWorkflow | None:
    """The version that a run had; None if none was chosen, or Step Functions has forgotten it (90 days)."""
    arn = execution_of(job, run)
    if run.workflow or run.executor is Executor.WORKER or not arn:
        return run.workflow
    try:
        execution: Mapping[str, Any] = world.sfn.describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
    version = execution.get("stateMachineVersionArn")
    name = world.config.route_revision(run.tenant, run.route, run.revision).workflow.name
    return world.workflows.pin(name, version) if version else None
