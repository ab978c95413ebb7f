"""Expectations over the API, and what the watch makes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fileferry.clock import now, parse_time, timestamp
from fileferry.expectations.watch import Watch, watch
from fileferry.services import services
from tests.unit.control_plane.world import Api, job, store_job

EXPECTATIONS = "/v1/tenants/acme/expectations"
DAILY: dict[str, Any] = {
    "route": "orders",
    "schedule": {"kind": "daily", "at": "06:00"},
    "time_zone": "Europe/Berlin",
    "window_minutes": 120,
}


@pytest.fixture
def daily(acme: Api) -> Api:
    assert acme.post(EXPECTATIONS, {"id": "daily", **DAILY}).status == 201
    return acme


@pytest.fixture(autouse=True)
def _topics() -> None:
    for topic in ("events", "failure"):
        services().sns.create_topic(Name=topic)


def judge(after: timedelta) -> None:
    """The watch, some time after the next deadline."""
    deadline = parse_time(services().windows.due("eu-central-1", "2999").__next__().deadline)
    watch(Watch(services(), lambda: False, deadline + after))


def test_an_expectation_is_created_read_listed_and_changed(daily: Api) -> None:
    read = daily.get(f"{EXPECTATIONS}/daily")
    assert read.value["schedule"]["days"] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert parse_time(read.value["next_deadline"]) - now() < timedelta(days=1)
    assert (read.value["home_region"], read.value["min_count"]) == ("eu-central-1", 1)
    assert daily.all(EXPECTATIONS) == [read.value]
    changed = daily.put(f"{EXPECTATIONS}/daily", {**read.value, "min_count": 2}, read.headers["ETag"])
    assert (changed.status, changed.value["min_count"]) == (200, 2)
    assert daily.put(f"{EXPECTATIONS}/daily", DAILY, read.headers["ETag"]).status == 412
    disabled = daily.put(f"{EXPECTATIONS}/daily", {**DAILY, "enabled": False})
    assert disabled.value["next_deadline"] is None
    assert daily.post(EXPECTATIONS, {"id": "daily", **DAILY}).status == 409


def test_windows_are_pending_and_then_what_became_of_them(daily: Api) -> None:
    (pending,) = daily.all(f"{EXPECTATIONS}/daily/windows")
    assert pending["status"] == "PENDING"
    assert pending["deadline"] == daily.get(f"{EXPECTATIONS}/daily").value["next_deadline"]
    assert daily.all("/v1/tenants/acme/missed-windows") == []
    judge(timedelta(minutes=1))
    statuses = [window["status"] for window in daily.all(f"{EXPECTATIONS}/daily/windows", limit="1")]
    assert statuses == ["PENDING", "MISSING"]
    (missed,) = daily.all("/v1/tenants/acme/missed-windows")
    assert (missed["expectation"], missed["deadline"]) == ("daily", pending["deadline"])
    assert daily.get("/v1/tenants/acme/expectations/nobody/windows").status == 404


def test_a_tenant_has_so_many_expectations_at_most(acme: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fileferry.repositories.expectations.MOST", 2)
    statuses = [acme.post(EXPECTATIONS, {"id": f"e{number}", **DAILY}).status for number in range(3)]
    assert statuses == [201, 201, 409]


def test_a_file_in_time_meets_its_window(daily: Api) -> None:
    deadline = parse_time(daily.get(f"{EXPECTATIONS}/daily").value["next_deadline"])
    store_job(job("jtimely", created_at=timestamp(deadline - timedelta(minutes=5))))
    judge(timedelta(minutes=1))
    window = daily.all(f"{EXPECTATIONS}/daily/windows")[1]
    assert (window["status"], window["jobs"]) == ("MET", ["jtimely"])


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"route": "nobody"}, ["/route"]),
        ({"user": "nobody"}, ["/user"]),
        ({"glob": "{1..100000}"}, ["/glob"]),
        ({"time_zone": "Mars"}, ["/time_zone"]),
        ({"schedule": {"kind": "cron", "cron": "x"}}, ["/schedule/cron"]),
        ({"schedule": {"kind": "daily"}}, ["/schedule/at"]),
        ({"schedule": {}}, ["/schedule/kind"]),
        ({"route": None}, [""]),
        ({"window_minutes": 0, "min_count": 0}, ["/window_minutes", "/min_count"]),
    ],
)
def test_mistakes_are_told_at_their_places(acme: Api, fields: dict[str, Any], pointers: list[str]) -> None:
    refused = acme.post(EXPECTATIONS, {"id": "daily", **DAILY, **fields})
    assert (refused.status, refused.pointers) == (422, pointers)
    assert acme.all(EXPECTATIONS) == []
