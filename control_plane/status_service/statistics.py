"""How many jobs ended how, with how many bytes and how fast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Literal

from pydantic import Field, model_validator

from fileferry.api import Answer, Call, Mistake, Paging, Role, bad_parameters, page_answer
from fileferry.api.operations import Moment
from fileferry.clock import now, timestamp
from fileferry.model.job import Frozen, JobStatus
from fileferry.model.route import Identifier
from fileferry.repositories.config_writes import ConfigWriter
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor
from fileferry.services import services
from fileferry.statistics import Counts, Grain, Period, by_period

from .service import api, check_tenant

LONGEST = {Grain.HOUR: timedelta(days=31), Grain.DAY: timedelta(days=400), Grain.TOTAL: timedelta(days=400)}
"""Time that one request may look at."""
DEFAULT = timedelta(days=1)


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


class _Times(Paging):
    since: Moment | None = Field(None, description="From this hour on; by default a day before `until`.")
    until: Moment | None = Field(None, description="Hours that begin before; by default now.")

    @model_validator(mode="after")
    def _ordered(self) -> _Times:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("`since` must be before `until`")
        return self

    def times(self, longest: timedelta) -> tuple[datetime, datetime]:
        """Begin (of an hour) and end. Raises RequestRefused (400) when they are too far from each other."""
        until = self.until or now()
        try:
            since = (self.since or until - DEFAULT).replace(minute=0, second=0, microsecond=0)
            if since < until <= since + longest + timedelta(hours=1):
                return since, until
        except OverflowError:
            pass
        detail = f"must be before `until`, and at most {longest.days} days"
        raise bad_parameters([Mistake(detail, parameter="since")])


class StatisticsQuery(_Times):
    grain: Grain = Grain.HOUR
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

    Hours and days are UTC's; those in which nothing ended are left out. `hour` takes 31 days at most, `day` and
    `total` 400.
    """
    check_tenant(call.tenant)
    query: StatisticsQuery = call.query
    since, until = query.times(LONGEST[query.grain])
    found = services().statistics.of_tenant(call.tenant, since, until)
    counted = (entry for entry in found if query.route in (None, entry.route))
    by_route = query.by == "route" or query.route is not None
    periods = list(by_period(counted, query.grain, since, by_route=by_route))
    listing = f"statistics|{call.tenant}|{query.grain}|{query.by}|{query.route or ''}"
    return page_answer(_page(periods, listing, query.limit, query.cursor), lambda period: period)


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
    """Read how the jobs of each tenant ended, in total, tenants by id."""
    world = services()
    query: PlatformQuery = call.query
    since, until = query.times(LONGEST[Grain.TOTAL])
    tenants = ConfigWriter(world.dynamodb, world.settings.config_table).tenants(query.limit, query.cursor)

    def show(tenant: str) -> dict[str, Any]:
        entries = world.statistics.of_tenant(tenant, since, until)
        counts = reduce(Counts.__add__, (entry.counts for entry in entries), Counts())
        return {**_shown(Period(timestamp(since), None, counts)).model_dump(mode="json"), "tenant": tenant}

    return page_answer(Page(tuple(t.id for t in tenants.items), tenants.cursor), show)


def _page(periods: Sequence[Period], listing: str, limit: int, cursor: str | None) -> Page[StatisticsAnswer]:
    after = decode_cursor(listing, cursor, frozenset({"after"}))["after"] if cursor else ""
    rest = [period for period in periods if _place(period) > after]
    more = len(rest) > limit
    shown = tuple(_shown(period) for period in rest[:limit])
    return Page(shown, encode_cursor(listing, {"after": _place(rest[limit - 1])}) if more else None)


def _place(period: Period) -> str:
    return f"{period.since}#{period.route or ''}"


def _shown(period: Period) -> StatisticsAnswer:
    found = period.counts.percentiles
    return StatisticsAnswer(
        since=period.since,
        route=period.route,
        jobs=dict(_sorted(period.counts.jobs)),
        bytes=dict(_sorted(period.counts.bytes)),
        latency=Latency(count=found.count, p50_seconds=found.p50, p95_seconds=found.p95, p99_seconds=found.p99)
        if found
        else None,
    )


def _sorted(counted: Any) -> Iterator[tuple[JobStatus, int]]:
    return ((status, counted[status]) for status in JobStatus if status in counted)
