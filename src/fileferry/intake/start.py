"""From a RECEIVED job to a running one, or to the reason why it does not run."""

from __future__ import annotations

import json
from datetime import timedelta

from botocore.exceptions import ClientError

from fileferry.archive_places import DUPLICATE, QUARANTINE
from fileferry.clock import now, timestamp
from fileferry.closing import close_run, put_away
from fileferry.errors import ConfigurationError, FerryError, IntegrityError, ObjectGone
from fileferry.executions import execution_arn
from fileferry.executor_choice import choose_executor, needs_rates
from fileferry.ingest_key import parse_ingest_key
from fileferry.intake.outcome import Outcome, Taken
from fileferry.model.job import Executor, Job, JobStatus, Run
from fileferry.model.route import Route, ZeroBytes
from fileferry.seen_content import claim_content, takes_seen_content
from fileferry.services import Services
from fileferry.work_queue import send_work
from fileferry.workflows import machine_of

# StartExecution's errors that no repeat of the call heals (Step Functions API reference, "StartExecution"): the
# route's workflow is at fault. AccessDenied is not among them, since an operator must see and mend it.
_START_REFUSED = (
    "InvalidArn",
    "InvalidExecutionInput",
    "InvalidName",
    "StateMachineDeleting",
    "StateMachineDoesNotExist",
    "ValidationException",
)


def proceed(world: Services, job: Job, route: Route | None, run: Run) -> Taken:
    """Take a RECEIVED job as far as it goes: refuse it, let it wait, or start it. May be repeated.

    What no repeat heals (a route that cannot be used, an object that was removed by hand) closes the job FAILED,
    so that it does not hold back the user's other files; any other error is the caller's to repeat.
    """
    try:
        return _proceed(world, job, route, run)
    except ConfigurationError as error:
        return fail(world, job, error)
    except ObjectGone:
        gone = IntegrityError(
            f"s3://{job.object.bucket}/{job.object.key} (version {job.object.version_id}) is not there any more.",
            todo="ask who removed it from the ingest bucket, and have the partner send the file again.",
        )
        return fail(world, job, gone)


def _proceed(world: Services, job: Job, route: Route | None, run: Run) -> Taken:
    if route is None:
        return _refuse_unrouted(world, job, run)
    if job.object.size == 0 and route.zero_bytes is ZeroBytes.QUARANTINE and not run.accepted:
        return _quarantine(world, job, run, {"error": "ContentRefused", "message": "The file is empty."})
    if first_job := job.first_job or _seen_before(world, job, route, run):
        return _end_duplicate(world, job, run, first_job)
    if not run.accepted and not _has_checksum(world, job, route, run):
        return _await_sidecar(world, job, route, run)
    if job.sequence and world.keys.first_in_line(job.tenant, job.route, job.user) not in ("", job.job_id):
        return _wait(world, job, "order")
    return start(world, job, route)


def fail(world: Services, job: Job, error: FerryError) -> Taken:
    """Close a job that cannot start as FAILED; its file stays where it is."""
    world.notifier.job_received(job)
    record = {"error": type(error).__name__, "message": str(error)[:2000]}
    close_run(world, job.ref(), JobStatus.FAILED, error=record)
    return Taken(Outcome.FAILED, str(error), job.job_id)


def _refuse_unrouted(world: Services, job: Job, run: Run) -> Taken:
    if job.waiting_for == "configuration":
        raise ConfigurationError(job.reason)
    return _quarantine(world, job, run, {"error": "NoRoute", "message": job.reason, "reasons": job.reasons})


def _quarantine(world: Services, job: Job, run: Run, error: dict[str, object]) -> Taken:
    world.notifier.job_received(job)
    copy = put_away(world, job.ref(), QUARANTINE, source=run.source)
    outcome = {"sha256": copy.sha256, "quarantined": copy.model_dump()}
    close_run(world, job.ref(), JobStatus.QUARANTINED, error=error, outcome=outcome)
    return Taken(Outcome.QUARANTINED, str(error["message"]), job.job_id)


def _seen_before(world: Services, job: Job, route: Route, run: Run) -> str:
    """Id of the job that has taken this content on this route, or empty; claims new content for `job`."""
    if route.duplicates == "allow" or job.object.size > world.settings.duplicate_check_bytes:
        return ""
    sha256 = run.source.sha256 if run.source else world.objects.sha256(job.object)
    first_job = claim_content(world, job.tenant, job.route, sha256, job.job_id)
    return "" if takes_seen_content(run) else first_job


def _end_duplicate(world: Services, job: Job, run: Run, first_job: str) -> Taken:
    world.notifier.job_received(job)
    # Noted before the file moves: a repeat could not read its content any more.
    world.jobs.found_duplicate(job.job_id, first_job)
    copy = put_away(world, job.ref(), DUPLICATE, source=run.source)
    outcome = {"first_job": first_job, "sha256": copy.sha256, "stored": copy.model_dump()}
    close_run(world, job.ref(), JobStatus.DUPLICATE, outcome=outcome)
    return Taken(Outcome.DUPLICATE, f"same content as job {first_job}", job.job_id)


def _has_checksum(world: Services, job: Job, route: Route, run: Run) -> bool:
    """Whether the sender's checksum is here, or need not be."""
    demand = route.validation.checksum
    declared = run.declared or (_meet_sidecar(world, job) if demand != "none" else {})
    return bool(declared) or demand != "required"


def _meet_sidecar(world: Services, job: Job) -> dict[str, str]:
    path = parse_ingest_key(job.object.key).path
    meeting = world.keys.file_meets_sidecar(job.tenant, job.user, path, job.job_id, job.created_at)
    for algorithm, digest in meeting.digests.items():
        world.runs.declare(job.job_id, job.run, algorithm, digest)
    if meeting.digests:
        world.keys.sidecar_given(job.tenant, job.user, path)
    return meeting.digests


def _await_sidecar(world: Services, job: Job, route: Route, run: Run) -> Taken:
    seconds = route.validation.checksum_wait_seconds
    if timestamp(now() - timedelta(seconds=seconds)) < job.created_at:
        return _wait(world, job, "sidecar")
    message = f"The route demands a checksum, but no {job.filename}.sha256 or .md5 came within {seconds} s."
    return _quarantine(world, job, run, {"error": "ContentRefused", "message": message})


def _wait(world: Services, job: Job, what: str) -> Taken:
    if job.waiting_for != what:
        world.notifier.job_received(job.model_copy(update={"waiting_for": what}))
        world.jobs.wait(job.job_id, what)
    return Taken(Outcome.WAITING, f"waits for {what}", job.job_id)


def start(world: Services, job: Job, route: Route) -> Taken:
    """Start a RECEIVED job whatever it waited for. May be repeated, also when its run is under way."""
    job = _with_executor(world, job, route)
    execution = _enqueue(world, job) if job.executor is Executor.WORKER else _start_execution(world, job, route)
    world.notifier.job_started(job)
    world.jobs.started(job, execution)
    return Taken(Outcome.STARTED, f"on {job.executor}: {job.executor_reason}", job.job_id)


def _with_executor(world: Services, job: Job, route: Route) -> Job:
    """The job with its executor. One that a repeat might choose otherwise is recorded before the start."""
    if job.executor_reason:
        _assign(world, job, route)
        return job
    rated = needs_rates(route, job.object.size, world.settings)
    names = route.deliver.destinations if rated else []
    destinations = {name: world.config.destination(job.tenant, name) for name in names}
    learned = world.rates.of(job.tenant, names) if rated else {}
    choice = choose_executor(route, job.object.size, destinations, world.settings, learned)
    job = job.model_copy(
        update={"executor": choice.executor, "executor_reason": choice.reason, "executor_facts": choice.facts}
    )
    if rated or job.executor is Executor.WORKER:
        world.jobs.assign(job)
        _assign(world, job, route)
    return job


def _assign(world: Services, job: Job, route: Route) -> None:
    """Record the run's executor and, for the worker, the workflow version that it runs; a recorded version stays."""
    workflow = None
    if job.executor is Executor.WORKER and world.runs.get(job.job_id, job.run).workflow is None:
        workflow = world.workflows.pin(route.workflow.name, machine_of(world.settings, route))
    world.runs.assign(job.job_id, job.run, job.executor, workflow)


def _start_execution(world: Services, job: Job, route: Route) -> str:
    machine = _machine(world, job, route)
    ref = job.ref()
    try:
        world.sfn.start_execution(
            stateMachineArn=machine,
            name=ref.execution_name,
            input=json.dumps({"job": ref.model_dump(mode="json")}, ensure_ascii=False),
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _START_REFUSED:
            raise ConfigurationError(
                f"Step Functions refuses to start {machine}: {error}",
                todo="deploy the workflow, or write the route with one that is deployed.",
            ) from error
        if code != "ExecutionAlreadyExists":
            raise
    return execution_arn(machine, ref.execution_name)


def _machine(world: Services, job: Job, route: Route) -> str:
    """What the execution is started on: the version of the job's last run, if it is not the first."""
    workflow = world.runs.get(job.job_id, job.run).workflow if job.run > 1 else None
    return workflow.version_arn if workflow else machine_of(world.settings, route)


def _enqueue(world: Services, job: Job) -> str:
    send_work(world, job.ref(), reason="start")
    return ""
