"""Dry runs of routes: what a revision, or one that is not stored, would do with past files. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from fileferry.api import Answer, Call, Mistake, RequestRefused, Role, refuse, reply
from fileferry.api.job_criteria import JobCriteria
from fileferry.clock import timestamp
from fileferry.dry_runs import Outcome, outcome_of
from fileferry.envelope import content_checks, name_check, size_check
from fileferry.errors import ConfigurationError, NoSuchRecord
from fileferry.executor_choice import choose_executor, needs_rates
from fileferry.ingest_key import NotAnIngestKey, parse_ingest_key
from fileferry.model.job import Executor, Frozen, Job, JobStatus
from fileferry.model.route import Route, RouteSpec
from fileferry.repositories.job_listing import JobFilter, JobListing
from fileferry.repositories.records import fields_of
from fileferry.routing import IncomingFile
from fileferry.services import services

from .routes import check_route, records
from .service import api, check_tenant

_MOST = 100
JobId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,64}$")]


class PastJobs(JobCriteria):
    """Which past jobs; the newest come first."""


class DryRunBody(Frozen):
    """A revision of the route, or a spec that is not stored; else the active revision. Jobs by id or by filter."""

    revision: int | None = Field(None, ge=1)
    spec: RouteSpec | None = None
    job_ids: list[JobId] = Field(default_factory=list, max_length=_MOST)
    filter: PastJobs = PastJobs()
    limit: int = Field(_MOST, ge=1, le=_MOST, description="Most files that the filter finds.")


class TakenBy(Frozen):
    route: str
    revision: int | None = Field(description="Null for the spec of the request.")


class CheckOutcome(Frozen):
    """A check of name or size, which need no content."""

    check: str
    ok: bool
    detail: str


class DryRunFile(Frozen):
    """What would become of one file; `job_*` say what became of it."""

    job_id: str
    job_status: JobStatus
    job_route: str = Field(description="The route that took it; empty if none did.")
    job_revision: int
    user: str
    path: str
    size: int
    created_at: str
    matches: bool
    reason: str | None = Field(description="Why the route does not match it.")
    taken_by: TakenBy | None = Field(description="The route that would take it if this one were active.")
    takes_now: TakenBy | None = Field(description="The route that takes such a file as things are.")
    executor: Executor | None = Field(description="Where the route matches.")
    executor_reason: str
    checks: list[CheckOutcome]


class DryRunAnswer(Frozen):
    """A dry run; `changed` counts files that another route would take than now, or none."""

    tenant: str
    route: str
    revision: int | None = Field(description="Null for the spec of the request.")
    at: str
    files: list[DryRunFile]
    missing: list[str] = Field(description="Ids of jobs that the tenant does not have.")
    more: bool = Field(description="Whether the filter finds more files than were looked at.")
    matched: int
    changed: int
    unchecked: list[Literal["checksum", "type", "encoding", "csv", "json", "ndjson"]] = Field(
        description="The route's checks of the content, which a dry run does not make."
    )


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/routes/{route}/dry-run",
    access=Role.OPERATOR,
    body=DryRunBody,
    answer=DryRunAnswer,
    audited=False,
)
def dry_run_route(call: Call) -> Answer:
    """Tell what a route would do with up to 100 past files.

    Of each file: whether the route matches it or why not, which route would take it if this one were active and which
    takes it now, on which executor, and how the checks of name and size would end. The content is not read. Nothing is
    changed, and no file is sent.
    """
    body: DryRunBody = call.body
    if body.spec and body.revision is not None:
        refuse([Mistake("cannot be given beside `revision`", pointer="/spec")])
    tried = _tried(call, body)
    jobs, missing, more = _jobs(call.tenant, body)
    stored = body.spec is None
    try:
        active = services().config.active_routes(call.tenant, fresh=True)
        files = [file for job in jobs if (file := _file(job, tried, active, stored))]
    except ConfigurationError as error:
        raise RequestRefused(HTTPStatus.CONFLICT, error.what, todo=error.todo) from error
    return reply(
        DryRunAnswer.model_validate(
            {
                "tenant": call.tenant,
                "route": tried.id,
                "revision": tried.revision if stored else None,
                "at": timestamp(),
                "files": files,
                "missing": missing,
                "more": more,
                "matched": sum(file.matches for file in files),
                "changed": sum(_name(file.taken_by) != _name(file.takes_now) for file in files),
                "unchecked": content_checks(tried),
            }
        )
    )


def _tried(call: Call, body: DryRunBody) -> Route:
    tenant, route = call.tenant, call.path["route"]
    if body.spec is None:
        if body.revision is None:
            return records().route(tenant, route).value
        return records().revision(tenant, route, body.revision).value
    check_tenant(tenant)
    check_route(tenant, body.spec, at="/spec")
    return Route(**fields_of(body.spec), tenant=tenant, id=route, revision=1)


def _jobs(tenant: str, body: DryRunBody) -> tuple[list[Job], list[str], bool]:
    """The jobs, the ids of those that are not the tenant's, and whether there are more."""
    world = services()
    if not body.job_ids:
        asked = body.filter
        wanted = JobFilter(tenant, asked.status, asked.route, asked.since, asked.until)
        page = JobListing(world.dynamodb, world.settings.jobs_table).page(wanted, body.limit)
        return list(page.items), [], page.cursor is not None
    found = {job_id: _job(tenant, job_id) for job_id in dict.fromkeys(body.job_ids)}
    missing = [job_id for job_id, job in found.items() if job is None]
    return [job for job in found.values() if job], missing, False


def _job(tenant: str, job_id: str) -> Job | None:
    try:
        return services().jobs.of_tenant(tenant, job_id)
    except NoSuchRecord:
        return None


def _file(job: Job, tried: Route, active: Sequence[Route], stored: bool) -> DryRunFile | None:
    try:
        key = parse_ingest_key(job.object.key)
    except NotAnIngestKey:  # a job of another origin has no path that a route could look at
        return None
    file = IncomingFile(job.tenant, job.user, key.path, job.object.size)
    outcome = outcome_of(file, tried, active)
    executor, why = _executor(job, tried) if outcome.reason is None else (None, "")
    return DryRunFile(
        job_id=job.job_id,
        job_status=job.status,
        job_route=job.route,
        job_revision=job.revision,
        user=job.user,
        path=key.path,
        size=job.object.size,
        created_at=job.created_at,
        matches=outcome.reason is None,
        reason=outcome.reason,
        taken_by=_taken_by(outcome, tried, stored),
        takes_now=_as_it_is(outcome.takes_now),
        executor=executor,
        executor_reason=why,
        checks=_checks(tried, key.filename, job.object.size),
    )


def _taken_by(outcome: Outcome, tried: Route, stored: bool) -> TakenBy | None:
    taken = _as_it_is(outcome.taken_by)
    return TakenBy(route=tried.id, revision=None) if outcome.taken_by is tried and not stored else taken


def _as_it_is(route: Route | None) -> TakenBy | None:
    return TakenBy(route=route.id, revision=route.revision) if route else None


def _name(taken: TakenBy | None) -> str | None:
    return taken.route if taken else None


def _executor(job: Job, route: Route) -> tuple[Executor, str]:
    world, size = services(), job.object.size
    names: Sequence[str] = route.deliver.destinations if needs_rates(route, size, world.settings) else ()
    destinations = {name: world.config.destination(job.tenant, name) for name in names}
    learned = world.rates.of(job.tenant, names) if names else {}
    choice = choose_executor(route, size, destinations, world.settings, learned)
    return choice.executor, choice.reason


def _checks(route: Route, filename: str, size: int) -> list[CheckOutcome]:
    made = [check for check in (size_check(route, size), name_check(route, filename)) if check]
    return [
        CheckOutcome(check=check.name, ok=not check.wrong, detail="; ".join(message for _, message in check.wrong))
        for check in made
    ]
