"""How many jobs ended how, with how many bytes and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Literal, TypeVar

from pydantic import Field

from fileferry.api import Answer, Call, Mistake, Paging, Role, bad_parameters, page_answer
from fileferry.api.operations import Moment, TimeRange
from fileferry.clock import now, parse_time, timestamp_of_second
from fileferry.model.job import Frozen, JobStatus
from fileferry.model.route import Identifier
from fileferry.repositories.config_writes import ConfigWriter, tenants_after
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor
from fileferry.services import services
from fileferry.statistics import Grain, Period, by_period, in_total, total

from .service import api, check_tenant

T = TypeVar("T")


class Division(StrEnum):
    """What time is divided into; `total`: not at all."""

    HOUR = "hour"
    DAY = "day"
    TOTAL = "total"


LONGEST = {Division.HOUR: timedelta(days=31), Division.DAY: timedelta(days=400), Division.TOTAL: timedelta(days=400)}
"""Time that one request may look at."""
DEFAULT = timedelta(days=1)
BY_HOURS = timedelta(days=2)
"""Up to this long a total is of whole hours, so that "the last 24 hours" are not two days."""
ENOUGH_SECONDS = 8.0
"""After this no other tenant is begun: HTTP APIs wait for 30 seconds, and a tenant of many routes takes some."""


class Latency(Frozen):
    """Seconds from arrival to end, of files that succeeded in their first run; off by 5 % at most."""

    count: int
    p50_seconds: float
    p95_seconds: float
    p99_seconds: float


class StatisticsAnswer(Frozen):
    """What ended within a period. A job that was started again counts once more at its new end."""

    since: str = Field(description="Begin of the period, ISO 8601 in UTC.")
    route: str | None = Field(description="null: all routes together; `none`: files that no route took.")
    jobs: dict[JobStatus, int] = Field(description="By final status.")
    bytes: dict[JobStatus, int] = Field(description="Size of their files, by final status.")
    latency: Latency | None


class TenantStatistics(StatisticsAnswer):
    """What ended of one tenant's jobs, all routes together."""

    tenant: str


class _Times(TimeRange, Paging):
    since: Moment | None = Field(None, description="From this hour or day on; by default a day before `until`.")
    until: Moment | None = Field(None, description="Hours or days that begin before; by default now.")

    def times(self, longest: timedelta) -> tuple[datetime, datetime]:
        """Begin and end. Raises RequestRefused (400) when they are too far from each other."""
        until = self.until or now()
        try:
            since = self.since or until - DEFAULT
            if since < until <= since + longest:
                return since, until
        except OverflowError:
            pass
        detail = f"must be before `until`, and at most {longest.days} days"
        raise bad_parameters([Mistake(detail, parameter="since")])


class StatisticsQuery(_Times):
    grain: Division = Division.HOUR
    route: Identifier | None = None
    by: Literal["route", "tenant"] = Field("route", description="`tenant`: all routes together.")


class PlatformQuery(_Times):
    limit: int = Field(20, ge=1, le=50, description="Most tenants of a page.")


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/statistics",
    access=Role.VIEWER,
    query=StatisticsQuery,
    answer=StatisticsAnswer,
    listing=True,
    tag="statistics",
)
def read_statistics(call: Call) -> Answer:
    """Read how a tenant's jobs ended, by hour, day or in total, and by route.

    Hours and days are UTC's, and those in which nothing ended are left out. Hours are kept for 35 days, and one request
    takes 31 of them; `day` and `total` are of whole days, 400 of them at most. A `total` of up to two days is of whole
    hours.
    """
    check_tenant(call.tenant)
    query: StatisticsQuery = call.query
    since, until = query.times(LONGEST[query.grain])
    listing = f"statistics|{call.tenant}|{query.grain}|{query.by}|{query.route or ''}"
    after = decode_cursor(listing, query.cursor, frozenset({"after"}))["after"] if query.cursor else ""
    periods = _periods(call.tenant, query, _going_on(since, query.grain, after), until)
    rest = (period for period in periods if _place(period) > after)
    shown, more = _first(rest, query.limit)
    cursor = encode_cursor(listing, {"after": _place(shown[-1])}) if more else None
    return page_answer(Page(tuple(map(_shown, shown)), cursor), lambda period: period)


@api.operation(
    "GET",
    "/v1/statistics",
    access=Role.PLATFORM_ADMIN,
    query=PlatformQuery,
    answer=TenantStatistics,
    listing=True,
    tag="statistics",
)
def read_platform_statistics(call: Call) -> Answer:
    """Read how the jobs of each tenant ended, in total of whole days (UTC), tenants by id.

    A page may be short and still have a cursor: where there is much to add up it ends in time.
    """
    world = services()
    query: PlatformQuery = call.query
    since, until = query.times(LONGEST[Division.TOTAL])
    tenants = ConfigWriter(world.dynamodb, world.settings.config_table).tenants(query.limit, query.cursor)

    def show(tenant: str) -> TenantStatistics:
        counts = total(entry.counts for entry in world.statistics.of_tenant(tenant, Grain.DAY, since, until))
        period = Period(timestamp_of_second(Grain.DAY.begin(since)), None, counts)
        return TenantStatistics(**dict(_shown(period)), tenant=tenant)

    begun, shown = time.monotonic(), list[TenantStatistics]()
    for each in tenants.items:
        shown.append(show(each.id))
        if time.monotonic() - begun > ENOUGH_SECONDS:
            break
    cursor = tenants.cursor if len(shown) == len(tenants.items) else tenants_after(shown[-1].tenant)
    return page_answer(Page(tuple(shown), cursor), lambda answer: answer)


def _periods(tenant: str, query: StatisticsQuery, since: datetime, until: datetime) -> Iterator[Period]:
    by_hours = query.grain is Division.HOUR or (query.grain is Division.TOTAL and until - since <= BY_HOURS)
    grain = Grain.HOUR if by_hours else Grain.DAY
    by_route = query.by == "route" or query.route is not None
    # A page has as many periods as counters, or fewer; one more tells that another page follows, and another that this
    # one is whole.
    page = min(query.limit + 2, 500) if query.grain is not Division.TOTAL and by_route else 500
    found = services().statistics.of_tenant(tenant, grain, since, until, query.route, page)
    if query.grain is Division.TOTAL:
        return in_total(found, timestamp_of_second(grain.begin(since)), by_route=by_route)
    return by_period(found, by_route=by_route)


def _going_on(since: datetime, division: Division, after: str) -> datetime:
    """Where to begin to read: a page that follows begins with the period that the one before ended with.

    Raises BadCursor's kin, RequestRefused (400), for a position that is no time.
    """
    if not after or division is Division.TOTAL:
        return since
    try:
        return max(since, parse_time(after.partition("#")[0]))
    except ValueError as error:
        raise bad_parameters([Mistake("is none of this listing", parameter="cursor")]) from error


def _first(found: Iterator[T], limit: int) -> tuple[list[T], bool]:
    """The first of them, and whether there are more."""
    shown = list(islice(found, limit + 1))
    return shown[:limit], len(shown) > limit


def _place(period: Period) -> str:
    return f"{period.since}#{period.route or ''}"


def _shown(period: Period) -> StatisticsAnswer:
    found = period.counts.percentiles
    return StatisticsAnswer(
        since=period.since,
        route=period.route,
        jobs=_sorted(period.counts.jobs),
        bytes=_sorted(period.counts.bytes),
        latency=Latency(count=found.count, p50_seconds=found.p50, p95_seconds=found.p95, p99_seconds=found.p99)
        if found
        else None,
    )


def _sorted(counted: Mapping[JobStatus, int]) -> dict[JobStatus, int]:
    return {status: counted[status] for status in JobStatus if status in counted}
