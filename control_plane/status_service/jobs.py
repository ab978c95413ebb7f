"""Jobs with their runs and steps."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from fileferry.api import Answer, Call, Paging, Role, page_answer, reply
from fileferry.api.operations import Moment
from fileferry.errors import NoSuchRecord
from fileferry.executions import execution_of
from fileferry.model.job import Executor, Job, JobStatus, Run
from fileferry.model.route import Identifier
from fileferry.repositories.job_listing import JobFilter, JobListing
from fileferry.services import services

from .service import api, check_tenant

_KEPT_BY_WORKER = {"progress", "checkpoint", "mark", "woken_at"}


class JobQuery(Paging):
    status: JobStatus | None = None
    route: Identifier | None = None
    since: Moment | None = Field(None, description="Created then or later.")
    until: Moment | None = Field(None, description="Created before.")

    @model_validator(mode="after")
    def _ordered(self) -> JobQuery:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("`since` must be before `until`")
        return self


class JobWithRuns(Job):
    """A job with all its runs, the first one first."""

    runs: list[Run]


@api.operation("GET", "/v1/tenants/{tenant}/jobs", access=Role.VIEWER, query=JobQuery, answer=Job, listing=True)
def list_jobs(call: Call) -> Answer:
    """List a tenant's jobs, the newest first."""
    check_tenant(call.tenant)
    world, query = services(), call.query
    listing = JobListing(world.dynamodb, world.settings.jobs_table)
    wanted = JobFilter(call.tenant, query.status, query.route, query.since, query.until)
    return page_answer(listing.page(wanted, query.limit, query.cursor), lambda job: job)


@api.operation("GET", "/v1/tenants/{tenant}/jobs/{job_id}", access=Role.VIEWER, answer=JobWithRuns)
def read_job(call: Call) -> Answer:
    """Read a job with all its runs, their steps and deliveries."""
    job = job_of(call)
    runs = [show_run(job, run) for run in services().runs.of_job(job.job_id)]
    return reply({**job.model_dump(mode="json"), "runs": runs})


def job_of(call: Call) -> Job:
    """The tenant's job of the address. Raises NoSuchRecord, also for another tenant's."""
    missing = NoSuchRecord(f"Tenant {call.tenant!r} has no job {call.path['job_id']!r}.")
    try:
        job = services().jobs.get(call.path["job_id"])
    except NoSuchRecord as error:
        raise missing from error
    if job.tenant != call.tenant:
        raise missing
    return job


def show_run(job: Job, run: Run) -> dict[str, Any]:
    """A run with its steps in their order and its deliveries, without what the worker keeps for itself."""
    shown = run.model_dump(mode="json", exclude=_KEPT_BY_WORKER)
    arn = execution_of(job, run.run) if run.executor is Executor.STEP_FUNCTIONS else ""
    return {**shown, "execution_arn": arn}
