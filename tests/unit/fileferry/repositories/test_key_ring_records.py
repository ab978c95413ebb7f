"""Key rings in the table: written by the control plane, read by the data plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fileferry.errors import ConfigurationError, Conflict, NoSuchRecord
from fileferry.model.key_ring import KeyRing, KeyRingSpec, Owner, RingKey
from fileferry.repositories.config import ConfigRepository
from fileferry.repositories.key_rings import KeyRingRecords
from fileferry.repositories.records import Stale

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY = RingKey.model_validate(
    {
        "fingerprint": "a" * 40,
        "owner": Owner.OWN,
        "uses": ["sign"],
        "certificate": "public",
        "secret": "ferry/acme/key",
        "created_at": "2026-01-01T00:00:00Z",
        "added_at": "2026-01-01T00:00:00Z",
    }
)


@pytest.fixture
def records(dynamodb: DynamoDBClient) -> KeyRingRecords:
    return KeyRingRecords(dynamodb, "config")


def test_the_data_plane_reads_what_was_written_at_once(dynamodb: DynamoDBClient, records: KeyRingRecords) -> None:
    records.create_key_ring("acme", "bank", KeyRingSpec(description="The bank"))
    config = ConfigRepository(dynamodb, "config")
    assert config.key_ring("acme", "bank").keys == []
    records.change_key_ring("acme", "bank", lambda ring: ring.with_key(KEY))
    assert config.key_ring("acme", "bank").keys == [KEY]
    for tenant, ring in (("other", "bank"), ("acme", "other")):
        with pytest.raises(ConfigurationError, match="has no key ring"):
            config.key_ring(tenant, ring)


def test_an_id_is_taken_once_in_a_tenant(records: KeyRingRecords) -> None:
    records.create_key_ring("acme", "bank", KeyRingSpec())
    records.create_key_ring("other", "bank", KeyRingSpec())
    with pytest.raises(Conflict, match="already"):
        records.create_key_ring("acme", "bank", KeyRingSpec())
    with pytest.raises(NoSuchRecord):
        records.key_ring("acme", "nobody")


def test_a_change_is_made_to_the_ring_as_it_is_now(records: KeyRingRecords) -> None:
    created = records.create_key_ring("acme", "bank", KeyRingSpec())
    calls = []

    def changed(ring: KeyRing) -> KeyRing:
        calls.append(ring)
        if len(calls) == 1:  # another is faster
            records.change_key_ring("acme", "bank", lambda one: one.model_copy(update={"description": "theirs"}))
        return ring.with_key(KEY)

    written = records.change_key_ring("acme", "bank", changed).value
    assert (written.description, written.keys) == ("theirs", [KEY])
    assert [ring.description for ring in calls] == ["", "theirs"]
    with pytest.raises(Stale):
        records.change_key_ring("acme", "bank", changed, created.etag)


def test_rings_are_listed_by_id(records: KeyRingRecords) -> None:
    for ring in ("b", "a", "c"):
        records.create_key_ring("acme", ring, KeyRingSpec())
    page = records.key_rings("acme", 2)
    assert [ring.id for ring in page.items] == ["a", "b"]
    assert [ring.id for ring in records.key_rings("acme", 2, page.cursor).items] == ["c"]
