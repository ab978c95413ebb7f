"""sftp_identity with Transfer Family's requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from control_plane.sftp_identity.app import handler
from fileferry.errors import ConfigurationError
from fileferry.settings import settings
from tests.unit.control_plane.world import CONTEXT, ED25519, ED25519_OTHER, TENANT, USER, Api


def _login(username: str = "bob", **fields: Any) -> dict[str, Any]:
    event = {"username": username, "protocol": "SFTP", "serverId": "s-0123456789abcdef0", "sourceIp": "192.0.2.7"}
    return handler({**event, **fields}, CONTEXT)


def _change(api: Api, **fields: Any) -> None:
    assert api.put("/v1/tenants/acme/users/bob", {**USER, **fields}).status == 200


def test_a_user_gets_the_role_its_keys_and_a_home_that_hides_where_it_lies(acme: Api) -> None:
    home = acme.get("/v1/tenants/acme/users/bob").value["home"]
    answer = _login(password="")
    assert answer["Role"] == "arn:aws:iam::123456789012:role/transfer-user"
    assert answer["HomeDirectoryType"] == "LOGICAL"
    target = f"/{home['bucket']}/{home['prefix'].rstrip('/')}"
    assert json.loads(answer["HomeDirectoryDetails"]) == [{"Entry": "/", "Target": target}]
    assert answer["PublicKeys"] == [" ".join(ED25519.split()[:2])]


def test_the_session_policy_ends_at_the_users_prefix_and_lets_no_version_be_deleted(acme: Api) -> None:
    prefix = acme.get("/v1/tenants/acme/users/bob").value["home"]["prefix"]
    text = _login()["Policy"]
    assert len(text) <= 2048
    statements = {statement["Sid"]: statement for statement in json.loads(text)["Statement"]}
    assert statements["UseFiles"]["Resource"] == f"arn:aws:s3:::ingest/{prefix}*"
    assert statements["ListHome"]["Resource"] == "arn:aws:s3:::ingest"
    assert statements["ListHome"]["Condition"] == {"StringLike": {"s3:prefix": [prefix.rstrip("/"), f"{prefix}*"]}}
    assert "s3:DeleteObjectVersion" not in statements["UseFiles"]["Action"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"enabled": False}, "the user is disabled"),
        ({"public_keys": []}, "no public key"),
        ({"public_keys": [{"key": ED25519, "expires_at": "2020-01-01T00:00:00Z"}]}, "no public key"),
        ({"public_keys": [{"key": ED25519, "not_before": "2999-01-01"}]}, "no public key"),
        ({"allowed_networks": ["10.0.0.0/8", "2001:db8::/32"]}, "in none of the user's networks"),
    ],
)
def test_a_user_who_may_not_log_in_gets_nothing_and_the_log_says_why(
    acme: Api, caplog: pytest.LogCaptureFixture, change: dict[str, Any], reason: str
) -> None:
    _change(acme, **change)
    assert _login() == {}
    line = vars(caplog.records[-1])
    assert reason in line["reason"]
    assert (line["tenant"], line["user"]) == ("acme", "bob")


def test_only_the_keys_that_are_valid_now_are_answered(acme: Api) -> None:
    _change(
        acme,
        public_keys=[
            {"key": ED25519, "expires_at": "2020-01-01"},
            {"key": ED25519_OTHER, "not_before": "2020-01-01", "expires_at": "2999-01-01T00:00:00+02:00"},
        ],
    )
    assert _login()["PublicKeys"] == [" ".join(ED25519_OTHER.split()[:2])]


@pytest.mark.parametrize("source", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"])
def test_an_address_in_one_of_the_users_networks_is_let_in(acme: Api, source: str) -> None:
    _change(acme, allowed_networks=["10.0.0.0/8", "2001:db8::/32"])
    assert _login(sourceIp=source)["PublicKeys"]


@pytest.mark.parametrize("source", ["", None, "nonsense"])
def test_a_user_with_networks_is_refused_when_the_address_is_not_known(acme: Api, source: str | None) -> None:
    _change(acme, allowed_networks=["0.0.0.0/0"])
    assert _login(sourceIp=source) == {}


def test_a_disabled_tenant_keeps_its_users_out(acme: Api) -> None:
    acme.put("/v1/tenants/acme", {**TENANT, "enabled": False})
    assert _login() == {}


def test_other_protocols_are_refused(acme: Api) -> None:
    assert _login(protocol="FTP") == {}


def test_neither_a_password_nor_an_unknown_name_reaches_the_log(acme: Api, caplog: pytest.LogCaptureFixture) -> None:
    assert _login(password="hunter2-secret") == {}
    assert _login("my-password-by-mistake") == {}
    assert _login("x" * 5000) == {}
    logged = str([vars(record) for record in caplog.records])
    assert "logins by password are not taken" in logged
    assert "there is no such login" in logged
    assert "hunter2" not in logged
    assert "by-mistake" not in logged


@pytest.mark.parametrize("event", [{}, {"username": ""}, {"username": 7}])
def test_an_event_that_is_no_login_is_an_error(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="names no user"):
        handler(event, CONTEXT)


def test_a_function_without_the_role_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSFER_ROLE_ARN", "")
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="TRANSFER_ROLE_ARN"):
        _login()
    settings.cache_clear()
