"""Key rings over the API: what goes in, what comes out, and what never does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from fileferry.clock import now, timestamp
from fileferry.openpgp import generate_key, read_certificate
from fileferry.services import services
from tests.unit.control_plane.world import ROUTE, Api

RINGS = "/v1/tenants/acme/key-rings"
KEYS = f"{RINGS}/bank/keys"


@pytest.fixture(scope="module")
def partner() -> str:
    return generate_key("Bank <bank@example.org>", 400)[1].certificate


@pytest.fixture
def ring(acme: Api) -> Api:
    assert acme.post(RINGS, {"id": "bank", "description": "The bank"}).status == 201
    return acme


def secret_of(fingerprint: str) -> dict[str, str]:
    name = f"fileferry/acme/key-rings/bank/{fingerprint}"
    return dict(json.loads(services().secrets.text(name)))


def test_a_ring_is_created_read_listed_and_changed(ring: Api) -> None:
    read = ring.get(f"{RINGS}/bank")
    assert read.value["keys"] == read.value["warnings"] == []
    assert ring.all(RINGS) == [read.value]
    changed = ring.put(f"{RINGS}/bank", {**read.value, "description": "Bank AG"}, read.headers["ETag"])
    assert (changed.status, changed.value["description"]) == (200, "Bank AG")
    assert ring.put(f"{RINGS}/bank", {"description": "x"}, read.headers["ETag"]).status == 412
    assert ring.post(RINGS, {"id": "bank"}).status == 409
    assert ring.get(f"{RINGS}/nobody").status == 404
    assert ring.post("/v1/tenants/nobody/key-rings", {"id": "bank"}).status == 404


def test_a_partners_certificate_is_added_and_becomes_the_one_to_encrypt_to(ring: Api, partner: str) -> None:
    added = ring.post(KEYS, {"certificate": partner, "label": "2026"})
    assert added.status == 201
    (key,) = added.value["keys"]
    facts = read_certificate(partner)
    assert (key["fingerprint"], key["owner"], key["state"]) == (facts.fingerprint, "partner", "valid")
    assert key["user_ids"] == ["Bank <bank@example.org>"]
    assert (key["uses"], key["primary_for"]) == (["verify", "encrypt"], ["encrypt"])
    assert (key["expires_at"], key["created_at"], key["label"]) == (facts.expires_at, facts.created_at, "2026")
    again = ring.post(KEYS, {"certificate": partner, "label": "renewed"})
    assert [key["label"] for key in again.value["keys"]] == ["renewed"]


def test_a_private_key_goes_to_secrets_manager_and_never_comes_back(ring: Api) -> None:
    private, facts = generate_key("Acme", 400)
    added = ring.post(KEYS, {"private_key": {"key": private}})
    assert added.status == 201
    assert added.value["keys"][0]["certificate"] == facts.certificate
    assert secret_of(facts.fingerprint) == {"key": private}
    answers = [added, ring.get(f"{RINGS}/bank"), ring.get(RINGS), ring.get("/v1/tenants/acme/audit")]
    for answer in answers:
        assert "PRIVATE" not in json.dumps(answer.value)
        assert "secret" not in json.dumps(answer.value)


def test_a_generated_key_exists_as_a_secret_only(ring: Api) -> None:
    added = ring.post(KEYS, {"generate": {"user_id": "Acme <a@acme.example>", "valid_days": 90}})
    (key,) = added.value["keys"]
    assert (key["owner"], key["uses"], key["primary_for"]) == ("own", ["decrypt", "sign"], ["sign"])
    assert "PRIVATE KEY BLOCK" in secret_of(key["fingerprint"])["key"]
    assert "PRIVATE" not in json.dumps(added.value)


def test_keys_rotate_with_an_overlap(ring: Api) -> None:
    old = ring.post(KEYS, {"generate": {"user_id": "old"}}).value["keys"][0]["fingerprint"]
    tomorrow = timestamp(now() + timedelta(days=1))
    both = ring.post(KEYS, {"generate": {"user_id": "new"}, "not_before": tomorrow}).value["keys"]
    assert [(key["state"], key["primary_for"]) for key in both] == [("valid", ["sign"]), ("pending", [])]
    later = ring.post(f"{KEYS}/{old}/retire", {"at": tomorrow})
    assert later.value["keys"][0]["state"] == "valid"
    assert later.value["keys"][0]["retired_at"] == tomorrow
    retired = ring.post(f"{KEYS}/{old}/retire", {})
    assert retired.value["keys"][0]["state"] == "retired"
    assert ring.post(f"{KEYS}/{'a' * 40}/retire", {}).status == 404


def test_the_public_part_of_an_own_key_does_not_take_the_private_ones_place(ring: Api) -> None:
    (own,) = ring.post(KEYS, {"generate": {"user_id": "Acme <files@acme.example>"}}).value["keys"]
    refused = ring.post(KEYS, {"certificate": own["certificate"]})
    assert (refused.status, "private key" in refused.value["detail"]) == (409, True)
    assert ring.get(f"{RINGS}/bank").value["keys"] == [own]


def test_a_key_that_expires_soon_is_warned_of(ring: Api) -> None:
    added = ring.post(KEYS, {"generate": {"user_id": "short", "valid_days": 20}}).value
    (warning,) = added["warnings"]
    assert warning["fingerprint"] == added["keys"][0]["fingerprint"]
    assert "expires in 19 days" in warning["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"certificate": "x", "generate": {"user_id": "y"}}, ""),
        ({"certificate": "x"}, "/certificate"),
        ({"private_key": {"key": "s3cret", "passphrase": "s3cret"}}, "/private_key/key"),
        ({"private_key": {}}, "/private_key/key"),
        ({"generate": {"user_id": ""}}, "/generate/user_id"),
        ({"generate": {"user_id": "x"}, "not_before": "soon"}, "/not_before"),
    ],
)
def test_what_is_no_key_is_refused_at_its_place(ring: Api, body: dict[str, Any], pointer: str) -> None:
    refused = ring.post(KEYS, body)
    assert (refused.status, refused.pointers) == (422, [pointer])
    assert "s3cret" not in json.dumps(refused.value)
    assert ring.get(f"{RINGS}/bank").value["keys"] == []


def test_a_route_names_a_ring_that_exists(ring: Api) -> None:
    route = {"id": "sealed", **ROUTE, "transform": [{"op": "decrypt", "key_ring": "bank", "signed": True}]}
    assert ring.post("/v1/tenants/acme/routes", route).status == 201
    route["transform"] = [{"op": "pack", "format": "gzip"}, {"op": "sign", "key_ring": "nobody"}]
    refused = ring.post("/v1/tenants/acme/routes", {**route, "id": "other"})
    assert (refused.status, refused.pointers) == (422, ["/transform/1/key_ring"])
    route["transform"] = [{"op": "sign"}]
    refused = ring.post("/v1/tenants/acme/routes", {**route, "id": "other"})
    assert (refused.status, refused.pointers) == (422, ["/transform/0"])
