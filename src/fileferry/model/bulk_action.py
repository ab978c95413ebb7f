"""An action on many jobs: first planned, then run exactly as planned."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from fileferry.model.job import Action, Frozen, JobStatus
from fileferry.model.route import Identifier

MOST_JOBS = 10_000


class BulkStatus(StrEnum):
    """PLANNING → PLANNED → RUNNING → DONE, or REFUSED where too many jobs match."""

    PLANNING = "PLANNING"
    PLANNED = "PLANNED"
    REFUSED = "REFUSED"
    RUNNING = "RUNNING"
    DONE = "DONE"


class BulkOutcome(StrEnum):
    """What became of one job: SKIPPED where the action is not possible (any more), FAILED where it went wrong."""

    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class BulkFilter(Frozen):
    """Which of a tenant's jobs; `since` is included, `until` is not, both on the time of creation."""

    status: JobStatus | None = None
    route: Identifier | None = None
    since: datetime | None = None
    until: datetime | None = None
    filename: str | None = Field(None, min_length=1, max_length=255, description="The beginning of the file's name.")


class BulkAction(Frozen):
    """One action on all jobs that a filter found; numbers are of jobs, times are ISO 8601."""

    id: str
    tenant: str
    action: Action
    revision: Literal["original", "current"] = "original"
    route: str = ""
    accept_violations: bool = False
    filter: BulkFilter
    comment: str = ""
    requested_by: str
    status: BulkStatus = BulkStatus.PLANNING
    problem: str = ""
    """Why there is no plan."""
    total: int = 0
    possible: int = 0
    """Of `total`; the others will be skipped, and the plan says why."""
    done: int = 0
    failed: int = 0
    skipped: int = 0
    created_at: str
    planned_at: str = ""
    started_at: str = ""
    started_by: str = ""
    ended_at: str = ""


class BulkJob(Frozen):
    """One job of a plan, in the order of the plan from 0 on: as it was then, and what became of it."""

    position: int
    job_id: str
    filename: str
    route: str
    status: JobStatus
    run: int
    possible: bool
    plan: str
    """What will be done, or why it is not possible."""
    outcome: BulkOutcome | None = None
    detail: str = ""
    ended_at: str = ""
