"""status_service: how jobs ended, by period and route, and of all tenants for the platform."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from fileferry.clock import parse_time, timestamp
from fileferry.model.job import JobStatus
from fileferry.services import services
from tests.unit.control_plane.test_operations import called
from tests.unit.control_plane.world import TENANT, Api, job, store_job

DAY = {"since": "2026-01-01", "until": "2026-01-03"}
_ENDS = (
    ("acme", "orders", "2026-01-01T10:15:00Z", JobStatus.SUCCEEDED, 1, 10),
    ("acme", "orders", "2026-01-01T10:45:00Z", JobStatus.SUCCEEDED, 3, 20),
    ("acme", "orders", "2026-01-01T11:00:00Z", JobStatus.FAILED, 5, 30),
    ("acme", "none", "2026-01-01T10:00:00Z", JobStatus.QUARANTINED, 0, 40),
    ("acme", "orders", "2026-01-02T23:59:59Z", JobStatus.SUCCEEDED, 100, 50),
    ("rival", "orders", "2026-01-01T10:00:00Z", JobStatus.SUCCEEDED, 7, 60),
)
"""Tenant, route, end, status, seconds since the file came, bytes."""


@pytest.fixture
def ended(acme: Api, status: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    acme.post("/v1/tenants", {"id": "rival", **TENANT})
    for number, (tenant, route, end, final, seconds, size) in enumerate(_ENDS):
        at = parse_time(end)
        arrived = timestamp(datetime.fromtimestamp(at.timestamp() - seconds, at.tzinfo))
        record = job(f"j{number}", tenant, route=route, status=JobStatus.RUNNING, created_at=arrived)
        record = record.model_copy(update={"object": record.object.model_copy(update={"size": size})})
        store_job(record)
        with monkeypatch.context() as patch:
            patch.setattr("fileferry.repositories.jobs.now", lambda at=at: at)
            assert services().jobs.close(record, final)
    yield status


def found(status: Api, **query: str) -> list[tuple[Any, ...]]:
    items = status.all("/v1/tenants/acme/statistics", limit="1", **DAY, **query)
    return [(item["since"][5:13], item["route"], item["jobs"], item["bytes"]) for item in items]


def test_hours_are_told_by_route(ended: Api) -> None:
    assert found(ended) == [
        ("01-01T10", "none", {"QUARANTINED": 1}, {"QUARANTINED": 40}),
        ("01-01T10", "orders", {"SUCCEEDED": 2}, {"SUCCEEDED": 30}),
        ("01-01T11", "orders", {"FAILED": 1}, {"FAILED": 30}),
        ("01-02T23", "orders", {"SUCCEEDED": 1}, {"SUCCEEDED": 50}),
    ]


def test_days_totals_and_all_routes_together(ended: Api) -> None:
    assert [entry[:3] for entry in found(ended, grain="day", route="orders")] == [
        ("01-01T00", "orders", {"SUCCEEDED": 2, "FAILED": 1}),
        ("01-02T00", "orders", {"SUCCEEDED": 1}),
    ]
    assert found(ended, grain="total", by="tenant") == [
        (
            "01-01T00",
            None,
            {"SUCCEEDED": 3, "FAILED": 1, "QUARANTINED": 1},
            {"SUCCEEDED": 80, "FAILED": 30, "QUARANTINED": 40},
        )
    ]


def test_a_total_of_up_to_two_days_is_of_whole_hours(ended: Api) -> None:
    def jobs(**period: str) -> dict[str, int]:
        return dict(ended.all("/v1/tenants/acme/statistics", grain="total", by="tenant", **period)[0]["jobs"])

    assert jobs(since="2026-01-01T11:30:00Z", until="2026-01-02T11:30:00Z") == {"FAILED": 1}
    assert jobs(since="2026-01-01T11:00:00Z", until="2026-01-03T12:00:00Z") == {
        "SUCCEEDED": 3,
        "FAILED": 1,
        "QUARANTINED": 1,
    }


def test_latencies_are_of_what_succeeded(ended: Api) -> None:
    items = ended.all("/v1/tenants/acme/statistics", grain="total", route="orders", **DAY)
    latency = items[0]["latency"]
    assert latency["count"] == 3
    assert latency["p50_seconds"] == pytest.approx(3, rel=0.05)
    assert latency["p99_seconds"] == pytest.approx(100, rel=0.05)
    assert ended.all("/v1/tenants/acme/statistics", grain="total", route="none", **DAY)[0]["latency"] is None


def test_the_platform_sees_every_tenant(ended: Api) -> None:
    items = ended.all("/v1/statistics", limit="1", **DAY)
    assert [(item["tenant"], sum(item["jobs"].values())) for item in items] == [("acme", 5), ("rival", 1)]
    assert called(ended, "[acme:tenant-admin]", "GET", "/v1/statistics").status == 403
    assert called(ended, "[acme:tenant-viewer]", "GET", "/v1/tenants/acme/statistics").status == 200
    assert called(ended, "[acme:tenant-viewer]", "GET", "/v1/tenants/rival/statistics").status == 403


def test_a_page_of_tenants_with_much_to_add_up_ends_in_time(ended: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    every = [item["tenant"] for item in ended.all("/v1/statistics", **DAY)]
    assert len(every) > 1
    monkeypatch.setattr("control_plane.status_service.statistics.ENOUGH_SECONDS", 0)
    page = ended.get("/v1/statistics", **DAY).value
    assert [item["tenant"] for item in page["items"]] == every[:1]
    assert [item["tenant"] for item in ended.all("/v1/statistics", **DAY)] == every


def test_the_last_day_is_the_default(ended: Api, acme: Api) -> None:
    assert ended.all("/v1/tenants/acme/statistics") == []
    assert ended.all("/v1/tenants/acme/statistics", until="2026-01-01T10:00:01Z", since="2026-01-01T10:00:00Z")
    record = job("jnow", status=JobStatus.RUNNING)
    store_job(record)
    services().jobs.close(record, JobStatus.FAILED)
    assert [item["jobs"] for item in ended.all("/v1/tenants/acme/statistics")] == [{"FAILED": 1}]
    assert ended.get("/v1/tenants/missing/statistics").status == 404


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-01-02", "until": "2026-01-01"},
        {"since": "2026-01-01", "until": "2026-02-02"},
        {"since": "2024-01-01", "until": "2026-01-01", "grain": "day"},
        {"since": "0001-01-01T00:00:00"},
        {"until": "0001-01-01T00:00:00"},
        {"until": "9999-12-31T23:59:59.999999", "since": "2026-01-01"},
        {"grain": "minute"},
        {"by": "user"},
        {"cursor": "x"},
    ],
)
def test_a_query_that_cannot_be_answered_is_a_bad_request(ended: Api, query: dict[str, str]) -> None:
    assert ended.get("/v1/tenants/acme/statistics", **query).status == 400


def test_a_cursor_is_of_its_listing(ended: Api) -> None:
    cursor = ended.get("/v1/tenants/acme/statistics", limit="1", **DAY).value["cursor"]
    assert cursor
    for query in ({"grain": "day"}, {"by": "tenant"}, {"route": "orders"}):
        assert ended.get("/v1/tenants/acme/statistics", cursor=cursor, **DAY, **query).status == 400
    assert ended.get("/v1/tenants/rival/statistics", cursor=cursor, **DAY).status == 400
