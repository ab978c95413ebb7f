"""What it costs that each end of a job is counted: time, and DynamoDB's write units."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from fileferry.model.job import JobStatus
from fileferry.repositories.jobs import JobRepository, job_item
from fileferry.services import Services

from .world import numbered

CLOSED = 200
"""Jobs that are closed for a figure."""
_numbers = count(10**9)


@dataclass(frozen=True)
class ClosingCost:
    """Milliseconds of a close, and write units of tables and indexes on average."""

    p50: float
    p95: float
    table_units: float
    index_units: float


@dataclass
class _Units:
    table: float = 0
    indexes: float = 0

    def note(self, parsed: dict[str, Any], **_: Any) -> None:
        found = parsed.get("ConsumedCapacity", [])
        for each in found if isinstance(found, list) else [found]:
            indexes = sum(index["CapacityUnits"] for index in each.get("GlobalSecondaryIndexes", {}).values())
            self.indexes += indexes
            self.table += each["CapacityUnits"] - indexes


class _BareUpdates:
    """DynamoDB that makes the first update of a transaction only: the job's, without the count."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def transact_write_items(self, **request: Any) -> Any:
        return self._client.update_item(**request["TransactItems"][0]["Update"])


def closing_cost(world: Services, *, counted: bool = True) -> ClosingCost:
    """The cost of closing a running job, as it is or without its count."""
    client: Any = world.dynamodb if counted else _BareUpdates(world.dynamodb)
    jobs = JobRepository(client, world.settings.jobs_table, world.statistics)
    running = [numbered(next(_numbers)).model_copy(update={"status": JobStatus.RUNNING}) for _ in range(CLOSED)]
    for job in running:
        world.dynamodb.put_item(TableName=world.settings.jobs_table, Item=job_item(job))
    times: list[float] = []
    with _units(world.dynamodb) as units:
        for job in running:
            began = time.perf_counter()
            jobs.close(job, JobStatus.SUCCEEDED)
            times.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return ClosingCost(statistics.median(times), cuts[-1], units.table / CLOSED, units.indexes / CLOSED)


def _ask(params: dict[str, Any], **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "INDEXES"


@contextmanager
def _units(client: Any) -> Iterator[_Units]:
    units = _Units()
    events = client.meta.events
    events.register("provide-client-params.dynamodb", _ask)
    events.register("after-call.dynamodb", units.note)
    try:
        yield units
    finally:
        events.unregister("provide-client-params.dynamodb", _ask)
        events.unregister("after-call.dynamodb", units.note)
