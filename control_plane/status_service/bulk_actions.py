"""One action on many jobs: plan, look, run."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal, Self

from pydantic import Field, model_validator

from fileferry.actions.bulk import begin_plan, begin_run, new_bulk_id
from fileferry.api import Answer, Call, Paging, Role, page_answer, reply
from fileferry.api.job_criteria import NamedJobCriteria
from fileferry.clock import timestamp
from fileferry.model.bulk_action import BulkAction, BulkFilter, BulkJob, BulkOutcome, BulkStatus
from fileferry.model.job import Action, Frozen, JobStatus
from fileferry.model.route import Identifier
from fileferry.services import services

from .service import api, check_tenant

_OPTIONAL = ("problem", "planned_at", "started_at", "started_by", "ended_at")


class FilterRequest(NamedJobCriteria):
    """Which jobs; an empty filter means all of the tenant's."""


class BulkRequest(Frozen):
    """An action, how it is to go, and the jobs that it is for; see the actions on a single job."""

    action: Action
    filter: FilterRequest
    comment: str = Field("", max_length=1000, description="Why; it is kept with each job's run.")
    revision: Literal["original", "current"] = Field("original", description="Of a replay.")
    route: Identifier | None = Field(None, description="Of a release of files that no route took.")
    accept_violations: bool = Field(False, description="Of a release; `comment` must say why.")

    @model_validator(mode="after")
    def _with_a_reason(self) -> Self:
        if self.accept_violations and not self.comment.strip():
            raise ValueError("`comment` must say why the violations are accepted")
        return self


class BulkAnswer(Frozen):
    """A bulk action: what was asked for, and how far it has come."""

    id: str
    tenant: str
    action: Action
    revision: Literal["original", "current"]
    route: str | None
    accept_violations: bool
    filter: BulkFilter
    comment: str
    requested_by: str
    status: BulkStatus = Field(description="PLANNING → PLANNED → RUNNING → DONE; REFUSED: see `problem`.")
    problem: str | None = Field(description="Why there is no plan.")
    total: int = Field(description="Jobs in the plan.")
    possible: int = Field(description="Of these, jobs that the action is possible for; the others are skipped.")
    done: int
    failed: int
    skipped: int
    created_at: str
    planned_at: str | None
    started_at: str | None
    started_by: str | None
    ended_at: str | None


class BulkJobAnswer(Frozen):
    """One job of a plan, as it was when the plan was made, and what became of it."""

    position: int
    job_id: str
    filename: str
    route: str
    status: JobStatus
    run: int
    possible: bool
    plan: str = Field(description="What will be done, or why it is not possible.")
    outcome: BulkOutcome | None = Field(description="SKIPPED: not possible, or the job has changed since the plan.")
    detail: str | None = Field(description="What was done, or why not.")
    ended_at: str | None


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/bulk-actions",
    access=Role.OPERATOR,
    body=BulkRequest,
    answer=BulkAnswer,
    status=HTTPStatus.ACCEPTED,
    tag="bulk actions",
)
def plan_bulk_action(call: Call) -> Answer:
    """Plan an action on many jobs; nothing is done to them.

    The plan lists up to 10,000 jobs that the filter finds now, and says of each what would be done or why it is not
    possible. It is made in the background: read it until it is PLANNED, look at its jobs, then run it.
    """
    check_tenant(call.tenant)
    body: BulkRequest = call.body
    bulk = BulkAction(
        id=new_bulk_id(),
        tenant=call.tenant,
        action=body.action,
        revision=body.revision,
        route=body.route or "",
        accept_violations=body.accept_violations,
        filter=BulkFilter.model_validate(body.filter.model_dump()),
        comment=body.comment,
        requested_by=call.caller.name,
        created_at=timestamp(),
    )
    begin_plan(services(), bulk)
    call.note(bulk=bulk.id)
    return reply(_show(bulk), HTTPStatus.ACCEPTED, Location=f"/v1/tenants/{call.tenant}/bulk-actions/{bulk.id}")


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/bulk-actions",
    access=Role.VIEWER,
    query=Paging,
    answer=BulkAnswer,
    listing=True,
    tag="bulk actions",
)
def list_bulk_actions(call: Call) -> Answer:
    """List a tenant's bulk actions of the last 90 days, the newest first."""
    check_tenant(call.tenant)
    return page_answer(services().bulk_actions.page(call.tenant, call.query.limit, call.query.cursor), _show)


@api.operation(
    "GET", "/v1/tenants/{tenant}/bulk-actions/{bulk}", access=Role.VIEWER, answer=BulkAnswer, tag="bulk actions"
)
def read_bulk_action(call: Call) -> Answer:
    """Read a bulk action with its progress."""
    return reply(_show(_bulk_of(call)))


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/bulk-actions/{bulk}/jobs",
    access=Role.VIEWER,
    query=Paging,
    answer=BulkJobAnswer,
    listing=True,
    tag="bulk actions",
)
def list_bulk_action_jobs(call: Call) -> Answer:
    """List the jobs of a plan, in its order, each with what would be done and what became of it."""
    page = services().bulk_actions.jobs(_bulk_of(call), call.query.limit, call.query.cursor)
    return page_answer(page, _show_job)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/bulk-actions/{bulk}/run",
    access=Role.OPERATOR,
    answer=BulkAnswer,
    status=HTTPStatus.ACCEPTED,
    tag="bulk actions",
)
def run_bulk_action(call: Call) -> Answer:
    """Run exactly what was planned, in the background.

    A job that has changed since the plan is skipped. Of one that runs already, what is left is run; one that is done
    stays so.
    """
    bulk = begin_run(services(), call.tenant, call.path["bulk"], call.caller.name)
    call.note(bulk=bulk.id, jobs=bulk.total)
    return reply(_show(bulk), HTTPStatus.ACCEPTED)


def _bulk_of(call: Call) -> BulkAction:
    """Raises NoSuchRecord."""
    return services().bulk_actions.get(call.tenant, call.path["bulk"])


def _show(bulk: BulkAction) -> BulkAnswer:
    plain = bulk.model_dump()
    optional = {name: plain[name] or None for name in (*_OPTIONAL, "route")}
    return BulkAnswer.model_validate({**plain, **optional})


def _show_job(job: BulkJob) -> BulkJobAnswer:
    optional = {"detail": job.detail or None, "ended_at": job.ended_at or None}
    return BulkJobAnswer.model_validate({**job.model_dump(), **optional})
