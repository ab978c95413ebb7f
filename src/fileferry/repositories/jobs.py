"""The `jobs` table: one item per job, with what lists and the reconciler search by."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.aws_errors import is_transient
from fileferry.clock import now, timestamp
from fileferry.errors import NoSuchRecord
from fileferry.model.job import Job, JobRef, JobStatus
from fileferry.repositories.items import Item, cancellation_codes, condition_failed, from_item, to_item
from fileferry.repositories.statistics import StatisticsRepository
from fileferry.statistics import End, end_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 10
"""To close a job whose item, or whose counter, another transaction is just writing to, or too many are."""
_PAUSE_SECONDS = 0.01
"""Before the second try, at most; before the n-th, n-1 times as much."""


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

    def __init__(self, dynamodb: DynamoDBClient, table: str, statistics: StatisticsRepository) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._statistics = statistics

    def get(self, job_id: str) -> Job:
        """Raises NoSuchRecord."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item({"job_id": job_id}), ConsistentRead=True)
        if "Item" not in answer:
            raise NoSuchRecord(f"There is no job {job_id!r}.")
        return job_from(answer["Item"])

    def of_tenant(self, tenant: str, job_id: str) -> Job:
        """A tenant's job; another tenant's never leaves the table. Raises NoSuchRecord."""
        answer = self._dynamodb.query(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="job_id = :job",
            FilterExpression="tenant = :tenant",
            ExpressionAttributeValues=to_item({":job": job_id, ":tenant": tenant}),
        )
        if not answer["Items"]:
            raise NoSuchRecord(f"Tenant {tenant!r} has no job {job_id!r}.")
        return job_from(answer["Items"][0])

    def started(self, job: Job, execution_arn: str) -> None:
        """RECEIVED → RUNNING; a job that has gone further meanwhile stays where it is."""
        move = self._move(
            job,
            JobStatus.RUNNING,
            "REMOVE waiting_for",
            {"execution_arn": execution_arn, "updated_at": timestamp(), **_executor(job)},
            only_from=(JobStatus.RECEIVED,),
        )
        try:
            self._dynamodb.update_item(**move)
        except ClientError as error:
            if not condition_failed(error):
                raise

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
        """Give the job its final status with `attributes` (`reason`, `sha256`, `first_job` …), and count its end.

        A repeat changes nothing. False when it has another final status already, or when a later run of it has begun.
        """
        at = now()
        move = self._move(
            job,
            status,
            "REMOVE open_region, waiting_for",
            {"ended_at": timestamp(at), "updated_at": timestamp(at), **attributes},
            only_from=(JobStatus.RECEIVED, JobStatus.RUNNING),
        )
        end = end_of(job, job.object.size, status, at)
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(random.uniform(0, _PAUSE_SECONDS * attempt))  # noqa: S311  # no secret
            try:
                self._close({**move, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}, end)
                return True
            except ClientError as error:
                codes = cancellation_codes(error)
                if codes[:1] == ["ConditionalCheckFailed"]:
                    return _was_closed(error, job, status)
                if not codes or not is_transient(error) or attempt == _TRIES - 1:
                    raise
                self._statistics.spread()
        raise AssertionError("the last try returns or raises")

    def _close(self, move: Any, end: End) -> None:
        counting: Any = self._statistics.counting(end)
        self._dynamodb.transact_write_items(TransactItems=[{"Update": move}, *counting])

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
    ) -> Any:
        """The update that moves a job of the same run from one of some states to `status`."""
        values = {"status": status.value, **listing_attributes(job.tenant, job.route, status), **attributes}
        sets = ", ".join(f"#{name} = :{name}" for name in values)
        states = {f":from{number}": state.value for number, state in enumerate(only_from)}
        return {
            "TableName": self._table,
            "Key": to_item({"job_id": job.job_id}),
            "UpdateExpression": f"SET {sets} {remove}",
            "ConditionExpression": f"#run = :run AND #status IN ({', '.join(states)})",
            "ExpressionAttributeNames": {f"#{name}": name for name in ("run", *values)},
            "ExpressionAttributeValues": to_item(
                {":run": job.run, **{f":{name}": value for name, value in values.items()}, **states}
            ),
        }


def _was_closed(error: ClientError, job: Job | JobRef, status: JobStatus) -> bool:
    """Whether the job that would not be closed is closed so already, by an earlier try of the same run."""
    reasons: Any = error.response.get("CancellationReasons", [])
    found = from_item(reasons[0].get("Item") or {})
    return (found.get("run"), found.get("status")) == (job.run, status)
