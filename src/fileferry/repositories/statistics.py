"""The `statistics` table: counters of how jobs ended, by tenant, hour, route and region.

A counter grows in the transaction that gives a job its final status, so each end counts exactly once. Jobs that end at
the same moment would get into each other's way at one item: a process that meets another one there spreads what it
counts over more items, its shards, from then on. Regions have items of their own, since the table is a global one
in which the last writer wins.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fileferry.model.job import JobStatus
from fileferry.repositories.items import from_item, to_item
from fileferry.statistics import HOUR, Counts, End, HourCounts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_DAYS = 92
"""That an hour's counters are kept where nothing else is said."""
MOST_SHARDS = 16
_JOBS, _BYTES, _LATENCY = "jobs_", "bytes_", "latency_"


class StatisticsRepository:
    """`days` that an hour's counters are kept."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, region: str, days: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._region = region
        self._days = days
        self._width = 1

    def shard(self) -> int:
        """A shard to count in, as good as any other."""
        return random.randrange(self._width)  # noqa: S311  # no secret

    def spread(self) -> None:
        """Count in more shards from now on: somebody else was writing to the one that was chosen."""
        self._width = min(2 * self._width, MOST_SHARDS)

    def counting(self, end: End, shard: int) -> dict[str, Any]:
        """The part of a transaction (TransactWriteItems, `Update`) that counts one end."""
        counted = {f"{_JOBS}{end.status}": 1, f"{_BYTES}{end.status}": end.size}
        if end.bucket is not None:
            counted[f"{_LATENCY}{end.bucket}"] = 1
        expires = datetime.strptime(f"{end.hour}+0000", f"{HOUR}%z") + timedelta(days=self._days)
        additions = ", ".join(f"{name} :{name}" for name in counted)
        return {
            "TableName": self._table,
            "Key": to_item({"tenant": end.tenant, "counter": f"{end.hour}#{end.route}#{self._region}#{shard:02d}"}),
            "UpdateExpression": f"ADD {additions} SET expires_at = :expires",
            "ExpressionAttributeValues": to_item(
                {":expires": int(expires.timestamp()), **{f":{name}": value for name, value in counted.items()}}
            ),
        }

    def of_tenant(self, tenant: str, since: datetime, until: datetime) -> Iterator[HourCounts]:
        """Everything that was counted in the hours from `since`'s on that begin before `until`, the oldest first."""
        last = (until - timedelta(microseconds=1)).strftime(HOUR)
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="tenant = :tenant AND #counter BETWEEN :since AND :until",
            ExpressionAttributeNames={"#counter": "counter"},
            ExpressionAttributeValues=to_item(
                {":tenant": tenant, ":since": since.strftime(HOUR), ":until": f"{last}$"}  # `$` follows `#`
            ),
        )
        for page in pages:
            yield from (_counted(from_item(item)) for item in page["Items"])


def _counted(item: Mapping[str, Any]) -> HourCounts:
    hour, route, _, _ = item["counter"].split("#")
    jobs = {status: item[f"{_JOBS}{status}"] for status in JobStatus if f"{_JOBS}{status}" in item}
    sizes = {status: item[f"{_BYTES}{status}"] for status in JobStatus if f"{_BYTES}{status}" in item}
    latencies = {int(name.removeprefix(_LATENCY)): value for name, value in item.items() if name.startswith(_LATENCY)}
    return HourCounts(hour, route, Counts(jobs, sizes, latencies))
