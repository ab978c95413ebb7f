"""How many jobs ended how, with how many bytes and how fast: by tenant, route, hour and day, and added up.

Latencies, from a file's arrival to its end, are kept as a histogram whose buckets grow by a tenth each, so that hours
and routes can be put together and a percentile is still off by 5 % at most (the form of DDSketch; Masson, Rim and Lee,
"DDSketch", VLDB 2019).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from fileferry.clock import parse_time
from fileferry.model.job import Job, JobRef, JobStatus

_GROWTH = 1.1
"""From one bucket's upper bound to the next one's."""


class Grain(StrEnum):
    """What ends are counted by; both are UTC's."""

    HOUR = "hour"
    DAY = "day"

    def begin(self, at: datetime) -> datetime:
        """Begin of the hour or the day of a moment."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        return hour if self is Grain.HOUR else hour.replace(hour=0)


@dataclass(frozen=True)
class End:
    """A job's end. `size` in bytes; `bucket` of its latency where that tells of the system's speed."""

    tenant: str
    route: str
    at: datetime
    status: JobStatus
    size: int
    bucket: int | None


@dataclass(frozen=True)
class Percentiles:
    """Seconds from arrival to end of `count` jobs."""

    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Counts:
    """Jobs and bytes by final status, and the latencies' histogram: bucket → jobs."""

    jobs: Mapping[JobStatus, int] = field(default_factory=dict)
    bytes: Mapping[JobStatus, int] = field(default_factory=dict)
    latencies: Mapping[int, int] = field(default_factory=dict)

    @property
    def percentiles(self) -> Percentiles | None:
        """None when no job's latency was counted."""
        if not self.latencies:
            return None
        p50, p95, p99 = (percentile(self.latencies, share) for share in (0.5, 0.95, 0.99))
        return Percentiles(sum(self.latencies.values()), p50, p95, p99)


@dataclass(frozen=True)
class PartialCounts:
    """Some of the counts of one route in the hour or on the day `since` (ISO 8601); others of the same may follow."""

    since: str
    route: str
    counts: Counts


@dataclass(frozen=True)
class Period:
    """The counts of one route (None: of all) from `since` on."""

    since: str
    route: str | None
    counts: Counts


def end_of(job: Job | JobRef, size: int, status: JobStatus, at: datetime) -> End:
    """What counts of a job that ends at `at`.

    Latency is that of files that went through in their first run: how long a later run was waited for is an
    operator's doing.
    """
    bucket = None
    if status is JobStatus.SUCCEEDED and job.run == 1:
        bucket = bucket_of((at - parse_time(job.created_at)) / timedelta(milliseconds=1))
    return End(job.tenant, job.route, at, status, size, bucket)


def bucket_of(milliseconds: float) -> int:
    """The bucket of a latency: bucket n ends with 1.1^n ms."""
    return max(0, math.ceil(math.log(max(milliseconds, 1)) / math.log(_GROWTH)))


def percentile(latencies: Mapping[int, int], share: float) -> float:
    """Seconds that this share of the jobs took at most: the middle of the bucket in which the last of them is."""
    rank = share * sum(latencies.values())
    seen = 0
    for bucket in sorted(latencies):
        seen += latencies[bucket]
        if seen >= rank:
            return round(2 * _GROWTH**bucket / (_GROWTH + 1) / 1000, 6)
    raise ValueError("there are no latencies")


def total(found: Iterable[Counts]) -> Counts:
    """Counts added up."""
    jobs, sizes, latencies = Counter[JobStatus](), Counter[JobStatus](), Counter[int]()
    for each in found:
        jobs.update(each.jobs)
        sizes.update(each.bytes)
        latencies.update(each.latencies)
    return Counts(jobs, sizes, latencies)


def by_period(found: Iterable[PartialCounts], *, by_route: bool) -> Iterator[Period]:
    """What was counted, which comes by period and then by route, added up; no more of it is taken than is asked for."""
    for (since, route), entries in groupby(found, lambda entry: (entry.since, entry.route if by_route else None)):
        yield Period(since, route, total(entry.counts for entry in entries))


def in_total(found: Iterable[PartialCounts], since: str, *, by_route: bool) -> Iterator[Period]:
    """All that was counted added up, from `since` on; routes by id."""
    groups: dict[str | None, list[Counts]] = {}
    for entry in found:
        groups.setdefault(entry.route if by_route else None, []).append(entry.counts)
    for route in sorted(groups, key=lambda route: route or ""):
        yield Period(since, route, total(groups[route]))
