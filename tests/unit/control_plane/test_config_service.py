"""config_service through real HTTP API events: records, entity tags, references, listings."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.unit.control_plane.world import (
    ED25519,
    ED25519_OTHER,
    REQUESTER,
    ROUTE,
    S3,
    SFTP,
    TENANT,
    USER,
    Api,
    http_event,
)


def test_each_kind_of_record_is_created_read_and_listed(acme: Api) -> None:
    for path, record in (
        ("/v1/tenants", "acme"),
        ("/v1/tenants/acme/users", "bob"),
        ("/v1/tenants/acme/destinations", "bucket"),
        ("/v1/tenants/acme/routes", "orders"),
    ):
        read = acme.get(f"{path}/{record}")
        assert read.status == 200
        assert read.value["id"] == record
        assert acme.all(path) == [read.value]


def test_creation_answers_with_location_and_the_entity_tag_that_a_read_gives(api: Api) -> None:
    reply = api.post("/v1/tenants", {"id": "acme", **TENANT})
    assert reply.status == 201
    assert reply.headers["Location"] == "/v1/tenants/acme"
    assert reply.headers["ETag"] == api.get("/v1/tenants/acme").headers["ETag"]


def test_a_user_shows_its_home_in_the_ingest_bucket(acme: Api) -> None:
    home = acme.get("/v1/tenants/acme/users/bob").value["home"]
    assert home["bucket"] == "ingest"
    assert home["prefix"].startswith("in/eu-central-1/")
    assert home["prefix"].endswith("/acme/bob/")


def test_a_user_name_with_an_at_sign_is_found_whether_the_gateway_decodes_the_path_or_not(acme: Api) -> None:
    assert acme.post("/v1/tenants/acme/users", {"id": "bob@acme.example", **USER}).status == 201
    assert acme.get("/v1/tenants/acme/users/bob@acme.example").status == 200
    assert acme.get("/v1/tenants/acme/users/bob%40acme.example").status == 200


def test_a_record_that_was_read_can_be_changed_and_sent_back_whole(acme: Api) -> None:
    for path in ("", "/users/bob", "/destinations/bucket", "/routes/orders"):
        address = f"/v1/tenants/acme{path}"
        read = acme.get(address)
        reply = acme.put(address, {**read.value, "description": "changed"}, read.headers["ETag"])
        assert reply.status == 200, reply
        assert acme.get(address).value["description"] == "changed"


def test_a_write_with_an_old_entity_tag_is_refused_and_changes_nothing(acme: Api) -> None:
    old = acme.get("/v1/tenants/acme").headers["ETag"]
    new = acme.put("/v1/tenants/acme", {"name": "First"}, old)
    assert new.headers["ETag"] != old
    assert acme.put("/v1/tenants/acme", {"name": "Second"}, old).status == 412
    assert acme.get("/v1/tenants/acme").value["name"] == "First"
    assert acme.put("/v1/tenants/acme", {"name": "Third"}, "*").status == 200


def test_an_if_match_that_is_no_entity_tag_is_a_bad_request(acme: Api) -> None:
    assert acme.put("/v1/tenants/acme", TENANT, "abc").status == 400
    assert acme.call("PUT", "/v1/tenants/acme", TENANT, headers={"if-match": ""}).status == 400


def test_what_exists_cannot_be_created_again(acme: Api) -> None:
    assert acme.post("/v1/tenants", {"id": "acme", **TENANT}).status == 409
    assert acme.post("/v1/tenants/acme/users", {"id": "bob", **USER}).status == 409
    assert acme.post("/v1/tenants/acme/destinations", {"id": "bucket", **S3}).status == 409
    assert acme.post("/v1/tenants/acme/routes", {"id": "orders", **ROUTE}).status == 409


def test_a_login_is_unique_over_all_tenants(acme: Api) -> None:
    acme.post("/v1/tenants", {"id": "other", **TENANT})
    reply = acme.post("/v1/tenants/other/users", {"id": "bob", **USER})
    assert reply.status == 409
    assert "unique over all tenants" in reply.value["detail"]
    assert acme.get("/v1/tenants/other/users/bob").status == 404


def test_a_replaced_route_is_a_new_revision_and_the_old_one_stays_readable(acme: Api) -> None:
    reply = acme.put("/v1/tenants/acme/routes/orders", {**ROUTE, "priority": 5})
    assert (reply.status, reply.value["revision"]) == (200, 2)
    assert reply.value["created_by"] == REQUESTER
    revisions = acme.all("/v1/tenants/acme/routes/orders/revisions", limit="1")
    assert [revision["revision"] for revision in revisions] == [2, 1]
    assert acme.get("/v1/tenants/acme/routes/orders/revisions/1").value["priority"] == 100
    assert acme.get("/v1/tenants/acme/routes/orders/revisions/3").status == 404
    assert acme.get("/v1/tenants/acme/routes/orders/revisions/x").status == 404


def test_a_route_sent_again_unchanged_makes_no_revision(acme: Api) -> None:
    assert acme.put("/v1/tenants/acme/routes/orders", ROUTE).value["revision"] == 1


def test_a_route_names_only_destinations_and_users_that_exist(acme: Api) -> None:
    reply = acme.post(
        "/v1/tenants/acme/routes",
        {
            "id": "bad",
            "match": {"glob": "*"},
            "deliver": {"destinations": ["bucket", "nowhere"]},
            "confirm": {"mode": "acknowledgement", "user": "nobody"},
        },
    )
    assert reply.status == 422
    assert reply.pointers == ["/deliver/destinations/1", "/confirm/user"]
    assert acme.get("/v1/tenants/acme/routes/bad").status == 404


def test_a_destination_of_another_tenant_does_not_exist_for_a_route(acme: Api) -> None:
    acme.post("/v1/tenants", {"id": "other", **TENANT})
    reply = acme.post("/v1/tenants/other/routes", {"id": "orders", **ROUTE})
    assert (reply.status, reply.pointers) == (422, ["/deliver/destinations/0"])


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"match": {"glob": "*", "regex": ".*"}}, ["/match"]),
        ({"match": {"regex": "("}}, ["/match/regex"]),
        ({"unknown": 1}, ["/unknown"]),
        ({"deliver": {}}, ["/deliver/destinations"]),
        ({"transform": [{"op": "pack", "format": "rar"}]}, ["/transform/0/format"]),
        ({"transform": [{"op": "rename"}]}, ["/transform/0/to"]),
        ({"transform": [{"op": "shred"}]}, ["/transform/0/op"]),
        ({"transform": [{}]}, ["/transform/0/op"]),
        ({"transform": [{"op": "sign", "sign": 1, "key_secret": "fileferry/acme/k"}]}, ["/transform/0/sign"]),
        ({"transform": [{"op": "sign", "key_secret": "fileferry/other/k"}]}, ["/transform/0/key_secret"]),
        ({"transform": [{"op": "charset", "source": "utf-9"}]}, ["/transform/0/source"]),
        ({"validation": {"name": "["}}, ["/validation/name"]),
        ({"validation": {"csv": {"columns": [{"name": "a", "pattern": "("}]}}}, ["/validation/csv/columns/0/pattern"]),
        ({"validation": {"json": {"schema": {"type": "nothing"}}}}, ["/validation/json/schema"]),
        ({"archive": {"tags": {"a/b": 7}}}, ["/archive/tags/a~1b"]),
        ({"archive": {"tags": {"a~b": "x"}}}, ["/archive/tags/a~0b"]),
    ],
)
def test_a_mistake_in_a_route_is_reported_at_its_place(acme: Api, change: dict[str, Any], pointers: list[str]) -> None:
    reply = acme.put("/v1/tenants/acme/routes/orders", {**ROUTE, **change})
    assert reply.status == 422
    assert reply.pointers == pointers
    assert all(error["detail"] for error in reply.value["errors"])


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"public_keys": [{"key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"}]}, ["/public_keys/0/key"]),
        ({"public_keys": [{"key": ED25519}, {"key": ED25519 + " again"}]}, ["/public_keys/1/key"]),
        ({"public_keys": [{"key": ED25519, "expires_at": "soon"}]}, ["/public_keys/0/expires_at"]),
        (
            {"public_keys": [{"key": ED25519, "not_before": "2026-02-01", "expires_at": "2026-01-01"}]},
            ["/public_keys/0/expires_at"],
        ),
        ({"allowed_networks": ["10.0.0.0/8", "10.0.0.1/8", "lan"]}, ["/allowed_networks/1", "/allowed_networks/2"]),
    ],
)
def test_a_mistake_in_a_user_is_reported_at_its_place(acme: Api, change: dict[str, Any], pointers: list[str]) -> None:
    reply = acme.put("/v1/tenants/acme/users/bob", {**USER, **change})
    assert (reply.status, reply.pointers) == (422, pointers)


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"host_keys": ["partner.example " + ED25519]}, ["/target/host_keys/0"]),
        ({"secret": "fileferry/other/partner"}, ["/target/secret"]),
        ({"secret": "elsewhere"}, ["/target/secret"]),
        ({"kind": "ftp"}, ["/target/kind"]),
        ({"port": 0}, ["/target/port"]),
    ],
)
def test_a_mistake_in_a_destination_is_reported_at_its_place(
    acme: Api, change: dict[str, Any], pointers: list[str]
) -> None:
    body = {"id": "partner", "target": {**SFTP["target"], **change}}
    reply = acme.post("/v1/tenants/acme/destinations", body)
    assert (reply.status, reply.pointers) == (422, pointers)
    assert acme.post("/v1/tenants/acme/destinations", {"id": "partner", **SFTP}).status == 201


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "https://api.partner.example:99999/in"}, "/target/url"),
        ({"url": "https://api.partner.example:x/in"}, "/target/url"),
        ({"ca_certificate": "no certificate"}, "/target/ca_certificate"),
        ({"ca_certificate": "ü"}, "/target/ca_certificate"),
    ],
)
@pytest.mark.parametrize("kind", ["destinations", "subscriptions"])
def test_an_endpoint_that_can_never_be_reached_is_refused(
    acme: Api, kind: str, change: dict[str, str], pointer: str
) -> None:
    target = {"kind": "https", "url": "https://api.partner.example/in", **change}
    reply = acme.post(f"/v1/tenants/acme/{kind}", {"id": "api", "target": target})
    assert (reply.status, reply.pointers) == (422, [pointer])


def test_all_mistakes_of_a_body_come_at_once_with_its_id_among_them(api: Api) -> None:
    reply = api.post("/v1/tenants", {"id": "Not An Id", "name": "", "colour": "red"})
    assert (reply.status, set(reply.pointers)) == (422, {"/id", "/name", "/colour"})
    assert api.post("/v1/tenants", TENANT).pointers == ["/id"]


def test_an_id_in_a_replacement_must_be_that_of_the_address(acme: Api) -> None:
    assert acme.put("/v1/tenants/acme", {"id": "other", **TENANT}).pointers == ["/id"]


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "{",
        "[]",
        '"text"',
        '{"id": "a", "id": "b"}',
        '{"name": NaN}',
        '{"name": 1e999}',
        '{"name": "\\ud800"}',
        "[" * 100_000,
    ],
)
def test_what_is_not_a_json_object_is_a_bad_request(api: Api, body: str | None) -> None:
    assert api.send(http_event("POST", "/v1/tenants", body)).status == 400


def test_a_body_in_base64_is_read(api: Api) -> None:
    event = http_event("POST", "/v1/tenants", "eyJpZCI6ICJhY21lIiwgIm5hbWUiOiAiQWNtZSJ9")
    assert api.send({**event, "isBase64Encoded": True}).status == 201
    assert api.send({**event, "body": "/w==", "isBase64Encoded": True}).status == 400


def test_what_is_too_large_to_read_or_to_store_is_refused(acme: Api) -> None:
    assert acme.post("/v1/tenants", {"id": "big", "name": "x" * 600_000}).status == 413
    schema = {"description": "x" * 400_000}
    reply = acme.put("/v1/tenants/acme/routes/orders", {**ROUTE, "validation": {"json": {"schema": schema}}})
    assert reply.status == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/tenants/none"),
        ("GET", "/v1/tenants/none/users"),
        ("GET", "/v1/tenants/acme/users/none"),
        ("GET", "/v1/tenants/acme/users/" + "x" * 3000),
        ("GET", "/v1/tenants/acme/routes/orders%2300001/revisions"),
        ("GET", "/v1/tenants/acme%23/routes"),
        ("GET", "/v1/schemas/none"),
        ("GET", "/nothing"),
    ],
)
def test_what_is_not_there_is_not_found(acme: Api, method: str, path: str) -> None:
    assert acme.call(method, path, {}).status == 404


def test_nothing_is_written_below_a_tenant_that_does_not_exist(api: Api) -> None:
    assert api.put("/v1/tenants/none", TENANT).status == 404
    assert api.post("/v1/tenants/none/users", {"id": "bob", **USER}).status == 404
    assert api.post("/v1/tenants/none/destinations", {"id": "bucket", **S3}).status == 404
    assert api.post("/v1/tenants/none/routes", {"id": "orders", **ROUTE}).status == 404


def test_an_address_says_which_methods_it_takes(acme: Api) -> None:
    reply = acme.call("DELETE", "/v1/tenants/acme")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, PUT")


def test_listings_come_in_pages_without_gap_or_repeat(acme: Api) -> None:
    names = sorted(f"d{number:02d}" for number in range(7))
    for name in names:
        acme.post("/v1/tenants/acme/destinations", {"id": name, **S3})
    for limit in ("1", "3", "8", "200"):
        found = acme.all("/v1/tenants/acme/destinations", limit=limit)
        assert [item["id"] for item in found] == ["bucket", *names]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"limit": "201"}, {"cursor": "x"}, {"page": "2"}])
def test_a_query_that_cannot_be_understood_is_a_bad_request(acme: Api, query: dict[str, str]) -> None:
    assert acme.get("/v1/tenants/acme/users", **query).status == 400


def test_a_cursor_leads_into_its_own_listing_only(acme: Api) -> None:
    acme.post("/v1/tenants/acme/users", {"id": "eve", "public_keys": [{"key": ED25519_OTHER}]})
    acme.post("/v1/tenants", {"id": "other", **TENANT})
    cursor = acme.get("/v1/tenants/acme/users", limit="1").value["cursor"]
    assert acme.get("/v1/tenants/acme/users", cursor=cursor).status == 200
    assert acme.get("/v1/tenants/other/users", cursor=cursor).status == 400
    assert acme.get("/v1/tenants/acme/routes", cursor=cursor).status == 400


def test_the_schemas_take_what_the_api_takes(acme: Api) -> None:
    samples = {"tenant": TENANT, "user": USER, "route": ROUTE, "destination": SFTP}
    for name, sample in samples.items():
        schema = acme.get(f"/v1/schemas/{name}").value
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate({"id": "some-id", **sample}, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**sample, "unknown": 1}, schema)


def test_an_error_of_ours_is_a_problem_without_its_inside(acme: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from fileferry.repositories.config_writes import ConfigWriter

    def broken(*_: Any) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(ConfigWriter, "tenant", broken)
    reply = acme.get("/v1/tenants/acme")
    assert reply.status == 500
    assert "inside" not in json.dumps(reply.value)
    assert reply.value["request_id"] == "request-1"
