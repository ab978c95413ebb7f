"""Rows from events: in order, twice, out of order."""

from __future__ import annotations

import itertools
from typing import Any

from fileferry.model.job import JobStatus
from local.follow.board import Board
from local.follow.display import line

FILE = {
    "job_id": "j1",
    "tenant": "acme",
    "user": "orders-inc",
    "route": "orders",
    "object": {"bucket": "b", "key": "in/eu-central-1/03/acme/orders-inc/orders/a+b %41 ü.csv", "version_id": "v"},
}


def event(kind: str, second: int, **data: Any) -> dict[str, Any]:
    return {"type": f"fileferry.{kind}", "time": f"2026-01-01T00:00:{second:02d}.000000Z", "data": data}


RECEIVED = event("JobReceived", 1, **FILE, status="RECEIVED")
STARTED = event("JobStarted", 2, **FILE, status="RUNNING")
VALIDATED = event("StepSucceeded", 3, job_id="j1", step="validate", status="SUCCEEDED", result={})
STAGED = event("StepSucceeded", 4, job_id="j1", step="stage", status="SUCCEEDED", result={})
SUCCEEDED = event("JobSucceeded", 5, **FILE, status="SUCCEEDED")
REFUSED = event("JobQuarantined", 5, **FILE, status="QUARANTINED", error={"message": "3 violations"})


def test_events_add_up_to_the_file_and_its_end() -> None:
    board = Board()
    board.apply([RECEIVED, STARTED, VALIDATED, STAGED])
    row = board.rows["j1"]
    assert (row.path, row.status, row.step) == ("orders/a+b %41 ü.csv", JobStatus.RUNNING, "stage")
    board.apply([SUCCEEDED])
    assert board.rows["j1"].status is JobStatus.SUCCEEDED
    assert board.rows["j1"].seconds == 4.0


def test_any_order_and_any_repeat_of_the_events_gives_the_same_row() -> None:
    events = [RECEIVED, STARTED, VALIDATED, STAGED, SUCCEEDED]
    expected = Board()
    expected.apply(events)
    for order in itertools.permutations(events):
        board = Board()
        board.apply([*order, *order])
        assert board.rows == expected.rows


def test_a_repeat_changes_nothing_and_is_not_shown_again() -> None:
    board = Board()
    assert len(board.apply([RECEIVED, STARTED])) == 1
    assert board.apply([RECEIVED, STARTED]) == []


def test_a_sidecars_event_makes_no_row() -> None:
    board = Board()
    assert board.apply([event("SidecarReceived", 1, tenant="acme", path="a.sha256")]) == []
    assert board.rows == {}


def test_a_refused_file_shows_why() -> None:
    board = Board()
    board.apply([RECEIVED, REFUSED])
    assert line(board.rows["j1"]) == "orders/a+b %41 ü.csv  route orders  QUARANTINED  in 4.0 s  3 violations"
