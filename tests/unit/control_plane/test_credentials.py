"""Credentials of destinations: stored, rotated, told of, and never shown."""

from __future__ import annotations

import json
from typing import Any

import asyncssh
import pytest

from fileferry.destinations.credentials import credentials_of
from fileferry.model.destination import Destination
from fileferry.services import services
from tests.unit.control_plane.world import ED25519, REQUESTER, SFTP, Api, Reply

PASSWORD, PASSPHRASE, TOKEN = "s3cret-Passw0rd", "open-sesame-1", "t0ken-0123456789"
PARTNER = "/v1/tenants/acme/destinations/partner"
CREDENTIAL = f"{PARTNER}/credential"
HTTPS = {"kind": "https", "url": "https://api.partner.example/in"}


@pytest.fixture
def partner(acme: Api) -> Api:
    """With an SFTP destination whose credential the API is to keep."""
    target = {name: value for name, value in SFTP["target"].items() if name != "secret"}
    assert acme.post("/v1/tenants/acme/destinations", {"id": "partner", "target": target}).status == 201
    return acme


def stored(api: Api) -> list[dict[str, str]]:
    """What delivery would try to log in with, in this order; the first comes once more at last, which is left out."""
    record = Destination.model_validate(api.get(PARTNER).value)
    tried = [dict(fields) for fields in credentials_of(services().secrets, record).each()]
    return [fields for place, fields in enumerate(tried) if fields not in tried[:place]]


def put(api: Api, **fields: Any) -> Reply:
    reply = api.put(CREDENTIAL, fields)
    for secret in (PASSWORD, PASSPHRASE, TOKEN, "PRIVATE KEY"):
        assert secret not in json.dumps(reply.value)
    return reply


def private_key(passphrase: str | None = None) -> tuple[str, asyncssh.SSHKey]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    return key.export_private_key(passphrase=passphrase).decode(), key


def test_a_password_is_stored_and_only_its_kind_is_told(partner: Api) -> None:
    assert partner.get(PARTNER).value["credential"] is None
    told = put(partner, password=PASSWORD).value["credential"]
    assert (told["kind"], told["public_key"], told["fingerprint"], told["set_by"]) == ("password", "", "", REQUESTER)
    assert told["set_at"]
    assert partner.get(PARTNER).value["credential"] == told
    assert told["secret"].startswith("fileferry/acme/destinations/partner/")
    assert stored(partner) == [{"password": PASSWORD}]


def test_of_a_private_key_the_public_half_is_told(partner: Api) -> None:
    text, key = private_key(PASSPHRASE)
    told = put(partner, private_key=text, passphrase=PASSPHRASE).value["credential"]
    assert told["kind"] == "private_key"
    assert told["public_key"] == " ".join(key.export_public_key().decode().split()[:2])
    assert told["fingerprint"] == key.get_fingerprint()
    assert put(partner, private_key=text, passphrase=PASSPHRASE, password=PASSWORD).value["credential"]["kind"] == (
        "password_and_private_key"
    )


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({}, ["/password"]),
        ({"passphrase": PASSPHRASE}, ["/password", "/passphrase"]),
        ({"private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense"}, ["/private_key"]),
        ({"private_key": ED25519}, ["/private_key"]),
        ({"password": PASSWORD, "hmac_key": TOKEN}, ["/hmac_key"]),
        ({"password": ""}, ["/password"]),
        ({"password": PASSWORD * 1000}, ["/password"]),
        ({"password": PASSWORD, "secret": TOKEN}, ["/secret"]),
    ],
)
def test_what_is_wrong_is_told_by_its_place_and_never_by_its_value(
    partner: Api, fields: dict[str, Any], pointers: list[str]
) -> None:
    reply = put(partner, **fields)
    assert (reply.status, reply.pointers) == (422, pointers)
    assert partner.get(PARTNER).value["credential"] is None


def test_a_key_whose_passphrase_is_wrong_is_refused(partner: Api) -> None:
    text, _ = private_key(PASSPHRASE)
    assert put(partner, private_key=text, passphrase="wrong").pointers == ["/private_key"]
    assert put(partner, private_key=text).pointers == ["/private_key"]


def test_a_new_password_leaves_the_one_before_to_be_tried(partner: Api) -> None:
    put(partner, password="one")
    put(partner, password="two")
    assert stored(partner) == [{"password": "two"}, {"password": "one"}]


def test_a_repeat_does_not_push_the_version_out_that_the_partner_still_takes(partner: Api) -> None:
    put(partner, password="one")
    put(partner, password="two")
    assert put(partner, password="two").status == 200
    assert stored(partner) == [{"password": "two"}, {"password": "one"}]


def test_a_write_with_an_old_entity_tag_stores_nothing(partner: Api) -> None:
    old = partner.get(PARTNER).headers["ETag"]
    assert partner.put(CREDENTIAL, {"password": "one"}, old).status == 200
    assert partner.put(CREDENTIAL, {"password": "two"}, old).status == 412
    assert stored(partner) == [{"password": "one"}]


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"username": "other"}, True),
        ({"host": "SFTP.partner.example", "folder": "/new"}, True),
        ({"host_keys": [ED25519, ED25519.replace("partner", "again")]}, True),
        ({"host": "evil.example"}, False),
        ({"port": 2222}, False),
        ({"secret": "fileferry/acme/own"}, False),
    ],
)
def test_a_credential_does_not_follow_to_another_server(partner: Api, change: dict[str, Any], kept: bool) -> None:
    """Who may change a destination but never see its credential must not have it sent elsewhere."""
    put(partner, password="old")
    name = put(partner, password=PASSWORD).value["credential"]["secret"]
    read = partner.get(PARTNER).value
    reply = partner.put(PARTNER, {**read, "target": {**read["target"], **change}})
    assert reply.status == 200
    assert (reply.value["credential"] is not None) == kept
    deleted = "DeletedDate" in services().secretsmanager.describe_secret(SecretId=name)
    assert deleted != kept
    if not kept and "secret" not in change:
        put(partner, password="for the new server")
        assert stored(partner) == [{"password": "for the new server"}], "no version of the other server's"


def test_a_destination_that_names_its_own_secret_takes_no_credential(acme: Api) -> None:
    acme.post("/v1/tenants/acme/destinations", {"id": "partner", **SFTP})
    reply = put(acme, password=PASSWORD)
    assert reply.status == 409
    assert "which its owner keeps" in reply.value["detail"]


def test_a_bucket_takes_no_credential(acme: Api) -> None:
    reply = acme.put("/v1/tenants/acme/destinations/bucket/credential", {"password": PASSWORD})
    assert (reply.status, "role" in reply.value["detail"]) == (409, True)


@pytest.mark.parametrize("place", ["destinations/partner/01234567", "key-rings/ours/AB", "subscriptions/hook"])
def test_a_secret_that_the_api_keeps_cannot_be_named(acme: Api, place: str) -> None:
    target = {**SFTP["target"], "host": "evil.example", "secret": f"fileferry/acme/{place}"}
    reply = acme.post("/v1/tenants/acme/destinations", {"id": "evil", "target": target})
    assert (reply.status, reply.pointers) == (422, ["/target/secret"])


def test_an_endpoints_keys_and_headers_are_stored(acme: Api) -> None:
    acme.post("/v1/tenants/acme/destinations", {"id": "partner", "target": HTTPS})
    told = put(acme, hmac_key=TOKEN, headers={"X-Api-Key": TOKEN}).value["credential"]
    assert told["kind"] == "https"
    assert stored(acme) == [{"secret": TOKEN, "header.x-api-key": TOKEN}]
    assert put(acme, authorization=f"Bearer {TOKEN}").status == 200


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({}, ["/hmac_key"]),
        ({"password": PASSWORD, "hmac_key": "k"}, ["/password"]),
        ({"authorization": f"Bearer {TOKEN}\r\nX: y"}, ["/authorization"]),
        ({"headers": {"Transfer-Encoding": TOKEN}}, ["/headers/Transfer-Encoding"]),
        ({"headers": {"X Y": TOKEN, "X-Key": "ü"}}, ["/headers/X Y", "/headers/X-Key"]),
    ],
)
def test_what_is_wrong_with_an_endpoints_credential_is_told(
    acme: Api, fields: dict[str, Any], pointers: list[str]
) -> None:
    acme.post("/v1/tenants/acme/destinations", {"id": "partner", "target": HTTPS})
    assert put(acme, **fields).pointers == pointers


def test_a_credential_that_secrets_manager_cannot_hold_is_refused(acme: Api) -> None:
    acme.post("/v1/tenants/acme/destinations", {"id": "partner", "target": HTTPS})
    headers = {f"X-Key-{number}": TOKEN * 250 for number in range(17)}
    reply = put(acme, headers=headers)
    assert (reply.status, "65,536 bytes" in reply.value["detail"]) == (413, True)
    assert acme.get(PARTNER).value["credential"] is None


def test_a_key_pair_is_made_handed_out_and_activated(partner: Api) -> None:
    put(partner, password=PASSWORD)
    made = partner.post(f"{CREDENTIAL}/keys", None)
    assert made.status == 201
    assert "PRIVATE" not in json.dumps(made.value)
    pending = made.value["credential"]["pending"]
    assert pending["public_key"].startswith("ssh-ed25519 ")
    assert made.value["credential"]["kind"] == "password"
    assert [set(fields) for fields in stored(partner)] == [{"password"}, {"private_key", "public_key"}]

    active = partner.post(f"{CREDENTIAL}/activate", None)
    assert active.status == 200
    told = active.value["credential"]
    assert (told["kind"], told["public_key"], told["pending"]) == ("private_key", pending["public_key"], None)
    assert [set(fields) for fields in stored(partner)] == [{"private_key", "public_key"}, {"password"}]
    assert partner.post(f"{CREDENTIAL}/activate", None).status == 409


def test_a_key_pair_of_a_destination_without_credential_is_active_at_once(partner: Api) -> None:
    told = partner.post(f"{CREDENTIAL}/keys", None).value["credential"]
    assert (told["kind"], told["pending"]) == ("private_key", None)
    (fields,) = stored(partner)
    key = asyncssh.import_private_key(fields["private_key"])
    assert " ".join(key.export_public_key().decode().split()[:2]) == told["public_key"]
    assert key.get_fingerprint() == told["fingerprint"]


def test_the_newest_pending_key_is_the_one_that_is_activated(partner: Api) -> None:
    put(partner, password=PASSWORD)
    partner.post(f"{CREDENTIAL}/keys", None)
    second = partner.post(f"{CREDENTIAL}/keys", None).value["credential"]["pending"]["public_key"]
    assert partner.post(f"{CREDENTIAL}/activate", None).value["credential"]["public_key"] == second
    assert stored(partner)[0]["public_key"] == second


def test_an_activation_that_was_cut_off_is_completed_by_its_repeat(
    partner: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(partner, password=PASSWORD)
    pending = partner.post(f"{CREDENTIAL}/keys", None).value["credential"]["pending"]
    from fileferry.repositories.config_writes import ConfigWriter

    def cut_off(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ConfigWriter, "change_destination", cut_off)
        assert partner.post(f"{CREDENTIAL}/activate", None).status == 500
    assert partner.post(f"{CREDENTIAL}/activate", None).value["credential"]["public_key"] == pending["public_key"]
    assert [set(fields) for fields in stored(partner)] == [{"private_key", "public_key"}, {"password"}]


def test_a_record_with_a_credential_can_be_sent_back_whole(partner: Api) -> None:
    put(partner, password=PASSWORD)
    read = partner.get(PARTNER)
    reply = partner.put(PARTNER, {**read.value, "description": "changed"}, read.headers["ETag"])
    assert (reply.status, reply.value["credential"]) == (200, read.value["credential"])


def test_nothing_of_a_credential_is_logged_or_audited(
    partner: Api, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    text, _ = private_key()
    put(partner, password=PASSWORD)
    put(partner, private_key=text)
    put(partner, private_key=text[:80], passphrase=PASSPHRASE)
    entries = json.dumps(partner.all("/v1/tenants/acme/audit"))
    assert "storeCredential" in entries
    everything = entries + str([vars(record) for record in caplog.records]) + str(capsys.readouterr())
    for secret in (PASSWORD, PASSPHRASE, text[40:80]):
        assert secret not in everything
