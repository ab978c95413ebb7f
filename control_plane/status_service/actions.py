"""What can be done to a job."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from pydantic import Field, model_validator

from fileferry.actions.asked import Asked, Request
from fileferry.actions.performing import perform
from fileferry.api import Answer, Call, RequestRefused, Role, reply
from fileferry.errors import ConfigurationError
from fileferry.model.job import Action, Frozen
from fileferry.model.route import Identifier
from fileferry.services import services

from .job_answers import JobAnswer, show_job
from .jobs import job_of
from .service import api


class ActionRequest(Frozen):
    """What may be said with any action."""

    comment: str = Field("", max_length=1000, description="Why; it is kept with the run.")


class ReplayRequest(ActionRequest):
    """A replay by the route's revision of the job's first run, or by the one that is active now."""

    revision: Literal["original", "current"] = "original"


class ReleaseRequest(ActionRequest):
    """How a quarantined file goes on."""

    route: Identifier | None = Field(
        None, description="The route that takes a file which none took; without it today's routes choose."
    )
    accept_violations: bool = Field(False, description="Do not check the content again; `comment` must say why.")

    @model_validator(mode="after")
    def _with_a_reason(self) -> ReleaseRequest:
        if self.accept_violations and not self.comment.strip():
            raise ValueError("`comment` must say why the violations are accepted")
        return self


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/jobs/{job_id}/cancel",
    access=Role.OPERATOR,
    body=ActionRequest,
    answer=JobAnswer,
)
def cancel_job(call: Call) -> Answer:
    """Cancel a job that is not over.

    Nothing more becomes visible at a destination from then on, and unfinished files are removed there. What was
    delivered before stays. A job that is cancelled already stays as it is.
    """
    return _performed(call, Asked(Action.CANCEL))


@api.operation(
    "POST", "/v1/tenants/{tenant}/jobs/{job_id}/retry", access=Role.OPERATOR, body=ActionRequest, answer=JobAnswer
)
def retry_job(call: Call) -> Answer:
    """Run a failed or cancelled job once more, from the start.

    The new run has the last one's route revision and workflow version.
    """
    return _performed(call, Asked(Action.RETRY))


@api.operation(
    "POST", "/v1/tenants/{tenant}/jobs/{job_id}/redrive", access=Role.OPERATOR, body=ActionRequest, answer=JobAnswer
)
def redrive_job(call: Call) -> Answer:
    """Run a failed or cancelled job once more, and keep what is finished.

    Steps whose objects are still there with their recorded checksums are not repeated. What was delivered is delivered
    again only if the partner has refused it, or has other bytes.
    """
    return _performed(call, Asked(Action.REDRIVE))


@api.operation(
    "POST", "/v1/tenants/{tenant}/jobs/{job_id}/replay", access=Role.OPERATOR, body=ReplayRequest, answer=JobAnswer
)
def replay_job(call: Call) -> Answer:
    """Run a job that is over once more, however it ended.

    It begins from the file in ingest, or from the copy that was kept of it. `original`: with the route revision and
    workflow version of the job's first run. `current`: with the route's active revision.
    """
    return _performed(call, Asked(Action.REPLAY, revision=call.body.revision))


@api.operation(
    "POST", "/v1/tenants/{tenant}/jobs/{job_id}/release", access=Role.OPERATOR, body=ReleaseRequest, answer=JobAnswer
)
def release_job(call: Call) -> Answer:
    """Let a quarantined file go on, in a new run with the route's active revision.

    A file that no route took is routed anew, or given to the route that is named.
    """
    body: ReleaseRequest = call.body
    return _performed(call, Asked(Action.RELEASE, route=body.route or "", accept_violations=body.accept_violations))


@api.operation(
    "POST", "/v1/tenants/{tenant}/jobs/{job_id}/reject", access=Role.OPERATOR, body=ActionRequest, answer=JobAnswer
)
def reject_job(call: Call) -> Answer:
    """Refuse a quarantined file for good.

    The job stays QUARANTINED, the file stays where it is until its time there is over, and JobRejected tells of it.
    """
    return _performed(call, Asked(Action.REJECT))


def _performed(call: Call, asked: Asked) -> Answer:
    job = job_of(call)
    request = Request(by=call.caller.name, comment=call.body.comment, id=call.repeat)
    try:
        job = perform(services(), job.job_id, asked, request)
    except ConfigurationError as error:
        raise RequestRefused(HTTPStatus.CONFLICT, str(error), todo="mend the tenant's routes.") from error
    call.note(run=job.run, status=job.status.value)
    return reply(show_job(job))
