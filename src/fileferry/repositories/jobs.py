"""The `jobs` table: one item per job, with what lists and the reconciler search by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord
from fileferry.model.job import Job, JobRef, JobStatus
from fileferry.repositories.items import Item, condition_failed, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def job_item(job: Job) -> Item:
    """The job's item with the attributes of its indexes; `open_region` only while it is not final."""
    plain = job.model_dump(mode="json")
    indexes = listing_attributes(job.tenant, job.route, job.status)
    if not job.status.is_final:
        indexes["open_region"] = job.home_region
    return to_item({**plain, **indexes})


def listing_attributes(tenant: str, route: str, status: str) -> dict[str, str]:
    """The partition keys of the indexes that list a tenant's jobs, by name."""
    return {
        "tenant": tenant,
        "tenant_status": f"{tenant}#{status}",
        "tenant_route": f"{tenant}#{route}",
        "tenant_route_status": f"{tenant}#{route}#{status}",
    }


def job_from(item: Mapping[str, Any]) -> Job:
    return Job.model_validate(from_item(item))


def _executor(job: Job) -> dict[str, Any]:
    return job.model_dump(mode="json", include={"executor", "executor_reason", "executor_facts"})


class JobRepository:
    """Reads jobs and moves their status; the runs' fences guard what the runners write."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def get(self, job_id: str) -> Job:
        """Raises NoSuchRecord."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item({"job_id": job_id}), ConsistentRead=True)
        if "Item" not in answer:
            raise NoSuchRecord(f"There is no job {job_id!r}.")
        return job_from(answer["Item"])

    def started(self, job: Job, execution_arn: str) -> None:
        """RECEIVED → RUNNING; a job that has gone further meanwhile stays where it is."""
        self._move(
            job,
            JobStatus.RUNNING,
            "REMOVE waiting_for",
            {"execution_arn": execution_arn, **_executor(job)},
            only_from=(JobStatus.RECEIVED,),
        )

    def wait(self, job_id: str, waiting_for: str) -> None:
        """Note what a RECEIVED job waits for before it may start."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job_id}),
            UpdateExpression="SET waiting_for = :what",
            ConditionExpression="attribute_exists(job_id)",
            ExpressionAttributeValues={":what": {"S": waiting_for}},
        )

    def assign(self, job: Job) -> None:
        """Note the executor of a RECEIVED job before it starts, so that a repeat of the start chooses the same."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job.job_id}),
            UpdateExpression=f"SET {', '.join(f'{name} = :{name}' for name in _executor(job))}",
            ConditionExpression="attribute_exists(job_id)",
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in _executor(job).items()}),
        )

    def found_duplicate(self, job_id: str, first_job: str) -> None:
        """Note, before its file moves, that a RECEIVED job's content is that of `first_job`."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job_id}),
            UpdateExpression="SET first_job = :first",
            ConditionExpression="attribute_exists(job_id)",
            ExpressionAttributeValues=to_item({":first": first_job}),
        )

    def close(self, job: Job | JobRef, status: JobStatus, **attributes: str) -> bool:
        """Give the job its final status with `attributes` (`reason`, `sha256`, `first_job` …).

        False when it has another final status already, or when a later run of it has begun.
        """
        return self._move(
            job,
            status,
            "REMOVE open_region, waiting_for",
            {"ended_at": timestamp(), **attributes},
            only_from=(JobStatus.RECEIVED, JobStatus.RUNNING, status),
        )

    def open_jobs(self, region: str, before: str, since: str = "2") -> Iterator[Job]:
        """Jobs of a region that are not final and were created from `since` up to `before`, the oldest first."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="open",
            KeyConditionExpression="open_region = :region AND created_at BETWEEN :since AND :before",
            ExpressionAttributeValues=to_item({":region": region, ":since": since, ":before": before}),
        )
        for page in pages:
            yield from (job_from(item) for item in page["Items"])

    def _move(
        self,
        job: Job | JobRef,
        status: JobStatus,
        remove: str,
        attributes: Mapping[str, Any],
        only_from: tuple[JobStatus, ...],
    ) -> bool:
        values = {
            "status": status.value,
            **listing_attributes(job.tenant, job.route, status),
            "updated_at": timestamp(),
            **attributes,
        }
        sets = ", ".join(f"#{name} = :{name}" for name in values)
        states = {f":from{number}": state.value for number, state in enumerate(only_from)}
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=to_item({"job_id": job.job_id}),
                UpdateExpression=f"SET {sets} {remove}",
                ConditionExpression=f"#run = :run AND #status IN ({', '.join(states)})",
                ExpressionAttributeNames={f"#{name}": name for name in ("run", *values)},
                ExpressionAttributeValues=to_item(
                    {":run": job.run, **{f":{name}": value for name, value in values.items()}, **states}
                ),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True
