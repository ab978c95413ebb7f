"""Delivery to a real SFTP server on this machine, with the faults that servers have."""

from __future__ import annotations

import hashlib
import os

from tasks.deliver.app import deliver
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld, temporary, visible

SMALL = b"id,amount\n1,2\n"
BIG = os.urandom(1024**2) * 20
MIB = 1024**2


def test_the_file_arrives_under_its_name_and_the_outcome_is_recorded(world: DeliveryWorld, bank: SftpPartner) -> None:
    world.file(SMALL, "a+b %41 ü.csv")
    result = deliver(world.work())
    assert visible(bank.folder) == {"a+b %41 ü.csv": SMALL}
    assert not temporary(bank.folder)
    delivery = world.run().deliveries["bank"]
    assert result == {"destinations": {"bank": delivery.model_dump()}}
    assert (delivery.status, delivery.kind, delivery.name) == ("DELIVERED", "sftp", "a+b %41 ü.csv")
    assert delivery.location == f"sftp://127.0.0.1:{bank.port}/a%2Bb%20%2541%20%C3%BC.csv"
    assert delivery.sha256 == hashlib.sha256(SMALL).hexdigest()
    assert PASSWORD not in delivery.model_dump_json()
