"""One action on many jobs: a plan that says for each job what would happen, then exactly this plan.

The plan is made, and run in chunks, by whoever takes the messages of the bulk queue; each of them may come any number
of times. A job whose outcome is recorded is not looked at again, and a new run that was made for this bulk action is
known by its id.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from fileferry.actions.asked import Asked, Request
from fileferry.actions.judging import judge
from fileferry.actions.performing import perform
from fileferry.clock import now
from fileferry.errors import Conflict, FerryError, NoSuchRecord, TransientError
from fileferry.model.bulk_action import MOST_JOBS, BulkAction, BulkJob, BulkOutcome, BulkStatus
from fileferry.model.job import Job
from fileferry.model.route import Route
from fileferry.repositories.job_listing import JobFilter, JobListing
from fileferry.services import Services
from fileferry.steps import as_ferry_error, logger

CHUNK = 25
"""Jobs of one message: some seconds of work."""
_PAGE = 200
_SENT_AT_ONCE = 10
"""Messages of one SendMessageBatch (SQS API reference)."""
_LONGEST_DETAIL = 1000


def new_bulk_id() -> str:
    """An id that no other bulk action has, and that sorts by time."""
    return f"b{now().strftime('%Y%m%dt%H%M%S')}-{uuid.uuid4().hex[:12]}"


def begin_plan(world: Services, bulk: BulkAction) -> BulkAction:
    """Record what is wanted, and have it planned."""
    world.bulk_actions.create(bulk)
    _send(world, [{"do": "plan", "tenant": bulk.tenant, "bulk": bulk.id}])
    return bulk


def begin_run(world: Services, tenant: str, bulk_id: str, started_by: str) -> BulkAction:
    """Have a plan run; the bulk action as it is then. A repeat has what is left of it run.

    Raises NoSuchRecord, Conflict when there is no plan (yet).
    """
    bulk = world.bulk_actions.start(world.bulk_actions.get(tenant, bulk_id), started_by)
    if bulk.status is BulkStatus.RUNNING:
        _send(world, [{"do": "spread", "tenant": tenant, "bulk": bulk_id}])
    return bulk


def take(world: Services, body: str) -> None:
    """Do what a message of the bulk queue asks for. Raises what a repeat may heal."""
    asked = json.loads(body)
    bulk = world.bulk_actions.get(asked["tenant"], asked["bulk"])
    match asked["do"]:
        case "plan":
            _plan(world, bulk)
        case "spread":
            _spread(world, bulk)
        case "chunk":
            _work_off(world, bulk, int(asked["first"]), int(asked["until"]))
        case other:
            raise ValueError(f"A message of the bulk queue asks to {other!r}.")


def asked_of(bulk: BulkAction) -> Asked:
    return Asked(bulk.action, bulk.revision, bulk.route, bulk.accept_violations)


# ---- planning -------------------------------------------------------------------------------------


def _plan(world: Services, bulk: BulkAction) -> None:
    if bulk.status is not BulkStatus.PLANNING:
        return
    asked = asked_of(bulk)
    routes = world.config.active_routes(bulk.tenant, fresh=True) if asked.needs_routes else ()
    total = possible = 0
    planned: list[BulkJob] = []
    for job in _matching(world, bulk):
        if total == MOST_JOBS:
            problem = f"More than {MOST_JOBS:,} jobs match; narrow the filter, by time for example."
            world.bulk_actions.refused(bulk, problem)
            return
        planned.append(_planned(job, total, asked, routes))
        total += 1
        possible += planned[-1].possible
        if len(planned) == _PAGE:
            if not _written(world, bulk, planned):
                return
            planned = []
    if not _written(world, bulk, planned):
        return
    world.bulk_actions.planned(bulk, total, possible)
    logger.info("bulk action planned", bulk=bulk.id, tenant=bulk.tenant, total=total, possible=possible)


def _written(world: Services, bulk: BulkAction, jobs: list[BulkJob]) -> bool:
    """Whether the plan is still ours to write: who has the same message may have made it, and have it run, by now."""
    if world.bulk_actions.get(bulk.tenant, bulk.id).status is not BulkStatus.PLANNING:
        return False
    world.bulk_actions.write_plan(bulk, jobs)
    return True


def _matching(world: Services, bulk: BulkAction) -> Iterator[Job]:
    """The jobs that the filter finds, each once; the newest first, or by name where a name is asked for."""
    wanted, listing = bulk.filter, JobListing(world.dynamodb, world.settings.jobs_table)
    query = JobFilter(bulk.tenant, wanted.status, wanted.route, wanted.since, wanted.until, wanted.filename)
    seen: set[str] = set()
    cursor: str | None = None
    while True:
        page = listing.page(query, _PAGE, cursor)
        for job in page.items:
            if job.job_id not in seen:
                seen.add(job.job_id)
                yield job
        cursor = page.cursor
        if cursor is None:
            return


def _planned(job: Job, position: int, asked: Asked, routes: tuple[Route, ...]) -> BulkJob:
    try:
        possible, plan = True, judge(job, asked, routes).what
    except FerryError as error:
        possible, plan = False, str(error)[:_LONGEST_DETAIL]
    return BulkJob(
        position=position,
        job_id=job.job_id,
        filename=job.filename,
        route=job.route,
        status=job.status,
        run=job.run,
        possible=possible,
        plan=plan,
    )


# ---- running --------------------------------------------------------------------------------------


def _spread(world: Services, bulk: BulkAction) -> None:
    """A message for every chunk; a chunk that is sent twice has little to do the second time."""
    if bulk.status is not BulkStatus.RUNNING:
        return
    chunks = [
        {"do": "chunk", "tenant": bulk.tenant, "bulk": bulk.id, "first": first, "until": min(first + CHUNK, bulk.total)}
        for first in range(0, bulk.total, CHUNK)
    ]
    _send(world, chunks)
    world.bulk_actions.finish(bulk)  # of a plan without jobs


def _work_off(world: Services, bulk: BulkAction, first: int, until: int) -> None:
    """Do the action on some jobs of the plan. Raises TransientError, once all were tried, when one must be repeated."""
    unsettled: FerryError | None = None
    for job in world.bulk_actions.between(bulk, first, until):
        if job.outcome is not None:
            continue
        try:
            outcome, detail = _outcome(world, bulk, job)
        except TransientError as error:
            logger.warning("to be repeated: %s", error, bulk=bulk.id, job_id=job.job_id)
            unsettled = error
            continue
        world.bulk_actions.record(bulk, job, outcome, detail[:_LONGEST_DETAIL])
    if unsettled:
        raise unsettled
    world.bulk_actions.finish(bulk)


def _outcome(world: Services, bulk: BulkAction, planned: BulkJob) -> tuple[BulkOutcome, str]:
    """Raises TransientError."""
    if not planned.possible:
        return BulkOutcome.SKIPPED, planned.plan
    request = Request(by=bulk.requested_by, comment=bulk.comment, id=bulk.id)
    try:
        _unchanged_since(world, planned, request)
        job = perform(world, planned.job_id, asked_of(bulk), request)
    except (Conflict, NoSuchRecord) as error:
        return BulkOutcome.SKIPPED, str(error)
    except Exception as error:  # whatever is wrong with one job, the others of its chunk go on
        named = as_ferry_error(error)
        if isinstance(named, TransientError):
            raise named from error
        logger.exception("an action failed", bulk=bulk.id, job_id=planned.job_id)
        return BulkOutcome.FAILED, f"{type(named).__name__}: {named}"
    return BulkOutcome.DONE, f"Run {job.run} is {job.status}."


def _unchanged_since(world: Services, planned: BulkJob, request: Request) -> None:
    """Raises Conflict when the job is not as it was planned, unless it is so by this very request."""
    job = world.jobs.get(planned.job_id)
    if (job.run, job.status) == (planned.run, planned.status):
        return
    run = world.runs.get(job.job_id, job.run)
    ours = run.request_id == request.id or (run.decision is not None and run.decision.requested_by == request.by)
    if not ours:
        raise Conflict(
            f"Job {job.job_id} was {planned.status} in run {planned.run} when this was planned, and is {job.status} in "
            f"run {job.run}.",
            todo="plan anew, if it is still to be done.",
        )


def _send(world: Services, messages: list[dict[str, Any]]) -> None:
    for start in range(0, len(messages), _SENT_AT_ONCE):
        entries: Any = [
            {"Id": str(number), "MessageBody": json.dumps(message)}
            for number, message in enumerate(messages[start : start + _SENT_AT_ONCE])
        ]
        answer = world.sqs.send_message_batch(QueueUrl=world.settings.bulk_queue_url, Entries=entries)
        if failed := answer.get("Failed"):
            raise TransientError(f"SQS did not take {len(failed)} messages: {failed[0].get('Message', '')}")
