"""What a delivery teaches about its destination's rate."""

from __future__ import annotations

import os
from typing import Any

import pytest

from fileferry.errors import DestinationUnavailable, StepInterrupted
from tasks.deliver.app import LEARNED_BYTES, deliver
from tests.unit.tasks.deliver.pulses import Pulses
from tests.unit.tasks.deliver.sftp_partner import Faults, SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld, visible

MIB = 1024**2
BIG = os.urandom(MIB) * 20


@pytest.fixture
def samples(world: DeliveryWorld, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was recorded: tenant, destination, bytes, seconds."""
    found: list[tuple[Any, ...]] = []
    record = world.services.rates.record

    def recording(*sample: Any) -> None:
        found.append(sample)
        record(*sample)

    monkeypatch.setattr(world.services.rates, "record", recording)
    return found


def test_a_large_delivery_is_one_sample(
    world: DeliveryWorld, bank: SftpPartner, samples: list[tuple[Any, ...]]
) -> None:
    world.file(BIG)
    deliver(world.work())
    deliver(world.work())
    assert [sample[:3] for sample in samples] == [("acme", "bank", len(BIG))]
    rate = world.services.rates.of("acme", ["bank"])["bank"]
    assert rate.samples == 1
    assert rate.bytes_per_second == pytest.approx(len(BIG) / samples[0][3], abs=1)


def test_a_bucket_tells_its_rate_too(world: DeliveryWorld, samples: list[tuple[Any, ...]]) -> None:
    world.bucket("partner")
    world.destination("lake", {"kind": "s3", "bucket": "partner"})
    world.file(BIG)
    deliver(world.work())
    assert [sample[:3] for sample in samples] == [("acme", "lake", len(BIG))]


def test_an_upload_that_an_earlier_try_began_tells_nothing(
    world: DeliveryWorld, samples: list[tuple[Any, ...]]
) -> None:
    world.bucket("partner")
    world.destination("lake", {"kind": "s3", "bucket": "partner"})
    world.existing = "refuse"
    world.file(BIG)
    begun = Pulses(StepInterrupted(), at=5 * MIB)
    with pytest.raises(StepInterrupted):
        deliver(begun.home_of(world.work()))
    world.next_owner()
    assert begun.saved["deliver/lake"]
    deliver(Pulses(saved=begun.saved).home_of(world.work()))
    assert world.run().deliveries["lake"].status == "DELIVERED"
    assert not samples


def test_a_small_delivery_tells_nothing(
    world: DeliveryWorld, bank: SftpPartner, samples: list[tuple[Any, ...]]
) -> None:
    world.file(BIG[: LEARNED_BYTES - 1])
    deliver(world.work())
    assert not samples


def test_a_continued_delivery_counts_what_this_try_has_sent(
    world: DeliveryWorld, bank: SftpPartner, samples: list[tuple[Any, ...]]
) -> None:
    world.file(BIG)
    interrupted = Pulses(StepInterrupted(), at=9 * MIB)
    with pytest.raises(StepInterrupted):
        deliver(interrupted.home_of(world.work()))
    before = bank.received
    world.next_owner()
    deliver(Pulses(saved=interrupted.saved).home_of(world.work()))
    assert [sample[2] for sample in samples] == [bank.received - before]
    assert samples[0][2] < len(BIG)


def test_a_file_that_was_there_already_tells_nothing(
    world: DeliveryWorld, bank: SftpPartner, samples: list[tuple[Any, ...]]
) -> None:
    world.file(BIG)
    bank.faults.drop_after_rename = True
    with pytest.raises(DestinationUnavailable):
        deliver(world.work())
    bank.faults = Faults()
    deliver(world.work())
    assert not samples


def test_a_rate_that_cannot_be_recorded_fails_no_delivery(
    world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: Any) -> None:
        raise RuntimeError("no such table")

    monkeypatch.setattr(world.services.rates, "record", refused)
    world.file(BIG)
    deliver(world.work())
    assert visible(bank.folder) == {"orders.csv": BIG}
    assert world.run().deliveries["bank"].status == "DELIVERED"
    assert "rate was not recorded" in caplog.text
