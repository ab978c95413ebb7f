"""Listing a tenant's jobs, the newest first, through the index of the `jobs` table that fits the filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.model.job import Job, JobStatus
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_from
from fileferry.repositories.pages import BadCursor, Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_QUERIES = 10
"""Of one page; beyond them it ends short, with a cursor, rather than late."""


@dataclass(frozen=True)
class JobFilter:
    """Which of a tenant's jobs; `since` is included, `until` is not."""

    tenant: str
    status: JobStatus | None = None
    route: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def listing(self) -> str:
        """The name of this listing, to which its cursors belong."""
        times = (timestamp(at) if at else "" for at in (self.since, self.until))
        return "|".join(("jobs", self.tenant, self.status or "", self.route or "", *times))

    @property
    def index(self) -> tuple[str, str, str]:
        """Index, its partition key's name, and the value: failed jobs of a route are rather few failed ones."""
        if self.status:
            return "tenant-status", "tenant_status", f"{self.tenant}#{self.status}"
        if self.route:
            return "tenant-route", "tenant_route", f"{self.tenant}#{self.route}"
        return "tenant-created", "tenant", self.tenant


class JobListing:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def page(self, wanted: JobFilter, limit: int, cursor: str | None = None) -> Page[Job]:
        """At most `limit` jobs; fewer, even none, may come with a cursor that leads on. Raises BadCursor."""
        _, partition, value = wanted.index
        start: Mapping[str, Any] | None = None
        if cursor is not None:
            position = decode_cursor(wanted.listing, cursor, frozenset({"job_id", "created_at"}))
            start = to_item({partition: value, **position})
        items: list[Mapping[str, Any]] = []
        for _ in range(_MOST_QUERIES):
            found, start = self._query(wanted, limit + 1 - len(items), start)
            items += found
            if not start or len(items) > limit:
                break
        if len(items) > limit:
            items = items[:limit]
            start = items[-1]
        return Page(tuple(job_from(item) for item in items), _cursor(wanted, start))

    def _query(
        self, wanted: JobFilter, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[Any], Mapping[str, Any] | None]:
        at: Any = {"ExclusiveStartKey": start} if start else {}
        try:
            answer = self._dynamodb.query(TableName=self._table, Limit=limit, **_query(wanted), **at)
        except ClientError as error:
            if start and error.response["Error"]["Code"] == "ValidationException":
                raise BadCursor("The cursor lies outside the times asked for.", todo="begin anew.") from error
            raise
        return answer["Items"], answer.get("LastEvaluatedKey")


def _cursor(wanted: JobFilter, start: Mapping[str, Any] | None) -> str | None:
    if not start:
        return None
    return encode_cursor(wanted.listing, {name: start[name]["S"] for name in ("job_id", "created_at")})


def _query(wanted: JobFilter) -> dict[str, Any]:
    index, partition, value = wanted.index
    condition, values, names = "#partition = :partition", {":partition": value}, {"#partition": partition}
    since = timestamp(wanted.since) if wanted.since else None
    until = timestamp(wanted.until - timedelta(microseconds=1)) if wanted.until else None
    if since and until:
        condition += " AND created_at BETWEEN :since AND :until"
    elif since:
        condition += " AND created_at >= :since"
    elif until:
        condition += " AND created_at <= :until"
    values.update({name: at for name, at in ((":since", since), (":until", until)) if at})
    query: dict[str, Any] = {"IndexName": index, "ScanIndexForward": False, "KeyConditionExpression": condition}
    if wanted.status and wanted.route:
        query["FilterExpression"] = "#route = :route"
        names["#route"] = "route"
        values[":route"] = wanted.route
    return {**query, "ExpressionAttributeNames": names, "ExpressionAttributeValues": to_item(values)}
