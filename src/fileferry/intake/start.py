"""From a RECEIVED job to a running one, or to the reason why it does not run."""

from __future__ import annotations

import json
from datetime import timedelta

from botocore.exceptions import ClientError

from fileferry.clock import now, timestamp
from fileferry.closing import close_run, put_away
from fileferry.errors import ConfigurationError
from fileferry.model.job import Executor, Job, JobStatus
from fileferry.model.route import Route, ZeroBytes
from fileferry.routing import choose_executor, needs_rates
from fileferry.seen_content import claim_content
from fileferry.services import Services


def proceed(world: Services, job: Job, route: Route | None, declared: dict[str, str]) -> str:
    """Take a RECEIVED job as far as it goes: refuse it, let it wait, or start it. May be repeated."""
    if route is None:
        return _refuse_unrouted(world, job)
    if job.object.size == 0 and route.zero_bytes is ZeroBytes.QUARANTINE:
        return _quarantine(world, job, {"error": "ContentRefused", "message": "The file is empty."})
    if first_job := _seen_before(world, job, route):
        return _end_duplicate(world, job, first_job)
    if route.validation.checksum != "none" and not declared:
        declared = _meet_sidecar(world, job)
    if route.validation.checksum == "required" and not declared:
        return _await_sidecar(world, job, route)
    if job.sequence and world.keys.first_in_line(job.tenant, job.route, job.user) not in ("", job.job_id):
        return _wait(world, job, "order")
    return _start(world, job, route)


def _refuse_unrouted(world: Services, job: Job) -> str:
    world.notifier.job_received(job)
    if job.waiting_for == "configuration":
        close_run(
            world, job.ref(), JobStatus.FAILED, error={"error": ConfigurationError.__name__, "message": job.reason}
        )
        return f"job {job.job_id} failed: {job.reason}"
    return _quarantine(world, job, {"error": "NoRoute", "message": job.reason, "reasons": job.reasons})


def _quarantine(world: Services, job: Job, error: dict[str, object]) -> str:
    copy = put_away(world, job.ref(), "quarantine")
    outcome = {"sha256": copy.sha256, "quarantined": copy.model_dump()}
    close_run(world, job.ref(), JobStatus.QUARANTINED, error=error, outcome=outcome)
    return f"job {job.job_id} quarantined: {error['message']}"


def _seen_before(world: Services, job: Job, route: Route) -> str:
    """Id of the job that has taken this content on this route, or empty; claims new content for `job`."""
    if route.duplicates == "allow" or job.object.size > world.settings.duplicate_check_bytes:
        return ""
    sha256 = world.objects.sha256(job.object)
    return claim_content(world, job.tenant, job.route, sha256, job.job_id)


def _end_duplicate(world: Services, job: Job, first_job: str) -> str:
    copy = put_away(world, job.ref(), "duplicate")
    outcome = {"first_job": first_job, "sha256": copy.sha256, "stored": copy.model_dump()}
    close_run(world, job.ref(), JobStatus.DUPLICATE, outcome=outcome)
    return f"job {job.job_id} is a duplicate of {first_job}"


def _meet_sidecar(world: Services, job: Job) -> dict[str, str]:
    path = job.object.key.split("/", 5)[5]
    meeting = world.keys.file_meets_sidecar(job.tenant, job.user, path, job.job_id)
    for algorithm, digest in meeting.digests.items():
        world.runs.declare(job.job_id, job.run, algorithm, digest)
    return meeting.digests


def _await_sidecar(world: Services, job: Job, route: Route) -> str:
    seconds = route.validation.checksum_wait_seconds
    if timestamp(now() - timedelta(seconds=seconds)) < job.created_at:
        return _wait(world, job, "sidecar")
    message = f"The route demands a checksum, but no {job.filename}.sha256 or .md5 came within {seconds} s."
    return _quarantine(world, job, {"error": "ContentRefused", "message": message})


def _wait(world: Services, job: Job, what: str) -> str:
    if job.waiting_for != what:
        world.jobs.wait(job.job_id, what)
        world.notifier.job_received(job.model_copy(update={"waiting_for": what}))
    return f"job {job.job_id} waits for {what}"


def _start(world: Services, job: Job, route: Route) -> str:
    destinations = {}
    if needs_rates(route, job.object.size, world.settings):
        destinations = {name: world.config.destination(job.tenant, name) for name in route.deliver.destinations}
    choice = choose_executor(route, job.object.size, destinations, world.settings)
    job = job.model_copy(update={"executor": choice.executor, "executor_reason": choice.reason})
    execution = _enqueue(world, job) if choice.executor is Executor.WORKER else _start_execution(world, job, route)
    world.notifier.job_started(job)
    world.jobs.started(job, execution)
    return f"job {job.job_id} started on {choice.executor}"


def _start_execution(world: Services, job: Job, route: Route) -> str:
    machine = route.workflow.version_arn or world.settings.workflows.get(route.workflow.name)
    if not machine:
        raise ConfigurationError(
            f"Route {route.id!r} names workflow {route.workflow.name!r}, which is not deployed here.",
            todo=f"use one of {', '.join(world.settings.workflows) or 'the deployed workflows'}.",
        )
    ref = job.ref()
    try:
        world.sfn.start_execution(
            stateMachineArn=machine,
            name=ref.execution_name,
            input=json.dumps({"job": ref.model_dump(mode="json")}, ensure_ascii=False),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
    return execution_arn(machine, ref.execution_name)


def execution_arn(machine: str, name: str) -> str:
    """ARN of an execution of a state machine, version or alias (`…:stateMachine:NAME[:ALIAS]`)."""
    parts = machine.replace(":stateMachine:", ":execution:").split(":")
    return ":".join([*parts[:7], name])


def _enqueue(world: Services, job: Job) -> str:
    ref = job.ref()
    world.sqs.send_message(
        QueueUrl=world.settings.work_queue_url,
        MessageBody=json.dumps({"job": ref.model_dump(mode="json")}, ensure_ascii=False),
        MessageGroupId=job.job_id,
        MessageDeduplicationId=f"{ref.execution_name}-0",
    )
    return ""
