"""Making a job: its claim, its record and its first run in one transaction."""

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


def create_job(dynamodb: DynamoDBClient, settings: Settings, job: Job, declared: dict[str, str]) -> bool:
    """Claim the object for `job` and write job and first run, all or nothing.

    A job with a `sequence` also takes its place in its route's line. False when the object is claimed already.
    """
    claim = {**claim_key(job.object), "job_id": job.job_id, "at": job.created_at}
    items: list[tuple[str, dict[str, Any], str]] = [
        (settings.keys_table, to_item(claim), "attribute_not_exists(pk)"),
        (settings.jobs_table, job_item(job), "attribute_not_exists(job_id)"),
        (settings.runs_table, run_item(_first_run(job, declared)), "attribute_not_exists(job_id)"),
    ]
    if job.sequence:
        place = {"pk": line_key(job.tenant, job.route, job.user), "sk": job.sequence, "job_id": job.job_id}
        items.append((settings.keys_table, to_item(place), "attribute_not_exists(pk)"))
    writes: Any = [
        {"Put": {"TableName": table, "Item": item, "ConditionExpression": condition}}
        for table, item, condition in items
    ]
    try:
        dynamodb.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if "ConditionalCheckFailed" in cancellation_codes(error):
            return False
        raise
    return True


def _first_run(job: Job, declared: dict[str, str]) -> Run:
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
