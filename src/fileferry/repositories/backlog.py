"""What of a tenant's jobs is not over: how many in which state, and the oldest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fileferry.model.job import JobStatus
from fileferry.repositories.items import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_COUNTED = 1000
"""Jobs of a state that one look counts; beyond them there are at least so many."""
_SHOWN = ("job_id", "filename", "user", "route", "created_at", "waiting_for")


@dataclass(frozen=True)
class OpenJob:
    """A job that is not over; `waiting_for` is empty while nothing holds it back."""

    job_id: str
    filename: str
    user: str
    route: str
    created_at: str
    waiting_for: str = ""


@dataclass(frozen=True)
class Backlog:
    """Open jobs by state; `waiting` by what they wait for. Unless `complete` there are more than these."""

    received: int
    running: int
    complete: bool
    waiting: Mapping[str, int] = field(default_factory=dict)
    oldest: OpenJob | None = None
    oldest_waiting: OpenJob | None = None


def read_backlog(dynamodb: DynamoDBClient, table: str, tenant: str) -> Backlog:
    """The backlog of a tenant, from two queries."""
    received, all_received = _jobs(dynamodb, table, tenant, JobStatus.RECEIVED)
    running, all_running = _jobs(dynamodb, table, tenant, JobStatus.RUNNING)
    waiting = [job for job in received if job.waiting_for]
    return Backlog(
        received=len(received) - len(waiting),
        running=len(running),
        complete=all_received and all_running,
        waiting=Counter(job.waiting_for for job in waiting),
        oldest=min((*received[:1], *running[:1]), key=lambda job: job.created_at, default=None),
        oldest_waiting=waiting[0] if waiting else None,
    )


def _jobs(dynamodb: DynamoDBClient, table: str, tenant: str, status: JobStatus) -> tuple[list[OpenJob], bool]:
    """The oldest jobs of a state, and whether these are all."""
    answer = dynamodb.query(
        TableName=table,
        IndexName="tenant-status",
        KeyConditionExpression="tenant_status = :state",
        ExpressionAttributeValues=to_item({":state": f"{tenant}#{status}"}),
        ProjectionExpression=", ".join(f"#{name}" for name in _SHOWN),
        ExpressionAttributeNames={f"#{name}": name for name in _SHOWN},
        Limit=MOST_COUNTED,
    )
    plain: list[dict[str, Any]] = [from_item(item) for item in answer["Items"]]
    return [OpenJob(**item) for item in plain], "LastEvaluatedKey" not in answer
