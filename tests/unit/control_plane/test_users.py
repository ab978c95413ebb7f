"""SFTP users: what is told of their keys, and their passwords."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncssh
import pytest

from control_plane.sftp_identity import app as identity
from fileferry.clock import now, timestamp
from fileferry.repositories.config_keys import password_key
from fileferry.repositories.items import to_item
from fileferry.services import services
from fileferry.settings import settings
from tests.unit.control_plane.test_sftp_identity import _login as login
from tests.unit.control_plane.world import ED25519, ED25519_OTHER, USER, Api

BOB = "/v1/tenants/acme/users/bob"
PASSWORD = "correct horse battery"


@pytest.fixture
def with_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server takes keys and passwords."""
    allowed = replace(settings(), sftp_authentication="PUBLIC_KEY_OR_PASSWORD")
    monkeypatch.setattr(services(), "settings", allowed)
    monkeypatch.setattr(identity, "settings", lambda: allowed)
    monkeypatch.setattr(identity, "REFUSAL_SECONDS", 0.3)
    return


def in_days(days: float) -> str:
    return timestamp(now() + timedelta(days=days))


def put_keys(api: Api, *keys: dict[str, Any]) -> Any:
    reply = api.put(BOB, {"public_keys": list(keys)})
    assert reply.status == 200, reply
    return reply.value


def test_each_key_is_told_with_its_fingerprint_and_whether_it_is_valid(acme: Api) -> None:
    value = put_keys(
        acme,
        {"key": ED25519, "label": "old", "expires_at": in_days(-1)},
        {"key": ED25519_OTHER, "label": "new", "not_before": in_days(1)},
    )
    assert [(key["label"], key["state"]) for key in value["keys"]] == [("old", "expired"), ("new", "not_yet_valid")]
    fingerprints = [asyncssh.import_public_key(line).get_fingerprint() for line in (ED25519, ED25519_OTHER)]
    assert [key["fingerprint"] for key in value["keys"]] == fingerprints
    assert {key["type"] for key in value["keys"]} == {"ssh-ed25519"}
    assert [warning["pointer"] for warning in value["warnings"]] == ["/public_keys/0", ""]
    assert "cannot log in" in value["warnings"][1]["detail"]


def test_a_key_that_expires_soon_is_warned_of(acme: Api) -> None:
    for days, words in ((29.5, "expires in 29 days"), (1.5, "in 1 day,"), (0.5, "in less than a day")):
        (warning,) = put_keys(acme, {"key": ED25519, "expires_at": in_days(days)})["warnings"]
        assert warning["pointer"] == "/public_keys/0"
        assert words in warning["detail"]
    assert put_keys(acme, {"key": ED25519, "expires_at": in_days(31)})["warnings"] == []
    assert acme.put(BOB, {"enabled": False, "public_keys": []}).value["warnings"] == []


def test_a_label_is_of_one_key_only(acme: Api) -> None:
    keys = [{"key": ED25519, "label": "laptop"}, {"key": ED25519_OTHER, "label": "laptop"}]
    reply = acme.put(BOB, {"public_keys": keys})
    assert (reply.status, reply.pointers) == (422, ["/public_keys/1/label"])
    put_keys(acme, {"key": ED25519}, {"key": ED25519_OTHER})


def test_two_keys_overlap_while_a_partner_changes_from_one_to_the_other(acme: Api) -> None:
    old, new = (" ".join(line.split()[:2]) for line in (ED25519, ED25519_OTHER))
    put_keys(acme, {"key": ED25519, "label": "old", "expires_at": in_days(1)}, {"key": ED25519_OTHER, "label": "new"})
    assert login()["PublicKeys"] == [old, new]
    put_keys(acme, {"key": ED25519_OTHER, "label": "new"})
    assert login()["PublicKeys"] == [new]


class TestPasswords:
    def test_by_default_the_server_takes_none(self, acme: Api) -> None:
        reply = acme.put(f"{BOB}/password", {"password": PASSWORD})
        assert reply.status == 409
        assert "SftpAuthenticationMethods" in reply.value["detail"]
        assert login(password=PASSWORD) == {}

    def test_a_password_lets_its_user_in_and_its_answer_holds_no_keys(self, acme: Api, with_passwords: None) -> None:
        reply = acme.put(f"{BOB}/password", {"password": PASSWORD})
        assert reply.status == 200
        assert reply.value["password_set_at"]
        answer = login(password=PASSWORD)
        assert answer["Role"] == "arn:aws:iam::123456789012:role/transfer-user"
        assert "PublicKeys" not in answer
        assert login()["PublicKeys"], "keys are taken as before"

    def test_only_a_hash_is_kept_and_neither_it_nor_the_password_is_told(
        self, acme: Api, with_passwords: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        shown = acme.put(f"{BOB}/password", {"password": PASSWORD}).value
        key = to_item(password_key("acme", "bob"))
        stored = services().dynamodb.get_item(TableName="config", Key=key)["Item"]["hash"]["S"]
        assert stored.startswith("$argon2id$")
        login(password=PASSWORD)
        login(password=f"{PASSWORD}!")
        audit = acme.all("/v1/tenants/acme/audit")
        users = acme.all("/v1/tenants/acme/users")
        told = json.dumps([shown, audit, users]) + str([vars(record) for record in caplog.records])
        assert PASSWORD not in told
        assert stored not in told

    def test_a_record_that_is_replaced_keeps_its_password(self, acme: Api, with_passwords: None) -> None:
        acme.put(f"{BOB}/password", {"password": PASSWORD})
        read = acme.get(BOB)
        assert acme.put(BOB, {**read.value, "description": "x"}, read.headers["ETag"]).value["password_set_at"]
        assert login(password=PASSWORD)

    def test_a_password_that_is_taken_away_lets_nobody_in(self, acme: Api, with_passwords: None) -> None:
        acme.put(f"{BOB}/password", {"password": PASSWORD})
        reply = acme.call("DELETE", f"{BOB}/password")
        assert (reply.status, reply.value["password_set_at"]) == (200, None)
        assert login(password=PASSWORD) == {}

    @pytest.mark.parametrize("password", ["short", "x" * 129, "it is bob's own"])
    def test_a_bad_password_is_refused_and_not_repeated(self, acme: Api, with_passwords: None, password: str) -> None:
        reply = acme.put(f"{BOB}/password", {"password": password})
        assert (reply.status, reply.pointers) == (422, ["/password"])
        assert password not in json.dumps(reply.value)

    @pytest.mark.parametrize("change", [{"enabled": False}, {"allowed_networks": ["10.0.0.0/8"]}])
    def test_the_right_password_is_not_enough(self, acme: Api, with_passwords: None, change: dict[str, Any]) -> None:
        acme.put(f"{BOB}/password", {"password": PASSWORD})
        acme.put(BOB, {**USER, **change})
        assert login(password=PASSWORD) == {}

    def test_a_write_with_an_old_entity_tag_sets_nothing(self, acme: Api, with_passwords: None) -> None:
        old = acme.get(BOB).headers["ETag"]
        acme.put(f"{BOB}/password", {"password": PASSWORD})
        assert acme.put(f"{BOB}/password", {"password": PASSWORD * 2}, old).status == 412
        assert login(password=PASSWORD)

    def test_every_refusal_takes_the_same_time(
        self, acme: Api, with_passwords: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """GIVEN a clock that the comparison moves, and a sleep that is noted."""
        acme.put(f"{BOB}/password", {"password": PASSWORD})
        acme.post("/v1/tenants/acme/users", {"id": "eve", "public_keys": [{"key": ED25519_OTHER}]})
        compared, slept = [], []
        clock = iter(range(100))
        monkeypatch.setattr(identity.time, "monotonic", lambda: next(clock) * 0.05)
        monkeypatch.setattr(identity.time, "sleep", slept.append)
        matches = identity.matches

        def noted(password: str, stored: str) -> bool:
            compared.append(bool(stored))
            return matches(password, stored)

        monkeypatch.setattr(identity, "matches", noted)
        for name in ("bob", "eve", "nobody"):
            assert login(name, password="a wrong password") == {}
        assert compared == [True, False, False], "each is compared with a hash"
        assert slept == pytest.approx([0.25] * 3)
        assert login(password=PASSWORD)
        assert len(slept) == 3, "who is let in does not wait"


def test_a_server_that_takes_passwords_only_takes_no_keys(acme: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "settings", lambda: replace(settings(), sftp_authentication="PASSWORD"))
    assert login() == {}
