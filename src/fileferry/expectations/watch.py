"""The watch over expectations: judges each window once its deadline has passed, and looks out for what comes late.

Each call takes up what is due and nothing else. A window's outcome is recorded first, once, then told, then what is due
next takes its place: a call that is killed in between is made good by the next one, which tells the same event again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.clock import now, parse_time, timestamp
from fileferry.errors import FerryError
from fileferry.expectations.arrivals import Arrivals, arrivals, counts
from fileferry.expectations.due import first_due, late_due
from fileferry.expectations.windows import Span, span_of
from fileferry.model.expectation import Expectation, Window, WindowStatus
from fileferry.model.job import Job, Step
from fileferry.repositories.job_listing import JobFilter, JobListing
from fileferry.repositories.windows import Due, WindowRepository
from fileferry.services import Services
from fileferry.steps import as_ferry_error, logger

_MOST_JOBS = 5000
"""Of those that are expected in one window that are counted, the newest first."""
_MOST_READ = 100_000
"""Jobs of one window that are looked at, the newest first: a tenant's other files may be many."""
_MOST_IDS = 50
"""Jobs that a window's record names."""
_PAGE = 1000
_INSTANT = timedelta(microseconds=1)
_FORGET = timedelta(hours=1)
"""After this time what is due is dropped if the expectation that it was made for was never written."""


@dataclass
class Watch:
    """One call: its time, what it did so far and what went wrong."""

    world: Services
    out_of_time: Callable[[], bool]
    at: datetime = field(default_factory=now)
    counts: Counter[str] = field(default_factory=lambda: Counter(due=0))
    errors: list[FerryError] = field(default_factory=list)

    @property
    def region(self) -> str:
        return self.world.settings.region

    @property
    def windows(self) -> WindowRepository:
        return self.world.windows


def watch(call: Watch) -> Mapping[str, int]:
    """See to everything that is due in this region, and count what was done. Raises the first error once all is seen.

    Counts: `due`, `met`, `missing`, `late`, `duplicate` (windows), `dropped` (made for an expectation that was changed
    or disabled), `finished` (0 when time ran out: the next call goes on).
    """
    finished = 1
    for due in call.windows.due(call.region, timestamp(call.at)):
        if call.out_of_time():
            finished = 0
            break
        call.counts["due"] += 1
        try:
            _see_to(call, due)
        except (FerryError, ClientError, BotoCoreError) as error:
            named = as_ferry_error(error)
            call.errors.append(named)
            call.counts["errors"] += 1
            logger.exception(
                "could not be judged: expectation %s",
                f"{due.tenant}/{due.expectation}",
                error_type=type(named).__name__,
            )
    call.counts["finished"] = finished
    if call.errors:
        raise call.errors[0]
    return dict(call.counts)


def _see_to(call: Watch, due: Due) -> None:
    expectation = call.world.config.expectation(due.tenant, due.expectation)
    if expectation is None or not expectation.enabled or not _is_up_to(expectation, due):
        if not _may_be_written_yet(call, due, expectation):
            call.counts["dropped"] += 1
            call.windows.done(call.region, due)
        return
    tenant = call.world.config.tenant(due.tenant)
    if tenant is None or not tenant.enabled:
        call.windows.done(call.region, due, _next_deadline(expectation, due))
    elif due.kind == "deadline":
        _judge(call, expectation, due)
    else:
        _look_for_late_files(call, expectation, due)


def _is_up_to(expectation: Expectation, due: Due) -> bool:
    """Whether what is due is the expectation's to see to, as it is now.

    What was made for an earlier version is, once its deadline had passed when that was changed: the new version begins
    with the deadlines after it.
    """
    return expectation.updated_at == due.version or due.version < expectation.updated_at >= due.deadline


def _may_be_written_yet(call: Watch, due: Due, expectation: Expectation | None) -> bool:
    """Whether the expectation's write, which comes after what is due, may still be under way."""
    known = expectation.updated_at if expectation else ""
    return due.version > known and call.at - parse_time(due.version) < _FORGET


def _judge(call: Watch, expectation: Expectation, due: Due) -> None:
    span = span_of(expectation, parse_time(due.deadline))
    came = _came(call, expectation, span.opens_at, span.deadline)
    status = WindowStatus.MET if len(came.jobs) >= expectation.min_count else WindowStatus.MISSING
    window = call.windows.decide(_window(call, expectation, span, status, came))
    call.counts[window.status.lower()] += 1
    if window.status is WindowStatus.MISSING:
        call.world.notifier.expectation("ExpectationMissing", window)
    if window.duplicates:
        call.counts["duplicate"] += 1
        call.world.notifier.expectation("ExpectationDuplicate", window)
    following = _next_deadline(expectation, due)
    if window.status is WindowStatus.MISSING and span.late_until > span.deadline:
        following.append(late_due(due, call.at))
    call.windows.done(call.region, due, following)


def _look_for_late_files(call: Watch, expectation: Expectation, due: Due) -> None:
    span = span_of(expectation, parse_time(due.deadline))
    window = call.windows.find(due.tenant, due.expectation, due.deadline)
    following = []
    if window is not None and window.status is WindowStatus.MISSING:
        came = _came(call, expectation, span.opens_at, span.late_until)
        if len(came.jobs) >= expectation.min_count:
            window = call.windows.came_late(_window(call, expectation, span, WindowStatus.LATE, came))
            call.counts["late"] += 1
        elif call.at < span.late_until:
            following = [late_due(due, call.at)]
    if window is not None and window.status is WindowStatus.LATE:
        call.world.notifier.expectation("ExpectationLate", window)
    call.windows.done(call.region, due, following)


def _next_deadline(expectation: Expectation, due: Due) -> list[Due]:
    """The window after that of `due`, if the latter was at its deadline; a newer version has put its own in place."""
    if due.kind != "deadline" or due.version != expectation.updated_at:
        return []
    following = first_due(expectation, parse_time(due.deadline))
    return [following] if following else []


def _came(call: Watch, expectation: Expectation, after: datetime, until: datetime) -> Arrivals:
    """What came after one moment until another, included."""
    world = call.world
    listing = JobListing(world.dynamodb, world.settings.jobs_table)
    wanted = JobFilter(expectation.tenant, None, expectation.route, after + _INSTANT, until + _INSTANT)
    jobs: list[Job] = []
    cursor, read = None, 0
    while len(jobs) < _MOST_JOBS and read < _MOST_READ:
        page = listing.page(wanted, _PAGE, cursor)
        jobs += (job for job in page.items if counts(expectation, job))
        cursor, read = page.cursor, read + _PAGE
        if cursor is None:
            break
    else:
        logger.warning("there are more files than are looked at", expectation=f"{expectation.tenant}/{expectation.id}")
    return arrivals(expectation, jobs, lambda job: job.sha256 or _staged_sha256(world, job))


def _staged_sha256(world: Services, job: Job) -> str:
    """What the stage step has found, empty as long as it has not."""
    run = world.runs.get(job.job_id, job.run)
    return str(run.result(Step.STAGE).get("object", {}).get("sha256", ""))


def _window(call: Watch, expectation: Expectation, span: Span, status: WindowStatus, came: Arrivals) -> Window:
    return Window(
        tenant=expectation.tenant,
        expectation=expectation.id,
        deadline=timestamp(span.deadline),
        opens_at=timestamp(span.opens_at),
        late_until=timestamp(span.late_until),
        status=status,
        count=len(came.jobs),
        jobs=list(came.jobs[:_MOST_IDS]),
        duplicates=list(came.duplicates[:_MOST_IDS]),
        decided_at=timestamp(call.at),
        route=expectation.route or "",
        user=expectation.user or "",
        glob=expectation.glob or "",
        min_count=expectation.min_count,
    )
