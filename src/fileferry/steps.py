"""One wrapper around every task: it records the step, publishes it and names its errors.

A step is recorded after its side effect and published after it is recorded; a repeat of a step that is
recorded as done does nothing but publish again (with the same event id) and return the stored result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from fileferry.aws_errors import code_of, is_transient, status_of
from fileferry.errors import AccessDenied, FerryError, TransientError
from fileferry.home import Home, Transfer
from fileferry.model.job import JobRef, ObjectRef, ObjectVersion, Run, Step, StepStatus
from fileferry.model.route import Route
from fileferry.services import Services, services

logger = Logger(service="fileferry", use_rfc3339=True)

WAITING: Mapping[str, Any] = {"waiting": True}
"""What confirm returns while the partner's acknowledgement is awaited: the step stays open."""


@dataclass(frozen=True)
class Work:
    """All that a task gets: the job, its run as recorded so far, its route's revision and the world."""

    job: JobRef
    run: Run
    route: Route
    attempt: int
    home: Home
    services: Services
    step: Step
    task_token: str = ""

    @property
    def file(self) -> ObjectVersion | ObjectRef:
        """What the run begins from: the version in ingest, or the kept copy of a file that has left it."""
        return self.run.source or self.job.object

    def transfer(self, name: str = "") -> Transfer:
        """How the home moves an object of this step; `name` tells the step's transfers apart."""
        return self.home.transfer(f"{self.step}/{name}" if name else self.step.value)


Task = Callable[[Work], dict[str, Any]]


def run_step(
    step: Step, event: Mapping[str, Any], home: Home, task: Task, world: Services | None = None
) -> dict[str, Any]:
    """Run one task of a run and return its small result.

    `event` is `{"job": JobRef, "attempt": n, "task_token"?: str}`. Raises the task's error, named as the
    workflow's Retry and Catch know it, after it was recorded and published.
    """
    world = world or services()
    job = JobRef.model_validate(event["job"])
    attempt = int(event.get("attempt", 0))
    tell_job(job, step=step.value)
    try:
        run = world.runs.begin_step(job, step, attempt)
        if run.steps[step].status is StepStatus.SUCCEEDED:
            result = run.result(step)
        else:
            route = world.config.route_revision(job.tenant, job.route, job.revision)
            token = event.get("task_token", "")
            result = task(Work(job, run, route, attempt, _watching(home, job, world), world, step, token))
            if result == WAITING:
                world.runs.wait_step(job, step)
                return dict(WAITING)
            world.runs.finish_step(job, step, result)
        world.notifier.step_succeeded(job, step, result)
        return result
    except Exception as error:
        named = as_ferry_error(error)
        _record_failure(world, job, step, attempt, named)
        if named is error:
            raise
        raise named from error


def _watching(home: Home, job: JobRef, world: Services) -> Home:
    """The home, whose pulse also finds out from time to time whether the run was closed."""
    if not home.watch_seconds:
        return home
    due = time.monotonic() + home.watch_seconds

    def pulse(safe: int) -> None:
        nonlocal due
        home.pulse(safe)
        if time.monotonic() >= due:
            due = time.monotonic() + home.watch_seconds
            world.runs.check_open(job)

    return replace(home, pulse=pulse)


def tell_job(job: JobRef, **more: str) -> None:
    """Add the job to every line that this thread logs from now on."""
    keys = {"job_id": job.job_id, "run": job.run, "tenant": job.tenant, "route": job.route}
    logger.thread_safe_append_keys(correlation_id=job.job_id, **keys, **more)


def tell_other_version(destination: str) -> Callable[[str], None]:
    """What logs that a destination refused the current version of its secret and another one is tried."""

    def tell(stage: str) -> None:
        logger.warning(
            "the login was refused; trying another version of the secret", destination=destination, stage=stage
        )

    return tell


def _record_failure(world: Services, job: JobRef, step: Step, attempt: int, error: FerryError) -> None:
    logger.exception("step failed", error_type=type(error).__name__)
    record = {"error": type(error).__name__, "message": str(error)[:2000], **error.details()}
    try:
        world.runs.fail_step(job, step, record)
        world.notifier.step_failed(job, step, attempt, record)
    except Exception:
        # The task's own error must reach the workflow; this one is in the log.
        logger.exception("the failure could not be recorded")


@contextmanager
def named_errors() -> Iterator[None]:
    """Errors leave the block under a name that the workflow knows, after what is not ours was logged."""
    try:
        yield
    except FerryError:
        raise
    except Exception as error:
        named = as_ferry_error(error)
        logger.exception("failed", error_type=type(named).__name__)
        raise named from error


_DENIED_CODES = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}


def as_ferry_error(error: Exception) -> FerryError:
    """`error` under a name that the workflow knows; an unforeseen one becomes UnexpectedError."""
    if isinstance(error, FerryError):
        return error
    if isinstance(error, ClientError):
        if code_of(error) in _DENIED_CODES or status_of(error) == 403:
            return AccessDenied(f"{error.operation_name} was refused: {error}")
        if is_transient(error):
            return TransientError(f"{error.operation_name} failed for now: {error}")
        return UnexpectedError(f"{error.operation_name} failed: {error}")
    if isinstance(error, BotoCoreError):
        return TransientError(f"AWS could not be reached: {error}")
    return UnexpectedError(f"{type(error).__name__}: {error}")


class UnexpectedError(FerryError):
    """An error that nobody foresaw; the function's log has its stack trace."""
