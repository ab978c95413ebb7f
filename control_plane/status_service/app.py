"""status_service: list a tenant's jobs, and read one with all its runs and steps (docs/api.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from fileferry.clock import parse_time
from fileferry.errors import NoSuchRecord
from fileferry.executions import execution_of
from fileferry.http_api import Answer, HttpApi, Mistake, answer, bad_parameters, page_answer, page_size, path_part
from fileferry.model.job import Executor, Job, JobStatus, Run
from fileferry.model.route import IDENTIFIER
from fileferry.repositories.job_listing import JobFilter, JobListing
from fileferry.services import services

logger = Logger(service="fileferry", use_rfc3339=True)
api = HttpApi(logger)

_JOB_ID = r"[a-z0-9]{1,64}"
_KEPT_BY_WORKER = {"progress", "checkpoint", "mark", "woken_at"}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request of the HTTP API (payload format 2.0)."""
    return api.resolve(event, context)


@api.get("/v1/tenants/<tenant>/jobs")
def list_jobs(tenant: str) -> Answer:
    parameters = api.parameters("status", "route", "since", "until", "limit", "cursor")
    world = services()
    wanted = job_filter(_tenant(tenant), parameters)
    listing = JobListing(world.dynamodb, world.settings.jobs_table)
    return page_answer(listing.page(wanted, page_size(parameters), parameters.get("cursor")), show_job)


@api.get("/v1/tenants/<tenant>/jobs/<job_id>")
def read_job(tenant: str, job_id: str) -> Answer:
    world = services()
    tenant, job_id = _tenant(tenant), path_part(job_id)
    missing = NoSuchRecord(f"Tenant {tenant!r} has no job {job_id!r}.")
    if not re.fullmatch(_JOB_ID, job_id):
        raise missing
    try:
        job = world.jobs.get(job_id)
    except NoSuchRecord as error:
        raise missing from error
    if job.tenant != tenant:
        raise missing
    return answer({**show_job(job), "runs": [show_run(job, run) for run in world.runs.of_job(job_id)]})


def job_filter(tenant: str, parameters: Mapping[str, str]) -> JobFilter:
    """The query's filters. Raises RequestRefused (400) that names every parameter that cannot be read."""
    mistakes: list[Mistake] = []
    status, route = parameters.get("status"), parameters.get("route")
    if status is not None and status not in tuple(JobStatus):
        mistakes.append(Mistake(f"must be one of {', '.join(JobStatus)}", parameter="status"))
    if route is not None and not re.fullmatch(IDENTIFIER, route):
        mistakes.append(Mistake("is not the id of a route", parameter="route"))
    times: dict[str, datetime] = {}
    for name in ("since", "until"):
        try:
            if name in parameters:
                times[name] = parse_time(parameters[name])
        except ValueError as error:
            mistakes.append(Mistake(str(error), parameter=name))
    if len(times) == 2 and times["since"] >= times["until"]:
        mistakes.append(Mistake("must be before `until`", parameter="since"))
    if mistakes:
        raise bad_parameters(mistakes)
    return JobFilter(tenant, JobStatus(status) if status else None, route, times.get("since"), times.get("until"))


def show_job(job: Job) -> dict[str, Any]:
    return job.model_dump(mode="json")


def show_run(job: Job, run: Run) -> dict[str, Any]:
    """A run with its steps in their order and its deliveries, without what the worker keeps for itself."""
    shown = run.model_dump(mode="json", exclude=_KEPT_BY_WORKER)
    arn = execution_of(job, run.run) if run.executor is Executor.STEP_FUNCTIONS else ""
    return {**shown, "execution_arn": arn}


def _tenant(raw: str) -> str:
    """The id in the address, if it can be one. Raises NoSuchRecord; so does a tenant that does not exist."""
    tenant = path_part(raw)
    if not re.fullmatch(IDENTIFIER, tenant) or services().config.tenant(tenant) is None:
        raise NoSuchRecord(f"There is no tenant {tenant!r}.")
    return tenant
