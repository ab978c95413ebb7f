"""The `statistics` table: counters of how jobs ended, by tenant, hour or day, route and region.

A counter grows in the transaction that gives a job its final status, so each end counts exactly once. Jobs that end at
the same moment would get into each other's way at one item: a process that meets another one there spreads what it
counts over more items, its shards, from then on. Regions have items of their own, since the table is a global one
in which the last writer wins.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fileferry.clock import timestamp_of_second
from fileferry.model.job import JobStatus
from fileferry.repositories.items import from_item, to_item
from fileferry.statistics import Counts, End, Grain, PartialCounts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOURS_KEPT_DAYS = 35
"""How long the counters of an hour are kept; those of a day for as long as the settings say."""
MOST_SHARDS = 16
_JOBS, _BYTES, _LATENCY = "jobs_", "bytes_", "latency_"


class StatisticsRepository:
    """`days` that a day's counters are kept."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, region: str, days: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._region = region
        self._days = days
        self._width = 1

    def spread(self) -> None:
        """Count in more shards from now on: somebody else was writing to one that was chosen."""
        self._width = min(2 * self._width, MOST_SHARDS)

    def counting(self, end: End) -> list[dict[str, Any]]:
        """The parts of a transaction (TransactWriteItems, `Update`) that count one end, in some shard."""
        shard = random.randrange(self._width)  # noqa: S311  # no secret
        kept = {Grain.HOUR: min(HOURS_KEPT_DAYS, self._days), Grain.DAY: self._days}
        return [{"Update": self._counting(end, grain, shard, days)} for grain, days in kept.items()]

    def _counting(self, end: End, grain: Grain, shard: int, days: int) -> dict[str, Any]:
        counted = {f"{_JOBS}{end.status}": 1, f"{_BYTES}{end.status}": end.size}
        if end.bucket is not None:
            counted[f"{_LATENCY}{end.bucket}"] = 1
        begin = grain.begin(end.at)
        additions = ", ".join(f"{name} :{name}" for name in counted)
        values = {":route": end.route, ":expires": int((begin + timedelta(days=days)).timestamp())}
        return {
            "TableName": self._table,
            "Key": to_item({"tenant": end.tenant, "counter": self.counter(grain, begin, end.route, shard)}),
            "UpdateExpression": f"ADD {additions} SET expires_at = :expires, #route = :route",
            "ExpressionAttributeNames": {"#route": "route"},
            "ExpressionAttributeValues": to_item({**values, **{f":{name}": value for name, value in counted.items()}}),
        }

    def counter(self, grain: Grain, begin: datetime, route: str, shard: int) -> str:
        """The sort key of a counter."""
        return f"{_start(grain, begin)}#{route}#{self._region}#{shard:02d}"

    def of_tenant(
        self, tenant: str, grain: Grain, since: datetime, until: datetime, route: str | None = None, page: int = 500
    ) -> Iterator[PartialCounts]:
        """What was counted in the hours or days from that of `since` on that begin before `until`.

        By period and then by route; read `page` counters at a time, while it is asked for. Empty when `until` is not
        after `since`.
        """
        last = grain.begin((until - timedelta(microseconds=1)).astimezone(UTC))
        if last < grain.begin(since):
            return
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "tenant = :tenant AND #counter BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#counter": "counter"},
        }
        # `$` follows `#`.
        values = {":tenant": tenant, ":since": _start(grain, grain.begin(since)), ":until": f"{_start(grain, last)}$"}
        if route is not None:
            query["FilterExpression"] = "#route = :route"
            query["ExpressionAttributeNames"]["#route"] = "route"
            values[":route"] = route
        pages = self._dynamodb.get_paginator("query").paginate(
            **query, ExpressionAttributeValues=to_item(values), PaginationConfig={"PageSize": page}
        )
        for found in pages:
            yield from (_counted(from_item(item)) for item in found["Items"])


def _start(grain: Grain, begin: datetime) -> str:
    return f"{grain}#{timestamp_of_second(begin)}"


def _counted(item: Mapping[str, Any]) -> PartialCounts:
    _, since, route, _, _ = item["counter"].split("#")
    jobs = {status: item[f"{_JOBS}{status}"] for status in JobStatus if f"{_JOBS}{status}" in item}
    sizes = {status: item[f"{_BYTES}{status}"] for status in JobStatus if f"{_BYTES}{status}" in item}
    latencies = {int(name.removeprefix(_LATENCY)): value for name, value in item.items() if name.startswith(_LATENCY)}
    return PartialCounts(since, route, Counts(jobs, sizes, latencies))
