"""Jobs as they are recorded, for what the events did not tell."""

from __future__ import annotations

from fileferry.errors import NoSuchRecord
from fileferry.model.job import Job, Run
from fileferry.repositories.jobs import job_from
from local.stack import Stack


def jobs_since(stack: Stack, tenant: str, since: str) -> list[Job]:
    """A tenant's jobs created at or after a time (ISO 8601), the oldest first."""
    pages = stack.dynamodb.get_paginator("query").paginate(
        TableName=stack["JobsTableName"],
        IndexName="tenant-created",
        KeyConditionExpression="tenant = :tenant AND created_at >= :since",
        ExpressionAttributeValues={":tenant": {"S": tenant}, ":since": {"S": since}},
    )
    return [job_from(item) for page in pages for item in page["Items"]]


def run_of(stack: Stack, job: Job) -> Run | None:
    """The job's latest run; None where none was made."""
    try:
        return stack.runs.get(job.job_id, job.run)
    except NoSuchRecord:
        return None
