"""Any action on one job."""

from __future__ import annotations

from fileferry.actions.asked import Asked, Request
from fileferry.actions.cancelling import cancel
from fileferry.actions.new_runs import begin_run
from fileferry.actions.rejecting import reject
from fileferry.errors import Conflict
from fileferry.model.job import Action, Job
from fileferry.services import Services


def perform(world: Services, job_id: str, asked: Asked, request: Request) -> Job:
    """Do what is asked for, and return the job as it is then; a repeat of a request does nothing more.

    Raises NoSuchRecord; Conflict, which says what can be done instead; ConfigurationError when a route cannot be read.
    """
    match asked.action:
        case Action.CANCEL:
            return cancel(world, job_id, request)
        case Action.REJECT:
            return reject(world, job_id, request)
        case _:
            return _begin(world, job_id, asked, request)


def _begin(world: Services, job_id: str, asked: Asked, request: Request) -> Job:
    if asked.accept_violations and not request.comment.strip():
        raise Conflict(
            f"Job {job_id} is not released with its violations without a reason.", todo="say why, in `comment`."
        )
    return begin_run(world, job_id, asked, request)
