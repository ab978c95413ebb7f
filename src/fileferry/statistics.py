"""How many jobs ended how, with how many bytes and how fast: by tenant, route and hour, and added up.

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
from functools import reduce

from fileferry.clock import parse_time
from fileferry.model.job import Job, JobRef, JobStatus

_GROWTH = 1.1
"""From one bucket's upper bound to the next one's."""
HOUR = "%Y-%m-%dT%H"


class Grain(StrEnum):
    """What time is divided into; TOTAL is the whole of what is asked for."""

    HOUR = "hour"
    DAY = "day"
    TOTAL = "total"


@dataclass(frozen=True)
class End:
    """A job's end. `hour` in UTC, `size` in bytes; `bucket` of its latency where that tells of the system's speed."""

    tenant: str
    route: str
    hour: str
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

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            Counter(self.jobs) + Counter(other.jobs),
            Counter(self.bytes) + Counter(other.bytes),
            Counter(self.latencies) + Counter(other.latencies),
        )

    @property
    def percentiles(self) -> Percentiles | None:
        """None when no job's latency was counted."""
        if not self.latencies:
            return None
        p50, p95, p99 = (percentile(self.latencies, share) for share in (0.5, 0.95, 0.99))
        return Percentiles(sum(self.latencies.values()), p50, p95, p99)


@dataclass(frozen=True)
class HourCounts:
    """Some of the counts of one hour and route; others of the same may follow."""

    hour: str
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
    return End(job.tenant, job.route, at.strftime(HOUR), status, size, bucket)


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


def by_period(found: Iterable[HourCounts], grain: Grain, since: datetime, *, by_route: bool) -> Iterator[Period]:
    """What was counted added up by period and, if asked for, by route; the oldest first, routes by id."""
    groups: dict[tuple[str, str], list[Counts]] = {}
    for entry in found:
        period = since.strftime(HOUR) if grain is Grain.TOTAL else entry.hour
        if grain is Grain.DAY:
            period = f"{entry.hour[:10]}T00"
        groups.setdefault((period, entry.route if by_route else ""), []).append(entry.counts)
    for (period, route), counts in sorted(groups.items()):
        yield Period(f"{period}:00:00Z", route if by_route else None, reduce(Counts.__add__, counts))
