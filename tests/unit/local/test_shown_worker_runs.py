"""What `ferry status` says of a run of the worker."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fileferry.model.job import Executor, JobStatus, Run
from local.worker_runs import run_text

AT = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def run(**fields: Any) -> Run:
    named = {"job_id": "j1", "run": 1, "tenant": "acme", "route": "orders", "revision": 1, "executor": Executor.WORKER}
    return Run.model_validate({**named, "fence": 2, "takes": 1, "status": JobStatus.RUNNING, **fields})


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "not begun; nobody's (fence 2, take 1)"),
        (
            {
                "lease_owner": "host-7",
                "lease_until": int(AT.timestamp()) + 40,
                "steps": {"validate": {"status": "SUCCEEDED"}, "stage": {"status": "RUNNING"}, "transform": {}},
            },
            "stage running; host-7's for 40 s more (fence 2, take 1)",
        ),
        (
            {"steps": {"confirm": {"status": "WAITING"}}, "wake_at": "2026-11-26T00:00:00Z"},
            "confirm waiting; goes on at 2026-11-26T00:00:00Z, or when it is woken",
        ),
        (
            {"lease_owner": "host-7", "lease_until": int(AT.timestamp()) - 1},
            "not begun; nobody's (fence 2, take 1)",
        ),
    ],
)
def test_a_run_is_told_by_its_step_and_its_owner(fields: dict[str, Any], text: str) -> None:
    assert run_text(run(**fields), AT) == text
