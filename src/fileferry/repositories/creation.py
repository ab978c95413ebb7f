"""Making jobs and runs: all that belongs together in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.model.job import FIRST_FENCE, Job, Run
from fileferry.repositories.items import cancellation_codes, to_item
from fileferry.repositories.jobs import job_item
from fileferry.repositories.keys import claim_key, line_key
from fileferry.repositories.runs import run_item
from fileferry.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Put = dict[str, Any]
CHANGED = ("ConditionalCheckFailed", "TransactionConflict")
"""Reasons of a cancelled transaction that say that somebody else was quicker."""


def create_job(dynamodb: DynamoDBClient, settings: Settings, job: Job, declared: dict[str, str]) -> bool:
    """Claim the object for `job` and write job and first run, all or nothing.

    A job with a `sequence` also takes its place in its route's line. False when the object is claimed already.
    """
    claim = {**claim_key(job.object), "job_id": job.job_id, "at": job.created_at}
    return write_all(
        dynamodb,
        [
            _put(settings.keys_table, to_item(claim), "attribute_not_exists(pk)"),
            _put(settings.jobs_table, job_item(job), "attribute_not_exists(job_id)"),
            _put(settings.runs_table, run_item(new_run(job, declared)), "attribute_not_exists(job_id)"),
            *_place(settings, job),
        ],
    )


def create_run(dynamodb: DynamoDBClient, settings: Settings, job: Job, run: Run, ended: Job) -> bool:
    """Replace the job that `ended` by `job`, which is open again in a new `run`, all or nothing.

    The last run keeps where it was executed, which the job tells of its latest one only. A job with a `sequence` takes
    that place in its route's line. False when job, run or place changed meanwhile, or
    another transaction is changing them.
    """
    replaced = {
        **_put(settings.jobs_table, job_item(job), UNCHANGED)["Put"],
        **unchanged(ended),
    }
    return write_all(
        dynamodb,
        [
            {"Put": replaced},
            _put(settings.runs_table, run_item(run), "attribute_not_exists(job_id)"),
            *_executed(settings, ended),
            *_place(settings, job),
        ],
        refusals=CHANGED,
    )


def _executed(settings: Settings, ended: Job) -> list[dict[str, Any]]:
    if not ended.execution_arn:
        return []
    kept = {
        "TableName": settings.runs_table,
        "Key": to_item({"job_id": ended.job_id, "run": ended.run}),
        "UpdateExpression": "SET execution_arn = :arn",
        "ConditionExpression": "attribute_exists(job_id)",
        "ExpressionAttributeValues": to_item({":arn": ended.execution_arn}),
    }
    return [{"Update": kept}]


UNCHANGED = "#run = :run AND #status = :status AND (attribute_not_exists(rejected_at) OR rejected_at = :not_rejected)"
"""The condition of a write to a job that has ended, together with `unchanged`."""


def unchanged(ended: Job) -> dict[str, Any]:
    """Names and values of UNCHANGED: the job is in the run and status that it was read in, and not rejected."""
    return {
        "ExpressionAttributeNames": {"#run": "run", "#status": "status"},
        "ExpressionAttributeValues": to_item({":run": ended.run, ":status": ended.status.value, ":not_rejected": ""}),
    }


def new_run(job: Job, declared: dict[str, str]) -> Run:
    """The latest run of a job, before anything was done in it."""
    return Run(
        job_id=job.job_id,
        run=job.run,
        fence=FIRST_FENCE,
        status=job.status,
        tenant=job.tenant,
        route=job.route,
        revision=job.revision,
        executor=job.executor,
        declared=declared,
    )


def _place(settings: Settings, job: Job) -> list[Put]:
    if not job.sequence:
        return []
    place = {"pk": line_key(job.tenant, job.route, job.user), "sk": job.sequence, "job_id": job.job_id}
    return [_put(settings.keys_table, to_item(place), "attribute_not_exists(pk)")]


def _put(table: str, item: dict[str, Any], condition: str) -> Put:
    return {"Put": {"TableName": table, "Item": item, "ConditionExpression": condition}}


def write_all(dynamodb: DynamoDBClient, writes: Any, refusals: tuple[str, ...] = ("ConditionalCheckFailed",)) -> bool:
    """False when it is cancelled for one of these reasons, usually a condition; nothing is written then."""
    try:
        dynamodb.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if set(refusals) & set(cancellation_codes(error)):
            return False
        raise
    return True
