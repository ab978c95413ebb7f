"""Machine clients through the API: a tenant's own, and never another's."""

from __future__ import annotations

from typing import Any

from tests.unit.control_plane.test_operations import called
from tests.unit.control_plane.world import TENANT, Api, http_event

ROLE = "arn:aws:iam::123456789012:role/path/erp"
ERP = {"principal": ROLE, "role": "tenant-operator", "description": "orders"}
SESSION = "arn:aws:sts::123456789012:assumed-role/erp/session"
CLIENTS = "/v1/tenants/acme/clients"


def as_session(method: str, path: str, arn: str = SESSION) -> dict[str, Any]:
    event = http_event(method, path)
    event["requestContext"]["authorizer"]["iam"]["userArn"] = arn
    return event


def test_a_machine_may_call_as_soon_as_it_is_written(acme: Api) -> None:
    assert acme.send(as_session("GET", "/v1/tenants/acme/users")).status == 403

    made = called(acme, "[acme:tenant-admin]", "POST", CLIENTS, {"id": "erp", **ERP})

    assert (made.status, made.headers["Location"]) == (201, f"{CLIENTS}/erp")
    assert made.value["principal"] == "arn:aws:iam::123456789012:role/erp"
    assert acme.send(as_session("GET", "/v1/tenants/acme/users")).status == 200
    assert acme.send(as_session("GET", CLIENTS)).status == 403
    assert [client["id"] for client in called(acme, "[acme:tenant-admin]", "GET", CLIENTS).value["items"]] == ["erp"]


def test_a_client_is_replaced_and_keeps_its_principal(acme: Api) -> None:
    acme.post(CLIENTS, {"id": "erp", **ERP})
    read = acme.call("GET", f"{CLIENTS}/erp")

    replaced = acme.call("PUT", f"{CLIENTS}/erp", {**ERP, "enabled": False}, headers={"if-match": read.headers["ETag"]})
    moved = acme.call("PUT", f"{CLIENTS}/erp", {**ERP, "principal": "another"})

    assert (replaced.status, replaced.value["enabled"]) == (200, False)
    assert moved.status == 409


def test_a_principal_of_another_tenant_cannot_be_taken(acme: Api) -> None:
    acme.post("/v1/tenants", {"id": "globex", **TENANT})
    acme.post(CLIENTS, {"id": "erp", **ERP})

    refused = called(acme, "[globex:tenant-admin]", "POST", "/v1/tenants/globex/clients", {"id": "mine", **ERP})

    assert refused.status == 409
    assert "acme" not in refused.value["detail"]
    assert called(acme, "[globex:tenant-admin]", "GET", "/v1/tenants/globex/clients").value["items"] == []
    assert called(acme, "[globex:tenant-admin]", "GET", f"{CLIENTS}/erp").status == 403


def test_what_is_no_principal_is_told_with_its_place(acme: Api) -> None:
    refused = acme.call("POST", CLIENTS, {"id": "erp", "principal": "arn:aws:iam::123456789012:role/*"})

    assert (refused.status, refused.pointers) == (422, ["/principal"])
