"""What an action would do to a job, or why it is not possible: pure, so that a dry run and the deed agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from fileferry.actions.asked import Asked
from fileferry.errors import Conflict
from fileferry.ingest_key import parse_ingest_key
from fileferry.model.job import Action, Job, JobStatus
from fileferry.model.route import Route
from fileferry.routing import IncomingFile, decide

UNFINISHED = (JobStatus.FAILED, JobStatus.CANCELLED)
"""The ends after which a job can be tried again as it was."""


@dataclass(frozen=True)
class Course:
    """What will be done, in words; the route's revision of the new run, where it is not the last run's.

    `reasons` say why the routes that were asked before it do not take the file.
    """

    what: str
    route: Route | None = None
    reasons: list[dict[str, Any]] = field(default_factory=list)


def judge(job: Job, asked: Asked, routes: Sequence[Route] = ()) -> Course:
    """What `asked` would do to `job`. Raises Conflict, which says what can be done instead.

    `routes` are the tenant's active ones; they matter only where `asked.needs_routes`.
    """
    match asked.action:
        case Action.CANCEL:
            return _cancel(job)
        case Action.RETRY | Action.REDRIVE:
            return _once_more(job, asked.action)
        case Action.REPLAY:
            return _replay(job, asked, routes)
        case Action.RELEASE:
            return _release(job, asked, routes)
        case Action.REJECT:
            _await_decision(job, asked.action)
            return Course("The file is refused for good, and stays in quarantine until its time there is over.")


def _cancel(job: Job) -> Course:
    if job.status.is_final:
        raise Conflict(
            f"Job {job.job_id} is {job.status} already.", todo="look at the job; there is nothing to cancel."
        )
    return Course(f"Run {job.run} is cancelled.")


def _once_more(job: Job, action: Action) -> Course:
    if job.status not in UNFINISHED:
        raise Conflict(
            f"Job {job.job_id} is {job.status}, and only one that is FAILED or CANCELLED can be started again "
            f"({action}).",
            todo=_INSTEAD[job.status],
        )
    if job.revision == 0:
        raise Conflict(
            f"Job {job.job_id} has no route: {job.reason}",
            todo="mend the routes, and replay it with the current revision.",
        )
    how = "from the start" if action is Action.RETRY else "and keeps what is finished and still there"
    return Course(f"Run {job.run + 1} begins {how}, with revision {job.revision} of route {job.route!r}.")


_INSTEAD = {
    JobStatus.RECEIVED: "wait for its end, or cancel it.",
    JobStatus.RUNNING: "wait for its end, or cancel it.",
    JobStatus.SUCCEEDED: "replay it.",
    JobStatus.DUPLICATE: "replay it.",
    JobStatus.QUARANTINED: "release or reject it.",
}


def _replay(job: Job, asked: Asked, routes: Sequence[Route]) -> Course:
    if not job.status.is_final:
        raise Conflict(f"Job {job.job_id} is {job.status}.", todo="wait for its end, or cancel it.")
    _not_rejected(job)
    if asked.revision == "current":
        return _by_current(job, "", routes)
    if job.revision == 0:
        raise Conflict(
            f"No route has taken the file of job {job.job_id}, so that there is no original revision.",
            todo="replay it with the current revision, or release it.",
        )
    return Course(f"Run {job.run + 1} begins with the revision that the job's first run had.")


def _release(job: Job, asked: Asked, routes: Sequence[Route]) -> Course:
    _await_decision(job, asked.action)
    if asked.route and job.revision and asked.route != job.route:
        raise Conflict(
            f"Job {job.job_id} is of route {job.route!r} and cannot go over to {asked.route!r}.",
            todo="release it without naming a route; only a file that no route took may be given one.",
        )
    course = _by_current(job, asked.route, routes)
    accepted = " Its content is not checked again." if asked.accept_violations else ""
    return Course(course.what + accepted, course.route, course.reasons)


def _await_decision(job: Job, action: Action) -> None:
    if job.status is not JobStatus.QUARANTINED:
        raise Conflict(
            f"Job {job.job_id} is {job.status}, and only a quarantined file can be subject to {action}.",
            todo=_INSTEAD.get(job.status, "retry, redrive or replay it."),
        )
    _not_rejected(job)


def _not_rejected(job: Job) -> None:
    if job.rejected_at:
        raise Conflict(
            f"The file of job {job.job_id} was refused for good at {job.rejected_at}.",
            todo="have the partner send the file again.",
        )


def _by_current(job: Job, named: str, routes: Sequence[Route]) -> Course:
    """The active revision of the job's route; of the one that is named, or that takes the file, where it has none."""
    reasons: list[dict[str, Any]] = []
    route = next((route for route in routes if route.id == (named or job.route)), None)
    if not named and not job.revision:
        path = parse_ingest_key(job.object.key).path
        decision = decide(IncomingFile(job.tenant, job.user, path, job.object.size), routes)
        route, reasons = decision.route, [asdict(rejection) for rejection in decision.rejections]
        if route is None:
            told = "; ".join(f"{reason['route']}: {reason['reason']}" for reason in reasons) or "there are none"
            raise Conflict(
                f"No route takes the file of job {job.job_id} today ({told}).",
                todo="mend the routes, or name the route in a release.",
            )
    if route is None or not route.enabled:
        wrong = "is disabled" if route else "does not exist"
        raise Conflict(f"Route {named or job.route!r} {wrong}.", todo="write the route first, or name another one.")
    what = f"Run {job.run + 1} begins with revision {route.revision} of route {route.id!r}."
    return Course(what, route, reasons)
