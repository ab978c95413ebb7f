"""The wall between tenants, and the form of errors, for any request at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.control_plane.world import ED25519_OTHER, ROUTE, S3, TENANT, Api, http_event, job, store_job, store_run

SECRET_WORD = "belongs-to-rival"
_PARTS = ("v1", "schemas", "tenants", "acme", "rival", "users", "destinations", "routes", "revisions", "jobs")
_IDS = ("bob", "eve", "bucket", "orders", "1", "2", "jrival", "jacme", "route", "TENANT", "USER#eve", "..", "%2e%2e")
_WALKS = st.lists(st.sampled_from(_PARTS + _IDS), max_size=6)
_BELOW_ACME = st.lists(st.sampled_from(_PARTS[5:] + _IDS + ("rival", "..%2frival", "acme%23")), max_size=4)
_QUERIES = st.dictionaries(
    st.sampled_from(["limit", "cursor", "status", "route", "since", "until", "tenant"]),
    st.one_of(st.sampled_from(["1", "FAILED", "orders", "2026-01-01", "rival"]), st.text(max_size=30)),
    max_size=3,
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
_FIELDS = st.dictionaries(
    st.sampled_from(
        ["id", "name", "target", "match", "deliver", "transform", "public_keys", "confirm", "validation", "enabled"]
    ),
    _JSON,
    max_size=5,
)
_BODIES = st.one_of(
    st.none(), st.text(max_size=60), _JSON.map(json.dumps), _FIELDS.map(json.dumps), st.just(json.dumps(ROUTE))
)
_QUIETLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def both(acme: Api, status: Api) -> tuple[Api, Api]:
    """Both services over two tenants; every record of the second carries SECRET_WORD."""
    mark = {"description": SECRET_WORD}
    acme.post("/v1/tenants", {"id": "rival", **TENANT, **mark})
    acme.post("/v1/tenants/rival/users", {"id": "eve", "public_keys": [{"key": ED25519_OTHER}], **mark})
    acme.post("/v1/tenants/rival/destinations", {"id": "bucket", **S3, **mark})
    acme.post("/v1/tenants/rival/destinations", {"id": "second", **S3, **mark})
    acme.post("/v1/tenants/rival/routes", {"id": "orders", **ROUTE, **mark})
    for tenant, reason in (("acme", ""), ("rival", SECRET_WORD)):
        record = job(f"j{tenant}", tenant, reason=reason)
        store_job(record)
        store_run(record)
    assert SECRET_WORD in str(acme.get("/v1/tenants/rival/routes/orders").value)
    assert SECRET_WORD in str(status.get("/v1/tenants/rival/jobs/jrival").value)
    return acme, status


@_QUIETLY
@given(parts=_BELOW_ACME, query=_QUERIES)
def test_no_read_below_a_tenant_shows_anything_of_another(
    both: tuple[Api, Api], parts: list[str], query: dict[str, str]
) -> None:
    for api in both:
        reply = api.get("/".join(["/v1/tenants/acme", *parts]), **query)
        assert SECRET_WORD not in json.dumps(reply.value)


def test_a_cursor_of_one_tenant_opens_nothing_of_another(both: tuple[Api, Api]) -> None:
    config, _ = both
    cursor = config.get("/v1/tenants/rival/destinations", limit="1").value["cursor"]
    for kind in ("users", "destinations", "routes"):
        assert config.get(f"/v1/tenants/acme/{kind}", cursor=cursor).status == 400


@_QUIETLY
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "get", "OPTIONS"]),
    parts=_WALKS,
    query=_QUERIES,
    body=_BODIES,
    if_match=st.sampled_from([None, "*", '"x"', 'W/"x"', "x", ""]),
)
def test_whatever_is_asked_the_answer_is_json_and_an_error_is_a_problem_but_never_ours(
    both: tuple[Api, Api], method: str, parts: list[str], query: dict[str, str], body: str | None, if_match: Any
) -> None:
    headers = {} if if_match is None else {"If-Match": if_match}
    for api in both:
        reply = api.send(http_event(method, "/" + "/".join(parts), body, query, headers))
        assert reply.status < 500, reply
