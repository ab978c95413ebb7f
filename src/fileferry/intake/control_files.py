"""Files that are about other files: `.sha256`/`.md5` sidecars and `.ack`/`.nack` acknowledgements.

Neither becomes a job. Each is kept under `control/` in the archive bucket and then leaves ingest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from botocore.exceptions import ClientError

from fileferry.clock import now, timestamp
from fileferry.closing import send_start
from fileferry.errors import DestinationRefused, RunClosed
from fileferry.ingest_key import ACKNOWLEDGEMENT_SUFFIXES, CHECKSUM_SUFFIXES, IngestKey
from fileferry.model.job import Executor, JobStatus, ObjectVersion, Step
from fileferry.model.route import Route
from fileferry.objects import ObjectHead, Target
from fileferry.repositories.keys import Acknowledgement, SidecarMeeting, WaitingTask
from fileferry.routing import path_matches
from fileferry.services import Services
from fileferry.work_queue import send_work

_MAX_TEXT = 4096
_TASK_GONE = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")


def take_control_file(
    world: Services, key: IngestKey, version: ObjectVersion, head: ObjectHead, routes: Sequence[Route]
) -> str | None:
    """Take a sidecar or an acknowledgement and say so; None if the file is an ordinary one."""
    control = control_file_of(key.user, key.path, routes)
    if control is None:
        return None
    if control.route is None:
        name = control.path.rsplit("/", 1)[-1]
        _acknowledge(world, key, version, head, name, negative=control.suffix == ".nack")
    else:
        _take_sidecar(world, key, version, control.path, control.suffix[1:], control.route)
    return f"{control.kind} {key.path}"


@dataclass(frozen=True)
class ControlFile:
    """A file that tells of another one: of the file at `path`, or of what was delivered under its last part.

    `route` is the one whose files' checksum a sidecar tells; None for an acknowledgement.
    """

    kind: Literal["acknowledgement", "sidecar"]
    path: str
    suffix: str
    route: Route | None


def control_file_of(user: str, path: str, routes: Sequence[Route]) -> ControlFile | None:
    """What control file a user's file is for these routes; None if it is an ordinary one.

    Raises ConfigurationError for a glob that cannot be used.
    """
    base, dot, suffix = path.rpartition(".")
    suffix = f"{dot}{suffix}"
    if suffix in ACKNOWLEDGEMENT_SUFFIXES and _takes_acknowledgements(user, routes):
        return ControlFile("acknowledgement", base, suffix, None)
    if suffix in CHECKSUM_SUFFIXES and (route := _route_with_checksums(user, base, routes)):
        return ControlFile("sidecar", base, suffix, route)
    return None


def _takes_acknowledgements(user: str, routes: Sequence[Route]) -> bool:
    return any(route.confirm.mode == "acknowledgement" and route.confirm.user == user for route in routes)


def _route_with_checksums(user: str, path: str, routes: Sequence[Route]) -> Route | None:
    for route in routes:
        takes_user = not route.match.users or user in route.match.users
        if route.enabled and route.validation.checksum != "none" and takes_user and path_matches(route.match, path):
            return route
    return None


def _take_sidecar(
    world: Services, key: IngestKey, version: ObjectVersion, path: str, algorithm: str, route: Route
) -> None:
    digest = (_text(world, version).split() or [""])[0].lower()
    meeting = world.keys.sidecar_meets_file(key.tenant, key.user, path, algorithm, digest)
    waited = timestamp(now() - timedelta(seconds=route.validation.checksum_wait_seconds))
    if meeting.job_id and meeting.job_at > waited:
        _give_digest(world, key, version, path, meeting)
    _keep(world, "SidecarReceived", key, version, {"algorithm": algorithm, "digest": digest[:128]})


def _give_digest(world: Services, key: IngestKey, version: ObjectVersion, path: str, meeting: SidecarMeeting) -> None:
    """Declare the digest for the file that came before; if that one is over or has another, it is the next file's."""
    ((algorithm, digest),) = meeting.digests.items()
    job = world.jobs.get(meeting.job_id)
    declared = world.runs.get(job.job_id, job.run).declared
    if job.status.is_final or declared.get(algorithm, digest) != digest:
        return
    world.runs.declare(job.job_id, job.run, algorithm, digest)
    world.keys.sidecar_given(key.tenant, key.user, path)
    if job.status is JobStatus.RECEIVED:
        send_start(world, job.job_id, version.key, reason=f"sidecar-{algorithm}")


def _acknowledge(
    world: Services, key: IngestKey, version: ObjectVersion, head: ObjectHead, name: str, *, negative: bool
) -> None:
    ack = Acknowledgement(negative, _text(world, version), timestamp(head.last_modified))
    waiting = world.keys.acknowledge(key.tenant, key.user, name, ack)
    if waiting:
        run = world.runs.get(waiting.job.job_id, waiting.job.run)
        if run.status.is_final:
            world.keys.forget_task(key.tenant, key.user, name)
        elif run.executor is Executor.WORKER:
            # Its confirm step is given out again, and looks for the acknowledgement itself.
            send_work(world, waiting.job, reason=f"ack-{version.version_id}")
        else:
            complete_task(world, waiting, key.tenant, key.user, name, ack)
    _keep(world, "AcknowledgementReceived", key, version, {"name": name, "negative": negative})


def complete_task(
    world: Services, waiting: WaitingTask, tenant: str, user: str, name: str, ack: Acknowledgement
) -> None:
    """Complete the confirm step of an execution that waits for `ack`; if its task is gone the ack is a later run's.

    The step is recorded before its token is completed, since the workflow goes on (and may close the run) at once.
    """
    try:
        if ack.negative:
            _fail_task(world, waiting, ack.refusal(user, name))
        else:
            result = {"confirmed": {}, "acknowledged_by": f"{user}/{name}.ack"}
            world.runs.finish_step(waiting.job, Step.CONFIRM, result)
            world.notifier.step_succeeded(waiting.job, Step.CONFIRM, result)
            world.sfn.send_task_success(taskToken=waiting.token, output=json.dumps(result))
    except RunClosed:
        world.keys.forget_task(tenant, user, name)
        return
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TASK_GONE:
            raise
        world.keys.forget_task(tenant, user, name)
        return
    world.keys.acknowledgement_used(tenant, user, name, waiting.job.job_id)


def _fail_task(world: Services, waiting: WaitingTask, refusal: DestinationRefused) -> None:
    job = waiting.job
    error = {"error": type(refusal).__name__, "message": str(refusal)}
    world.runs.fail_step(job, Step.CONFIRM, error)
    confirm = world.runs.get(job.job_id, job.run).steps[Step.CONFIRM]
    world.notifier.step_failed(job, Step.CONFIRM, confirm.attempt, error)
    world.sfn.send_task_failure(taskToken=waiting.token, error=error["error"], cause=error["message"])


def _text(world: Services, version: ObjectVersion) -> str:
    return world.objects.read(version, _MAX_TEXT).decode("utf-8", "replace")


def _keep(world: Services, kind: str, key: IngestKey, version: ObjectVersion, data: dict[str, object]) -> None:
    """Move the file to the archive bucket; the last step, so that a repeat before it does all again."""
    world.notifier.control_file(kind, key.tenant, key.user, key.path, {**data, "version_id": version.version_id})
    target = f"control/{key.tenant}/{key.user}/{key.path}"
    world.objects.copy_verified(version, Target(world.settings.archive_bucket, target))
    world.objects.delete_version(version.bucket, version.key, version.version_id)
