"""A destination is tried out through the API, against real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fileferry.services import services
from tests.unit.control_plane.world import SFTP, Api, Reply
from tests.unit.tasks.deliver.https_partner import Answer, https_partner
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner, sftp_partner

PARTNER = "/v1/tenants/acme/destinations/partner"


@pytest.fixture(autouse=True)
def _local_partners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        services(), "settings", replace(services().settings, allow_private_destinations=("127.0.0.0/8", "::1/128"))
    )


@pytest.fixture
def server(acme: Api, tmp_path: Path) -> Iterator[SftpPartner]:
    """The partner's server as the destination `partner`, without a credential."""
    with sftp_partner(tmp_path) as running:
        target = {name: value for name, value in running.target("").items() if name != "secret"}
        assert acme.post("/v1/tenants/acme/destinations", {"id": "partner", "target": target}).status == 201
        yield running


def tried(api: Api) -> Reply:
    reply = api.post(f"{PARTNER}/test", None)
    assert reply.status == 200
    assert PASSWORD not in json.dumps(reply.value)
    return reply


def test_a_destination_is_set_up_from_its_first_test_to_its_last(acme: Api, server: SftpPartner) -> None:
    first = tried(acme).value
    assert (first["ok"], first["steps"][0]["status"]) == (False, "failed")
    assert "PUT .../credential" in first["steps"][0]["todo"]
    acme.put(f"{PARTNER}/credential", {"password": PASSWORD})
    second = tried(acme).value
    assert second["ok"] is True
    assert {step["status"] for step in second["steps"]} == {"ok"}
    assert second["host_key"] == {
        "key": server.host_key,
        "fingerprint": second["host_key"]["fingerprint"],
        "pinned": True,
    }
    assert list(server.folder.iterdir()) == []


def test_a_key_pair_that_the_api_made_opens_the_session(acme: Api, server: SftpPartner) -> None:
    acme.put(f"{PARTNER}/credential", {"password": PASSWORD})
    made = acme.post(f"{PARTNER}/credential/keys", None).value
    server.public_keys = [made["credential"]["pending"]["public_key"]]
    server.passwords = set()
    assert tried(acme).value["ok"], "the pending key is tried when the password is refused"
    acme.post(f"{PARTNER}/credential/activate", None)
    assert tried(acme).value["ok"]
    assert server.logins.count("password refused") == 1


def test_a_server_with_another_host_key_is_told_with_the_key_that_it_shows(acme: Api, server: SftpPartner) -> None:
    acme.put(f"{PARTNER}/credential", {"password": PASSWORD})
    read = acme.get(PARTNER).value
    acme.put(PARTNER, {**read, "target": {**read["target"], "host_keys": SFTP["target"]["host_keys"]}})
    value = tried(acme).value
    assert (value["ok"], value["host_key"]["pinned"], value["host_key"]["key"]) == (False, False, server.host_key)
    assert server.logins == []


def test_the_audit_log_has_the_test_and_its_outcome(acme: Api, server: SftpPartner) -> None:
    tried(acme)
    (entry, *_) = acme.all("/v1/tenants/acme/audit")
    assert (entry["operation"], entry["status"], entry["details"]) == ("testDestination", 200, {"ok": False})


def test_an_endpoint_is_tried(acme: Api, tmp_path: Path) -> None:
    with https_partner(tmp_path) as endpoint:
        endpoint.answers = [Answer(204)]
        acme.post("/v1/tenants/acme/destinations", {"id": "partner", "target": endpoint.target()})
        assert tried(acme).value["ok"] is True


def test_a_bucket_is_tried(acme: Api) -> None:
    services().s3.create_bucket(
        Bucket="partner-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    assert acme.post("/v1/tenants/acme/destinations/bucket/test", None).value["ok"] is True


def test_a_destination_that_is_not_there_is_not_found(acme: Api) -> None:
    assert acme.post(f"{PARTNER}/test", None).status == 404
