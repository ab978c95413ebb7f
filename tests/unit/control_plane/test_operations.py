"""What all operations share: callers and roles, rate limits, repeats, the audit log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from control_plane.config_service.service import api as config_api
from control_plane.status_service.service import api as status_api
from fileferry.api import Operation, Role
from fileferry.model.job import JobStatus
from fileferry.repositories.audit import AuditLog
from fileferry.services import services
from tests.unit.control_plane.world import S3, TENANT, Api, Reply, http_event, job, store_job

OPERATIONS: list[Operation] = [*config_api.operations, *status_api.operations]


def as_person(event: dict[str, Any], groups: str, subject: str = "person-1") -> dict[str, Any]:
    """The event as a JWT authorizer hands it on (HTTP API Developer Guide, payload format 2.0)."""
    claims = {"sub": subject, "username": "Pat", "token_use": "access", "cognito:groups": groups}
    context = {**event["requestContext"], "authorizer": {"jwt": {"claims": claims, "scopes": None}}}
    return {**event, "requestContext": context}


def called(api: Api, groups: str, method: str, path: str, body: Any = None, **rest: Any) -> Reply:
    return api.send(as_person(http_event(method, path, None if body is None else json.dumps(body), **rest), groups))


def test_a_request_without_an_identity_is_unauthorized(acme: Api) -> None:
    event = http_event("GET", "/v1/tenants/acme")
    reply = acme.send({**event, "requestContext": {**event["requestContext"], "authorizer": {}}})
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_an_iam_identity_that_is_not_named_may_do_nothing(acme: Api) -> None:
    event = http_event("GET", "/v1/tenants")
    event["requestContext"]["authorizer"]["iam"]["userArn"] = "arn:aws:sts::123456789012:assumed-role/Other/x"
    assert acme.send(event).status == 403


@pytest.mark.parametrize(
    ("groups", "read", "write", "write_tenant"),
    [
        ("[platform-admin]", 200, 201, 200),
        ("[acme:tenant-admin]", 200, 201, 403),
        ("[acme:tenant-operator]", 200, 403, 403),
        ("[acme:tenant-viewer other:tenant-admin]", 200, 403, 403),
        ("acme:tenant-admin", 200, 201, 403),
        ("[acme:tenant-viewer acme:tenant-admin]", 200, 201, 403),
        ("[other:tenant-admin]", 403, 403, 403),
        ("[acme:anyone]", 403, 403, 403),
        ("[acme:platform-admin]", 403, 403, 403),
        ("[platform-admins]", 403, 403, 403),
        ("", 403, 403, 403),
    ],
)
def test_roles_hold_in_their_tenant(acme: Api, groups: str, read: int, write: int, write_tenant: int) -> None:
    assert called(acme, groups, "GET", "/v1/tenants/acme").status == read
    assert called(acme, groups, "POST", "/v1/tenants/acme/destinations", {"id": "new", **S3}).status == write
    assert called(acme, groups, "PUT", "/v1/tenants/acme", TENANT).status == write_tenant


def test_a_caller_lists_the_tenants_in_which_it_has_a_role(acme: Api) -> None:
    acme.post("/v1/tenants", {"id": "other", **TENANT})

    def listed(groups: str) -> list[str]:
        return [tenant["id"] for tenant in called(acme, groups, "GET", "/v1/tenants").value["items"]]

    assert listed("[platform-admin]") == ["acme", "other"]
    assert listed("[other:tenant-viewer missing:tenant-viewer]") == ["other"]


def test_a_tenant_that_calls_too_often_is_asked_to_wait(acme: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    limited = services().settings.__class__(**{**vars(services().settings), "tenant_requests_per_second": 1})
    monkeypatch.setattr(services(), "settings", limited)
    monkeypatch.setattr("fileferry.api.rate_limits.time.time", lambda: 1_795_557_603.0)
    groups = "[acme:tenant-viewer other:tenant-viewer]"
    statuses = [called(acme, groups, "GET", "/v1/tenants/acme").status for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    refused = called(acme, groups, "GET", "/v1/tenants/acme/users")
    assert refused.headers["Retry-After"] == "8"
    assert called(acme, groups, "GET", "/v1/tenants/other").status == 404
    monkeypatch.setattr("fileferry.api.rate_limits.time.time", lambda: 1_795_557_611.0)
    assert called(acme, groups, "GET", "/v1/tenants/acme").status == 200


def test_a_post_with_the_same_key_is_performed_once(acme: Api) -> None:
    headers = {"idempotency-key": "k1"}
    body = {"id": "once", **S3}
    first = acme.call("POST", "/v1/tenants/acme/destinations", body, headers=headers)
    again = acme.call("POST", "/v1/tenants/acme/destinations", body, headers=headers)
    assert (first.status, again.status, again.value) == (201, 201, first.value)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = acme.call("POST", "/v1/tenants/acme/destinations", {**body, "description": "x"}, headers=headers)
    assert other.status == 422
    assert acme.call("POST", "/v1/tenants/acme/destinations", body).status == 409


def test_a_request_that_failed_may_be_repeated_with_its_key(acme: Api) -> None:
    headers = {"idempotency-key": "k2"}
    body = {"id": "orders2", "match": {"glob": "*"}, "deliver": {"destinations": ["late"]}}
    assert acme.call("POST", "/v1/tenants/acme/routes", body, headers=headers).status == 422
    acme.post("/v1/tenants/acme/destinations", {"id": "late", **S3})
    assert acme.call("POST", "/v1/tenants/acme/routes", body, headers=headers).status == 201


def test_another_callers_key_is_another_key(acme: Api) -> None:
    body, headers = {"id": "mine", **S3}, {"idempotency-key": "k3"}
    assert acme.call("POST", "/v1/tenants/acme/destinations", body, headers=headers).status == 201
    reply = called(acme, "[acme:tenant-admin]", "POST", "/v1/tenants/acme/destinations", body, headers=headers)
    assert reply.status == 409


def test_a_key_that_is_none_is_refused(acme: Api) -> None:
    reply = acme.call("POST", "/v1/tenants/acme/destinations", {"id": "x", **S3}, headers={"idempotency-key": "a b"})
    assert reply.status == 400


def test_the_audit_log_tells_who_did_what_with_which_end(acme: Api) -> None:
    called(acme, "[acme:tenant-admin]", "POST", "/v1/tenants/acme/destinations", {"id": "told", **S3})
    called(acme, "[acme:tenant-admin]", "POST", "/v1/tenants/acme/destinations", {"id": "told", **S3})
    called(acme, "[acme:tenant-viewer]", "GET", "/v1/tenants/acme/destinations")
    entries = acme.all("/v1/tenants/acme/audit", limit="2")
    found = [(e["operation"], e["status"], e["caller"], e["caller_name"], e["caller_kind"]) for e in entries[:2]]
    assert found == [("createDestination", s, "person-1", "Pat", "person") for s in (409, 201)]
    assert entries[1]["details"] == {"destination": "told"}
    assert [e["at"] for e in entries] == sorted((e["at"] for e in entries), reverse=True)
    assert len(entries) == 5
    assert acme.all("/v1/audit")[0]["operation"] == "createTenant"
    assert called(acme, "[acme:tenant-operator]", "GET", "/v1/tenants/acme/audit").status == 403
    assert acme.all("/v1/tenants/acme/audit", until=entries[1]["at"]) == entries[2:]
    assert acme.all("/v1/tenants/acme/audit", since=entries[1]["at"]) == entries[:2]


@pytest.mark.parametrize(("known", "answer"), [(False, 201), (True, 409)])
def test_what_was_done_is_answered_although_its_end_cannot_be_noted(
    acme: Api, monkeypatch: pytest.MonkeyPatch, known: bool, answer: int
) -> None:
    def refuse(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")

    monkeypatch.setattr(AuditLog, "end", refuse)
    tenant = "acme" if known else "globex"
    headers = {"idempotency-key": f"k-{tenant}"}
    for _ in range(2):
        assert acme.call("POST", "/v1/tenants", {"id": tenant, **TENANT}, headers=headers).status == answer


def test_no_two_operations_have_one_id_or_one_address() -> None:
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.pattern.pattern) for operation in OPERATIONS}) == len(OPERATIONS)


def test_an_operation_below_a_tenant_needs_a_role() -> None:
    with pytest.raises(ValueError, match="is no rule for"):
        Operation("x", "t", "GET", "/v1/tenants/{tenant}/x", "", "", Role.ANYONE)
    with pytest.raises(ValueError, match="is no rule for"):
        Operation("x", "t", "GET", "/v1/x", "", "", Role.VIEWER)


def test_a_job_of_another_tenant_is_not_told_from_one_that_is_none(status: Api) -> None:
    store_job(job("jrival", "rival"))
    groups = "[acme:tenant-operator]"
    foreign = called(status, groups, "GET", "/v1/tenants/acme/jobs/jrival")
    missing = called(status, groups, "GET", "/v1/tenants/acme/jobs/jmissing")
    assert (foreign.status, missing.status) == (404, 404)
    assert foreign.value["detail"].replace("jrival", "") == missing.value["detail"].replace("jmissing", "")


@pytest.mark.parametrize(
    ("reasons", "answer"),
    [
        (["None", "TransactionConflict"], 503),
        (["ThrottlingError", "None"], 503),
        (["None", "ValidationError"], 500),
        (["TransactionConflict", "ConditionalCheckFailed"], 500),
    ],
)
def test_a_transaction_that_others_are_in_the_way_of_may_be_tried_again(
    acme: Api, status: Api, monkeypatch: pytest.MonkeyPatch, reasons: list[str], answer: int
) -> None:
    store_job(job("j1", status=JobStatus.FAILED))
    cancelled: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }

    def refuse(*_: Any, **__: Any) -> None:
        raise ClientError(cancelled, "TransactWriteItems")

    monkeypatch.setattr("control_plane.status_service.actions.perform", refuse)
    reply = status.post("/v1/tenants/acme/jobs/j1/retry", {})
    assert (reply.status, reply.headers.get("Retry-After")) == (answer, "1" if answer == 503 else None)
