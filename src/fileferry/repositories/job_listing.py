"""Listing a tenant's jobs through the index of the `jobs` table that fits the filters.

The newest comes first; with a file name's beginning they come by name, since the names' indexes are sorted by it.
Whatever is combined has an index of its own, but for a time beside a name: the moments of jobs whose names fit are
looked through, so many of them for a page and no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fileferry.clock import timestamp
from fileferry.model.job import Job, JobStatus
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_from, listing_attributes
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor, refusing_starts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LOOKED_THROUGH = 120
"""Entries of a names' index that one page looks through for moments; it ends short, with a cursor, rather than late."""
_SHORTEST = timedelta(microseconds=1)
_SECOND = datetime.min.replace(tzinfo=UTC) + _SHORTEST
_BATCH = 100
"""Keys of one BatchGetItem (DynamoDB API reference)."""


@dataclass(frozen=True)
class JobFilter:
    """Which of a tenant's jobs; `since` is included, `until` is not; `filename` is the beginning of a name."""

    tenant: str
    status: JobStatus | None = None
    route: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    filename: str | None = None

    @property
    def listing(self) -> str:
        """The name of this listing, to which its cursors belong."""
        times = (timestamp(at) if at else "" for at in (self.since, self.until))
        # Names may be long, and a cursor goes into an address.
        name = hashlib.sha256(self.filename.encode()).hexdigest()[:16] if self.filename else ""
        return "|".join(("jobs", self.tenant, self.status or "", self.route or "", *times, name))

    @property
    def partition(self) -> tuple[str, str]:
        """Name and value of the partition key that all jobs of this tenant, route and status share."""
        name = "_".join(("tenant", *(["route"] if self.route else []), *(["status"] if self.status else [])))
        return name, listing_attributes(self.tenant, self.route or "", self.status or "")[name]

    @property
    def index(self) -> str:
        name = self.partition[0].replace("_", "-")
        if self.filename:
            return f"{name}-filename"
        return "tenant-created" if name == "tenant" else name

    @property
    def sorted_by(self) -> str:
        return "filename" if self.filename else "created_at"


class JobListing:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def page(self, wanted: JobFilter, limit: int, cursor: str | None = None) -> Page[Job]:
        """At most `limit` jobs; fewer, even none, may come with a cursor that leads on. Raises BadCursor."""
        partition, value = wanted.partition
        start: Mapping[str, Any] | None = None
        if cursor is not None:
            position = decode_cursor(wanted.listing, cursor, frozenset({"job_id", wanted.sorted_by}))
            start = to_item({partition: value, **position})
        items, start = self._query(wanted, limit + 1, start)
        if len(items) > limit:
            items = items[:limit]
            start = items[-1]
        return Page(self._jobs(wanted, items), _cursor(wanted, start))

    def _jobs(self, wanted: JobFilter, entries: Sequence[Mapping[str, Any]]) -> tuple[Job, ...]:
        """The jobs of an index's entries; the names' indexes hold keys only, and their jobs may have gone further."""
        if not wanted.filename:
            return tuple(job_from(entry) for entry in entries)
        found: dict[str, Job] = {}
        for first in range(0, len(entries), _BATCH):
            keys = [{"job_id": entry["job_id"]} for entry in entries[first : first + _BATCH]]
            request: Any = {self._table: {"Keys": keys}}
            while request:
                answer = self._dynamodb.batch_get_item(RequestItems=request)
                jobs = (job_from(item) for item in answer["Responses"].get(self._table, []))
                found |= {job.job_id: job for job in jobs}
                request = answer.get("UnprocessedKeys")
        listed = (found[entry["job_id"]["S"]] for entry in entries if entry["job_id"]["S"] in found)
        return tuple(job for job in listed if wanted.status in (None, job.status))

    def _query(
        self, wanted: JobFilter, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[Any], Mapping[str, Any] | None]:
        query = _query(wanted)
        if "FilterExpression" in query:
            limit = _LOOKED_THROUGH
        at: Any = {"ExclusiveStartKey": start} if start else {}
        with refusing_starts(start):
            answer = self._dynamodb.query(TableName=self._table, Limit=limit, **query, **at)
        return answer["Items"], answer.get("LastEvaluatedKey")


def _cursor(wanted: JobFilter, start: Mapping[str, Any] | None) -> str | None:
    if not start:
        return None
    return encode_cursor(wanted.listing, {name: start[name]["S"] for name in ("job_id", wanted.sorted_by)})


def _query(wanted: JobFilter) -> dict[str, Any]:
    partition, value = wanted.partition
    condition, values = "#partition = :partition", {":partition": value}
    between, times = _between(wanted)
    query: dict[str, Any] = {"IndexName": wanted.index, "ScanIndexForward": bool(wanted.filename)}
    if wanted.filename:
        condition += " AND begins_with(filename, :filename)"
        values[":filename"] = wanted.filename
        query |= {"FilterExpression": between} if between else {}
    elif between:
        condition += f" AND {between}"
    return {
        **query,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#partition": partition},
        "ExpressionAttributeValues": to_item({**values, **times}),
    }


def _between(wanted: JobFilter) -> tuple[str, dict[str, str]]:
    """Condition on `created_at` with its values; empty without a time."""
    since = timestamp(wanted.since) if wanted.since else None
    # No time is before the first one; nothing was created then either.
    until = timestamp(max(wanted.until, _SECOND) - _SHORTEST) if wanted.until else None
    if since and until:
        return "created_at BETWEEN :since AND :until", {":since": since, ":until": until}
    if since:
        return "created_at >= :since", {":since": since}
    return ("created_at <= :until", {":until": until}) if until else ("", {})
