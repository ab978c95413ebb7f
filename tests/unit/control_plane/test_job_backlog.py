"""status_service: what of a tenant's jobs is not over, and a job that never leaves its tenant's reach."""

from __future__ import annotations

import pytest

from fileferry.model.job import JobStatus
from fileferry.services import services
from tests.unit.control_plane.world import TENANT, Api, job, store_job


def _at(day: int) -> str:
    return f"2026-01-{day:02d}T00:00:00.000000Z"


@pytest.fixture
def backlog(acme: Api, status: Api) -> Api:
    """Of acme one job about to start, three that wait, two that run, one that is over; one of another tenant."""
    acme.post("/v1/tenants", {"id": "other", **TENANT})
    for day, waiting_for in ((2, ""), (3, "order"), (4, "sidecar"), (5, "order")):
        store_job(job(f"j{day}", status=JobStatus.RECEIVED, created_at=_at(day), waiting_for=waiting_for))
    store_job(job("j6", status=JobStatus.RUNNING, created_at=_at(6)))
    store_job(job("j1", status=JobStatus.RUNNING, created_at=_at(1)))
    store_job(job("j0", created_at=_at(1)))
    store_job(job("jother", "other", status=JobStatus.RECEIVED, created_at=_at(1), waiting_for="order"))
    return status


def test_open_jobs_are_counted_by_state(backlog: Api) -> None:
    found = backlog.get("/v1/tenants/acme/backlog").value
    assert (found["received"], found["running"], found["complete"]) == (1, 2, True)
    assert found["waiting"] == {"order": 2, "sidecar": 1}
    assert (found["oldest"]["job_id"], found["oldest"]["waiting_for"]) == ("j1", None)
    assert (found["oldest_waiting"]["filename"], found["oldest_waiting"]["waiting_for"]) == ("j3.csv", "order")


def test_a_backlog_that_is_too_long_to_count_says_so(backlog: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fileferry.repositories.backlog.MOST_COUNTED", 2)
    found = backlog.get("/v1/tenants/acme/backlog").value
    assert (found["received"], found["waiting"], found["running"], found["complete"]) == (1, {"order": 1}, 2, False)


def test_no_backlog_is_empty(acme: Api, status: Api) -> None:
    found = status.get("/v1/tenants/acme/backlog").value
    assert (found["received"], found["waiting"], found["running"], found["complete"]) == (0, {}, 0, True)
    assert found["oldest"] is None
    assert status.get("/v1/tenants/none/backlog").status == 404


def test_a_job_of_another_tenant_never_leaves_the_table(backlog: Api) -> None:
    read: list[str] = []

    def note(parsed: object, **_: object) -> None:
        read.append(str(parsed))

    events = services().dynamodb.meta.events
    events.register("after-call.dynamodb", note)
    try:
        for path in ("", "/runs/1/history", "/runs/1/workflow"):
            assert backlog.get(f"/v1/tenants/acme/jobs/jother{path}").status == 404
        assert backlog.post("/v1/tenants/acme/jobs/jother/download", {"what": "quarantined"}).status == 404
    finally:
        events.unregister("after-call.dynamodb", note)
    assert len(read) >= 4
    assert not [answer for answer in read if "jother" in answer]
