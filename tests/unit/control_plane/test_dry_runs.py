"""Dry runs: what a route would do with files that came before."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.model.job import JobStatus, ObjectVersion
from fileferry.services import services
from tests.unit.control_plane.world import ROUTE, S3, TENANT, Api, job, store_job

ORDERS = "/v1/tenants/acme/routes/orders"
CSV, XML = "orders/a.csv", "orders/b.xml"


def arrived(name: str, path: str, size: int = 10, tenant: str = "acme", **fields: Any) -> None:
    key = f"in/eu-central-1/00/{tenant}/bob/{path}"
    version = ObjectVersion(bucket="ingest", key=key, version_id="v", size=size)
    store_job(job(name, tenant, object=version, filename=path.rsplit("/", 1)[-1], **fields))


def tried(api: Api, **body: Any) -> dict[str, Any]:
    reply = api.post(f"{ORDERS}/dry-run", body)
    assert reply.status == 200, reply
    value: dict[str, Any] = reply.value
    return value


def by_job(value: dict[str, Any]) -> dict[str, Any]:
    return {file["job_id"]: file for file in value["files"]}


@pytest.fixture
def past(acme: Api) -> Api:
    """A file that the route took, and one that none took."""
    acme.put(ORDERS, {**ROUTE, "match": {"glob": "orders/*.csv"}})
    arrived("jcsv", CSV, route="orders", revision=1, created_at="2026-01-02T00:00:00.000000Z")
    arrived(
        "jxml",
        XML,
        route="",
        revision=0,
        status=JobStatus.QUARANTINED,
        created_at="2026-01-01T00:00:00.000000Z",
    )
    return acme


def test_the_active_revision_is_tried_on_past_files(past: Api) -> None:
    value = tried(past)
    assert (value["revision"], value["matched"], value["changed"], value["more"]) == (2, 1, 0, False)
    csv, xml = value["files"]
    assert (csv["job_id"], csv["path"], csv["matches"], csv["reason"]) == ("jcsv", CSV, True, None)
    assert csv["takes_now"] == csv["taken_by"] == {"route": "orders", "revision": 2}
    assert csv["executor"] == "step_functions"
    assert "few for any destination" in csv["executor_reason"]
    assert (xml["matches"], xml["taken_by"], xml["executor"]) == (False, None, None)
    assert xml["reason"] == f"path '{XML}' does not match glob 'orders/*.csv'"
    assert (xml["job_status"], xml["job_route"]) == ("QUARANTINED", "")


def test_a_draft_tells_what_would_change(past: Api) -> None:
    past.post(f"{ORDERS}/revisions", {**ROUTE, "match": {"glob": "orders/*.xml"}})
    value = tried(past, revision=3)
    files = by_job(value)
    assert (value["matched"], value["changed"]) == (1, 2)
    assert files["jxml"]["taken_by"] == {"route": "orders", "revision": 3}
    assert files["jxml"]["takes_now"] is None
    assert files["jcsv"]["taken_by"] is None
    assert files["jcsv"]["takes_now"] == {"route": "orders", "revision": 2}


def test_another_route_that_comes_first_is_named(past: Api) -> None:
    past.post("/v1/tenants/acme/routes", {"id": "first", **ROUTE, "priority": 1, "match": {"glob": "orders/b*"}})
    spec = {**ROUTE, "match": {"glob": "**"}}
    files = by_job(tried(past, spec=spec))
    assert files["jxml"]["matches"] is True
    assert files["jxml"]["taken_by"] == files["jxml"]["takes_now"] == {"route": "first", "revision": 1}
    assert files["jcsv"]["taken_by"] == {"route": "orders", "revision": None}


def test_a_route_that_does_not_exist_yet_is_tried(past: Api) -> None:
    reply = past.post("/v1/tenants/acme/routes/new/dry-run", {"spec": {**ROUTE, "match": {"glob": "**/*.xml"}}})
    assert by_job(reply.value)["jxml"]["taken_by"] == {"route": "new", "revision": None}
    assert past.get("/v1/tenants/acme/routes/new").status == 404


def test_name_and_size_are_checked_and_what_needs_content_is_named(past: Api) -> None:
    arrived("jbig", "orders/big.csv", size=2000)
    spec = {
        **ROUTE,
        "match": {"glob": "**"},
        "validation": {"name": "[a-z]{1}\\.csv", "max_size": 1000, "types": ["text/csv"], "checksum": "none"},
    }
    value = tried(past, spec=spec, job_ids=["jcsv", "jbig"])
    files = by_job(value)
    assert [check["ok"] for check in files["jcsv"]["checks"]] == [True, True]
    assert [(check["check"], check["ok"]) for check in files["jbig"]["checks"]] == [("size", False), ("name", False)]
    assert "at most 1000" in files["jbig"]["checks"][0]["detail"]
    assert value["unchecked"] == ["type"]


def test_a_large_file_goes_to_the_worker(past: Api) -> None:
    arrived("jhuge", "orders/huge.csv", size=6 * 1024**3)
    assert by_job(tried(past, job_ids=["jhuge"]))["jhuge"]["executor"] == "worker"


def test_jobs_are_found_by_filter_newest_first_and_bounded(past: Api) -> None:
    assert [file["job_id"] for file in tried(past, filter={"status": "QUARANTINED"})["files"]] == ["jxml"]
    assert [file["job_id"] for file in tried(past, filter={"route": "orders"})["files"]] == ["jcsv"]
    assert [file["job_id"] for file in tried(past, filter={"until": "2026-01-02"})["files"]] == ["jxml"]
    bounded = tried(past, limit=1)
    assert ([file["job_id"] for file in bounded["files"]], bounded["more"]) == (["jcsv"], True)


def test_a_job_of_another_tenant_is_missing_like_one_that_never_was(past: Api) -> None:
    past.post("/v1/tenants", {"id": "rival", **TENANT})
    arrived("jrival", "secret.csv", tenant="rival")
    value = tried(past, job_ids=["jrival", "jnone", "jcsv"])
    assert value["missing"] == ["jrival", "jnone"]
    assert [file["job_id"] for file in value["files"]] == ["jcsv"]


def test_nothing_is_changed(past: Api) -> None:
    def everything() -> dict[str, Any]:
        tables = ("config", "jobs", "runs")
        return {table: services().dynamodb.scan(TableName=table)["Items"] for table in tables}

    before, audited = everything(), past.all("/v1/tenants/acme/audit")
    tried(past, spec={**ROUTE, "match": {"glob": "**"}})
    assert everything() == before
    assert past.all("/v1/tenants/acme/audit") == audited


@pytest.mark.parametrize(
    ("body", "status", "pointers"),
    [
        ({"revision": 1, "spec": ROUTE}, 422, ["/spec"]),
        ({"spec": {**ROUTE, "deliver": {"destinations": ["none"]}}}, 422, ["/spec/deliver/destinations/0"]),
        ({"spec": {**ROUTE, "match": {"glob": "{1..100000}"}}}, 422, ["/spec/match/glob"]),
        ({"spec": {**ROUTE, "match": {"glob": "*", "min_size": 2, "max_size": 1}}}, 422, ["/spec/match/max_size"]),
        ({"spec": {**ROUTE, "priority": -1}}, 422, ["/spec/priority"]),
        ({"job_ids": ["NO ID"]}, 422, ["/job_ids/0"]),
        ({"job_ids": ["j"] * 101}, 422, ["/job_ids"]),
        ({"filter": {"status": "LOST"}}, 422, ["/filter/status"]),
        ({"filter": {"since": "soon"}}, 422, ["/filter/since"]),
        ({"filter": {"since": "2026-02-01", "until": "2026-01-01"}}, 422, ["/filter"]),
        ({"limit": 101}, 422, ["/limit"]),
        ({"revision": 9}, 404, None),
    ],
)
def test_a_request_that_cannot_be_tried_is_refused(
    past: Api, body: dict[str, Any], status: int, pointers: list[str] | None
) -> None:
    reply = past.post(f"{ORDERS}/dry-run", body)
    assert reply.status == status
    if pointers:
        assert reply.pointers == pointers


def test_routes_and_destinations_of_the_tenant_only_are_looked_at(past: Api) -> None:
    past.post("/v1/tenants", {"id": "rival", **TENANT})
    past.post("/v1/tenants/rival/destinations", {"id": "bucket", **S3})
    past.post("/v1/tenants/rival/routes", {"id": "greedy", **ROUTE, "priority": 0, "match": {"glob": "**"}})
    assert {file["taken_by"] and file["taken_by"]["route"] for file in tried(past)["files"]} == {"orders", None}
    assert past.post("/v1/tenants/none/routes/orders/dry-run", {"spec": ROUTE}).status == 404
