"""Jobs with their runs and steps, and what of them is not over."""

from __future__ import annotations

from pydantic import Field

from fileferry.api import Answer, Call, Paging, Role, page_answer, reply
from fileferry.api.job_criteria import NamedJobCriteria
from fileferry.model.job import Frozen, Job, Run
from fileferry.repositories.backlog import OpenJob, read_backlog
from fileferry.repositories.job_listing import JobFilter, JobListing
from fileferry.services import services

from .job_answers import JobAnswer, JobWithRuns, show_job, show_job_with_runs
from .service import api, check_tenant


class JobQuery(NamedJobCriteria, Paging):
    """Which jobs, page by page."""


class OpenJobAnswer(Frozen):
    """A job that is not over."""

    job_id: str
    filename: str
    user: str
    route: str
    created_at: str
    waiting_for: str | None = Field(description="What it waits for: sidecar, order, configuration.")


class BacklogAnswer(Frozen):
    """A tenant's open jobs by state. Unless `complete` there are more than these."""

    received: int = Field(description="About to start.")
    waiting: dict[str, int] = Field(description="Not yet to start, by what they wait for: sidecar, order …")
    running: int
    complete: bool
    oldest: OpenJobAnswer | None
    oldest_waiting: OpenJobAnswer | None


@api.operation("GET", "/v1/tenants/{tenant}/jobs", access=Role.VIEWER, query=JobQuery, answer=JobAnswer, listing=True)
def list_jobs(call: Call) -> Answer:
    """List a tenant's jobs, the newest first.

    With `filename` they come by name. A page may be short, or even empty, and still have a cursor.
    """
    check_tenant(call.tenant)
    world, query = services(), call.query
    listing = JobListing(world.dynamodb, world.settings.jobs_table)
    wanted = JobFilter(call.tenant, query.status, query.route, query.since, query.until, query.filename)
    return page_answer(listing.page(wanted, query.limit, query.cursor), show_job)


@api.operation("GET", "/v1/tenants/{tenant}/jobs/{job_id}", access=Role.VIEWER, answer=JobWithRuns)
def read_job(call: Call) -> Answer:
    """Read a job with all its runs, their steps and deliveries."""
    job = job_of(call)
    return reply(show_job_with_runs(job, services().runs.of_job(job.job_id)))


@api.operation("GET", "/v1/tenants/{tenant}/backlog", access=Role.VIEWER, answer=BacklogAnswer)
def read_tenant_backlog(call: Call) -> Answer:
    """Count a tenant's open jobs by state, and tell the oldest ones."""
    check_tenant(call.tenant)
    world = services()
    found = read_backlog(world.dynamodb, world.settings.jobs_table, call.tenant)
    return reply(
        BacklogAnswer(
            received=found.received,
            waiting=dict(found.waiting),
            running=found.running,
            complete=found.complete,
            oldest=_open_job(found.oldest),
            oldest_waiting=_open_job(found.oldest_waiting),
        )
    )


def job_of(call: Call) -> Job:
    """The tenant's job of the address. Raises NoSuchRecord, also for another tenant's, which is not read."""
    return services().jobs.of_tenant(call.tenant, call.path["job_id"])


def run_of(call: Call, job: Job) -> Run:
    """The run of the address. Raises NoSuchRecord."""
    return services().runs.get(job.job_id, int(call.path["run"]))


def _open_job(job: OpenJob | None) -> OpenJobAnswer | None:
    return OpenJobAnswer(**{**vars(job), "waiting_for": job.waiting_for or None}) if job else None
