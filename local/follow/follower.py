"""Following a tenant's jobs from a moment on: by their events, and by their records for what events miss."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fileferry.errors import FerryError, NoSuchRecord
from local.stack import Stack

from .board import Board, Row
from .display import Show
from .feed import Feed
from .jobs import jobs_since, run_of

_RECORDS_EVERY_SECONDS = 5.0


class Stuck(FerryError):
    """Files have not come to their end in time; the text says which, and where each of them is."""


@dataclass
class Follower:
    """`since` (ISO 8601) is when the first job of interest can have been created."""

    stack: Stack
    feed: Feed
    tenant: str
    since: str
    board: Board = field(default_factory=Board)
    _records_at: float = field(default_factory=time.monotonic)

    def pull(self) -> list[Row]:
        """Wait a moment for news and return the rows that have changed."""
        changed = self.board.apply(self.feed.receive())
        if time.monotonic() - self._records_at > _RECORDS_EVERY_SECONDS:
            changed += self.read_records()
        return changed

    def read_records(self) -> list[Row]:
        """Take over what the tables say, which is the authority."""
        self._records_at = time.monotonic()
        changed = []
        for job in jobs_since(self.stack, self.tenant, self.since):
            row = self.board.rows.get(job.job_id)
            if row is None or not row.status.is_final:
                changed += self.board.refresh(job, run_of(self.stack, job))
        return changed

    def rows(self) -> list[Row]:
        """All rows in the order of their receipt."""
        return sorted(self.board.rows.values(), key=lambda row: row.received_at or "9")

    def until(
        self,
        ended: Callable[[list[Row]], bool],
        show: Show,
        seconds: float,
        on_change: Callable[[Row], None] = lambda _: None,
    ) -> bool:
        """Follow until `ended` says so of the rows; False when `seconds` have passed before."""
        stop_at = time.monotonic() + seconds
        while not ended(self.rows()):
            if time.monotonic() > stop_at:
                self.read_records()
                return ended(self.rows())
            changed = self.pull()
            show(self.rows(), changed)
            for row in changed:
                on_change(row)
        return True


def follow_all(stack: Stack, feed: Feed, show: Show) -> None:
    """Show every job's events as they come, until interrupted."""
    board = Board()
    while True:
        changed = board.apply(feed.receive(wait_seconds=2))
        for row in changed:
            if not row.path:
                _look_up(stack, board, row)
        rows = [board.rows[row.job_id] for row in changed]
        show(sorted(board.rows.values(), key=lambda row: row.received_at or "9"), rows)


def _look_up(stack: Stack, board: Board, row: Row) -> None:
    try:
        job = stack.jobs.get(row.job_id)
    except NoSuchRecord:
        return
    board.refresh(job, run_of(stack, job))
