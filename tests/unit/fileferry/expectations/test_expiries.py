"""What expires soon is told once at each threshold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fileferry.clock import parse_time, timestamp
from fileferry.errors import FerryError
from fileferry.expiries import ExpirySweep, tell_expiries
from fileferry.model.destination import DestinationSpec
from fileferry.model.key_ring import KeyRingSpec, RingKey
from fileferry.model.tenant import UserSpec
from fileferry.repositories.config_writes import ConfigWriter
from fileferry.repositories.key_rings import KeyRingRecords
from tests.unit.control_plane.world import ED25519, ED25519_OTHER
from tests.unit.fileferry.expectations.world import ExpectationWorld

END = parse_time("2026-07-01T00:00:00Z")


def user(world: ExpectationWorld, name: str = "bob", *, enabled: bool = True, **key: Any) -> None:
    keys = [{"key": ED25519, "expires_at": timestamp(END), **key}, {"key": ED25519_OTHER}]
    spec = UserSpec.model_validate({"public_keys": keys, "enabled": enabled})
    ConfigWriter(world.services.dynamodb, "config").create_user("acme", name, spec)


def ring_key(number: int, **fields: Any) -> RingKey:
    values = {
        "fingerprint": f"{number:040x}",
        "owner": "own",
        "uses": ["sign"],
        "certificate": "public",
        "created_at": "2026-01-01T00:00:00Z",
        "added_at": "2026-01-01T00:00:00Z",
        "expires_at": timestamp(END),
    }
    return RingKey.model_validate({**values, **fields})


def sweep(world: ExpectationWorld, days_before: float, steps: int = 10_000) -> Mapping[str, int]:
    left = iter(range(steps))
    at = END - timedelta(days=days_before)
    return tell_expiries(ExpirySweep(world.services, lambda: next(left, None) is None, at))


def told(world: ExpectationWorld) -> list[tuple[str, int, int]]:
    """(kind, threshold, days left) of each event."""
    found = [event["data"] for event in world.sns.of_type("KeyExpiring")]
    return [(data["kind"], data["threshold_days"], data["days_left"]) for data in found]


def test_a_users_key_is_told_of_once_at_each_threshold(world: ExpectationWorld) -> None:
    user(world, label="laptop")
    for days in (40, 30.1, 30, 29, 12, 7, 6, 1, 0.5, 0, -1):
        sweep(world, days)
    assert told(world) == [("ssh_key", 30, 30), ("ssh_key", 7, 7), ("ssh_key", 1, 1)]
    (event, *_) = world.sns.of_type("KeyExpiring")
    assert (event["subject"], event["data"]["label"], event["data"]["tenant"]) == ("bob", "laptop", "acme")
    assert event["data"]["key"] == ED25519.split()[1]
    assert len({event["id"] for event in world.sns.of_type("KeyExpiring")}) == 3


def test_a_key_that_is_seen_late_is_told_of_once(world: ExpectationWorld) -> None:
    user(world)
    sweep(world, 5)
    sweep(world, 4)
    assert told(world) == [("ssh_key", 7, 5)]


def test_a_key_whose_end_was_put_off_is_told_of_again(world: ExpectationWorld) -> None:
    user(world)
    sweep(world, 20)
    spec = UserSpec.model_validate({"public_keys": [{"key": ED25519, "expires_at": "2026-08-01T00:00:00Z"}]})
    ConfigWriter(world.services.dynamodb, "config").replace_user("acme", "bob", spec)
    sweep(world, 20)
    sweep(world, -10)
    assert told(world) == [("ssh_key", 30, 20), ("ssh_key", 30, 21)]


def test_a_disabled_user_has_no_keys_in_use(world: ExpectationWorld) -> None:
    user(world, enabled=False)
    sweep(world, 5)
    assert told(world) == []


def test_keys_of_rings_are_told_of_while_they_are_in_use(world: ExpectationWorld) -> None:
    records = KeyRingRecords(world.services.dynamodb, "config")
    records.create_key_ring("acme", "bank", KeyRingSpec())
    for key in (ring_key(1), ring_key(2, retired_at="2026-06-01T00:00:00Z"), ring_key(3, expires_at=None)):
        records.change_key_ring("acme", "bank", lambda ring, key=key: ring.with_key(key))  # type: ignore[misc]
    sweep(world, 6)
    (event,) = world.sns.of_type("KeyExpiring")
    assert (event["data"]["kind"], event["subject"], event["data"]["key"]) == ("pgp_key", "bank", f"{1:040x}")


def certificate(end: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Partner CA")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=100))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def test_the_authority_of_an_https_destination_is_told_of(world: ExpectationWorld) -> None:
    target = {"kind": "https", "url": "https://partner.example/in", "ca_certificate": certificate(END)}
    spec = DestinationSpec.model_validate({"target": target})
    ConfigWriter(world.services.dynamodb, "config").create_destination("acme", "api", spec)
    sweep(world, 6)
    assert told(world) == [("ca_certificate", 7, 6)]
    assert world.sns.of_type("KeyExpiring")[0]["data"]["label"] == "CN=Partner CA"


def test_an_authority_that_cannot_be_read_is_left_to_deliveries(world: ExpectationWorld) -> None:
    target = {"kind": "https", "url": "https://partner.example/in", "ca_certificate": "no certificate"}
    spec = DestinationSpec.model_validate({"target": target})
    ConfigWriter(world.services.dynamodb, "config").create_destination("acme", "api", spec)
    assert sweep(world, 6)["finished"] == 1


def test_a_sweep_that_runs_out_of_time_goes_on_where_it_stopped(world: ExpectationWorld) -> None:
    records = KeyRingRecords(world.services.dynamodb, "config")
    for number in range(3):
        user(world, f"user{number}")
        records.create_key_ring("acme", f"ring{number}", KeyRingSpec())
        key = ring_key(number)
        records.change_key_ring("acme", f"ring{number}", lambda ring, key=key: ring.with_key(key))  # type: ignore[misc]
    finished = [sweep(world, 5, steps=2)["finished"] for _ in range(3)]
    assert finished == [0, 0, 1]
    assert sorted(event["subject"] for event in world.sns.of_type("KeyExpiring")) == [
        *(f"ring{number}" for number in range(3)),
        *(f"user{number}" for number in range(3)),
    ]


def test_a_record_that_cannot_be_read_does_not_hide_the_others(world: ExpectationWorld) -> None:
    user(world, "bob", expires_at="never")
    user(world, "eve")
    with pytest.raises(FerryError, match="ISO 8601"):
        sweep(world, 5)
    assert [event["subject"] for event in world.sns.of_type("KeyExpiring")] == ["eve"]
