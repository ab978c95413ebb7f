"""status_service: what would become of a file, from what is configured and stored, without any side effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fileferry.clock import timestamp
from fileferry.model.job import JobStatus
from fileferry.repositories.creation import create_job
from fileferry.services import services
from tests.unit.control_plane.world import ROUTE, TENANT, Api, job

_READS = ("Get", "Head", "Query", "BatchGet", "Describe")


@pytest.fixture(autouse=True)
def _ingest(acme: Api) -> None:
    s3 = services().s3
    if "ingest" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket="ingest", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket="ingest", VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture
def writes() -> Iterator[list[tuple[str, Any]]]:
    """Every call of the services that is no reading, with its parameters."""
    found: list[tuple[str, Any]] = []

    def note(params: Any, model: Any, **_: Any) -> None:
        if not model.name.startswith(_READS):
            found.append((model.name, params))

    world = services()
    clients = (world.dynamodb, world.s3, world.sqs, world.sns, world.sfn)
    for client in clients:
        client.meta.events.register("provide-client-params.*.*", note)
    yield found
    for client in clients:
        client.meta.events.unregister("provide-client-params.*.*", note)


def explained(status: Api, **body: Any) -> Any:
    reply = status.post("/v1/tenants/acme/explain", {"user": "bob", "path": "a.csv", **body})
    assert reply.status == 200, reply
    return reply.value


def test_a_file_that_is_not_there_is_explained_by_its_path(status: Api) -> None:
    found = explained(status)
    assert found["file"] == {"tenant": "acme", "user": "bob", "path": "a.csv", "size": 1}
    assert (found["outcome"], found["route"]["id"], found["route"]["destinations"]) == ("job", "orders", ["bucket"])
    assert (found["executor"]["executor"], found["executor"]["facts"]["decided_by"]) == ("step_functions", "small")
    assert [note["topic"] for note in found["notes"]] == ["size"]
    assert explained(status, size=6 * 1024**3)["executor"]["executor"] == "worker"
    assert explained(status, path="/a.csv", size=5)["notes"] == []


def test_every_route_is_shown_in_its_order(acme: Api, status: Api) -> None:
    acme.post("/v1/tenants/acme/routes", {"id": "first", **ROUTE, "priority": 1, "match": {"glob": "*.txt"}})
    acme.post("/v1/tenants/acme/routes", {"id": "last", **ROUTE, "priority": 900})
    found = explained(status)["routes"]
    assert [(r["route"], r["matched"], r["taken"]) for r in found] == [
        ("first", False, False),
        ("orders", True, True),
        ("last", True, False),
    ]
    assert found[0]["reason"] == "path 'a.csv' does not match glob '*.txt'"


def test_a_real_object_is_taken_with_its_size_and_the_job_that_it_has_become(status: Api) -> None:
    key = "in/eu-central-1/00/acme/bob/real.csv"
    version = services().s3.put_object(Bucket="ingest", Key=key, Body=b"12345")["VersionId"]
    body = {"user": None, "path": None, "key": key}
    found = explained(status, **body)
    assert (found["file"]["size"], found["existing_job"], found["notes"]) == (5, None, [])
    record = job("jreal", status=JobStatus.RECEIVED)
    named = record.object.model_copy(update={"key": key, "version_id": version, "size": 5})
    assert create_job(services().dynamodb, services().settings, record.model_copy(update={"object": named}), {})
    assert explained(status, **body)["existing_job"] == {
        **{"job_id": "jreal", "status": "RECEIVED", "route": "orders", "revision": 1}
    }


def test_an_earlier_moment_has_the_routes_that_were_active_then(acme: Api, status: Api) -> None:
    before = timestamp()
    acme.put("/v1/tenants/acme/routes/orders", {**ROUTE, "match": {"glob": "*.txt"}})
    assert explained(status)["outcome"] == "quarantined"
    assert explained(status, at=before)["route"]["revision"] == 1
    assert explained(status, at="2020-01-01")["routes"] == []
    acme.post("/v1/tenants/acme/routes/orders/revisions", ROUTE)
    drafted = timestamp()
    assert explained(status, at=drafted)["outcome"] == "quarantined"
    assert acme.call("POST", "/v1/tenants/acme/routes/orders/revisions/1/activate").status == 200
    assert explained(status)["route"]["revision"] == 1
    assert explained(status, at=drafted)["outcome"] == "quarantined"


def test_an_ordered_route_tells_whom_the_file_waits_for(acme: Api, status: Api) -> None:
    acme.put("/v1/tenants/acme/routes/orders", {**ROUTE, "ordered": True})
    assert "nobody is before it" in explained(status, size=1)["notes"][0]["text"]
    create_job(services().dynamodb, services().settings, job("jahead", sequence="001"), {})
    assert "waits for job jahead" in explained(status, size=1)["notes"][0]["text"]


def test_large_files_are_decided_by_what_the_destinations_took_before(acme: Api, status: Api) -> None:
    size = 4 * 1024**3
    assert explained(status, size=size)["executor"]["facts"]["rates"]["bucket"]["source"] == "default"
    for _ in range(3):
        services().rates.record("acme", "bucket", 1_000_000, 1)
    found = explained(status, size=size)["executor"]
    assert (found["executor"], found["facts"]["rates"]["bucket"]["source"]) == ("worker", "learned")


def test_nothing_is_written_but_the_count_of_requests(acme: Api, status: Api, writes: list[tuple[str, Any]]) -> None:
    acme.put("/v1/tenants/acme/routes/orders", {**ROUTE, "ordered": True, "duplicates": "skip"})
    services().s3.put_object(Bucket="ingest", Key="in/eu-central-1/00/acme/bob/real.csv", Body=b"12345")
    writes.clear()
    for body in ({}, {"size": 4 * 1024**3}, {"path": "a.csv.sha256"}, {"path": "x.tmp"}, {"at": "2026-01-01"}):
        explained(status, **body)
    explained(status, user=None, path=None, key="in/eu-central-1/00/acme/bob/real.csv")
    assert len(writes) == 6
    for name, parameters in writes:
        assert (name, parameters["TableName"]) == ("UpdateItem", "keys")
        assert parameters["Key"]["pk"]["S"].startswith("API_RATE#")


@pytest.mark.parametrize(
    "key", ["in/eu-central-1/00/other/bob/a.csv", "somewhere/a.csv", "in/eu-central-1/00/acme", "archive/acme/x"]
)
def test_a_key_of_another_tenant_or_of_none_is_not_found(acme: Api, status: Api, key: str) -> None:
    acme.post("/v1/tenants", {"id": "other", **TENANT})
    assert status.post("/v1/tenants/acme/explain", {"key": key}).status == 404
    assert status.post("/v1/tenants/none/explain", {"user": "bob", "path": "a.csv"}).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": "bob"},
        {"path": "a.csv"},
        {"key": "in/eu-central-1/00/acme/bob/a.csv", "user": "bob", "path": "a.csv"},
        {"user": "bob", "path": "a.csv", "size": -1},
        {"user": "bob", "path": "a.csv", "at": "yesterday"},
        {"user": "b/../eve", "path": "a.csv"},
    ],
)
def test_a_request_that_names_no_one_file_is_refused(status: Api, body: dict[str, Any]) -> None:
    assert status.post("/v1/tenants/acme/explain", body).status == 422


def test_a_file_of_another_region_is_served_there(status: Api) -> None:
    found = explained(status, user=None, path=None, key="in/us-east-1/00/acme/bob/a.csv")
    assert (found["outcome"], found["routes"]) == ("ignored", [])
