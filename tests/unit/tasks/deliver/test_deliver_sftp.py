"""Delivery to a real SFTP server on this machine, with the faults that servers have."""

from __future__ import annotations

import hashlib
import os
import socket
import time

import pytest

from fileferry.errors import (
    ConfigurationError,
    DestinationRefused,
    DestinationUnavailable,
    FerryError,
    RunClosed,
)
from tasks.deliver.app import deliver
from tests.unit.tasks.deliver.killing import Killed, kill_at_record
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, Faults, SftpPartner
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


def test_an_empty_file_arrives(world: DeliveryWorld, bank: SftpPartner) -> None:
    world.file(b"")
    deliver(world.work())
    assert visible(bank.folder) == {"orders.csv": b""}


def test_a_key_opens_the_session_too(world: DeliveryWorld, partner: SftpPartner) -> None:
    key = partner.user_key.export_private_key(passphrase="pass phrase", rounds=1).decode()
    secret = world.secret("key", private_key=key, passphrase="pass phrase")
    world.destination("bank", partner.target(secret))
    world.file(SMALL)
    deliver(world.work())
    assert visible(partner.folder) == {"orders.csv": SMALL}


def test_a_missing_folder_is_made(world: DeliveryWorld, partner: SftpPartner) -> None:
    world.destination("bank", partner.target(world.secret("bank", password=PASSWORD), folder="in/2026/daily"))
    world.file(SMALL)
    deliver(world.work())
    assert visible(partner.folder / "in/2026/daily") == {"orders.csv": SMALL}
    assert world.run().deliveries["bank"].location.endswith("/~/in/2026/daily/orders.csv")


def test_a_repeat_sends_nothing_to_a_destination_that_is_done(world: DeliveryWorld, bank: SftpPartner) -> None:
    world.file(SMALL)
    first = deliver(world.work())
    bank.log.clear()
    assert deliver(world.work()) == first
    assert not bank.log


class TestExistingNames:
    def test_overwrite_replaces_the_file_atomically(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        (bank.folder / "orders.csv").write_bytes(b"old")
        world.file(SMALL)
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": SMALL}
        assert bank.count("posix_rename") == 1

    def test_overwrite_works_on_a_server_without_posix_rename(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        bank.faults.no_posix_rename = True
        (bank.folder / "orders.csv").write_bytes(b"old")
        world.file(SMALL)
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": SMALL}

    def test_refuse_leaves_the_other_file_alone_and_says_so(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        (bank.folder / "orders.csv").write_bytes(b"old")
        world.existing = "refuse"
        world.file(SMALL)
        with pytest.raises(DestinationRefused, match=r"bank: DestinationRefused: 'orders\.csv' exists already"):
            deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": b"old"}
        assert not temporary(bank.folder)

    def test_suffix_takes_the_next_free_name(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        for name in ("orders.csv", "orders-1.csv"):
            (bank.folder / name).write_bytes(b"old")
        world.existing = "suffix"
        world.file(SMALL)
        deliver(world.work())
        assert visible(bank.folder)["orders-2.csv"] == SMALL
        assert world.run().deliveries["bank"].name == "orders-2.csv"

    def test_suffix_takes_another_jobs_file_of_the_same_content_for_a_stranger(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        (bank.folder / "orders.csv").write_bytes(SMALL)
        world.existing = "suffix"
        world.file(SMALL)
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": SMALL, "orders-1.csv": SMALL}


class TestKilled:
    @pytest.mark.parametrize("existing", ["overwrite", "refuse", "suffix"])
    def test_after_the_rename_the_repeat_finds_its_own_file_and_writes_nothing(
        self, world: DeliveryWorld, bank: SftpPartner, existing: str
    ) -> None:
        world.existing = existing
        world.file(SMALL)
        bank.faults.drop_after_rename = True
        with pytest.raises(DestinationUnavailable):
            deliver(world.work())
        bank.faults = Faults()
        bank.log.clear()
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": SMALL}
        assert bank.count("write") == 0
        assert world.run().deliveries["bank"].status == "DELIVERED"

    @pytest.mark.parametrize("existing", ["overwrite", "refuse", "suffix"])
    @pytest.mark.parametrize("moment", ["before the rename", "after the rename"])
    def test_at_either_side_of_the_rename_one_file_is_visible_in_the_end(
        self, world: DeliveryWorld, bank: SftpPartner, existing: str, moment: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.existing = existing
        world.file(SMALL)
        with monkeypatch.context() as patched:
            kill_at_record(patched, world, number=1 if moment == "before the rename" else 2)
            with pytest.raises(Killed):
                deliver(world.work())
        assert bool(visible(bank.folder)) == (moment == "after the rename")
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": SMALL}
        assert not temporary(bank.folder)

    def test_a_new_run_that_gives_the_file_another_name_delivers_it_again(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        world.file(SMALL)
        deliver(world.work())
        world.next_run(SMALL, "renamed.csv")
        assert deliver(world.work())["destinations"]["bank"]["name"] == "renamed.csv"
        assert visible(bank.folder) == {"orders.csv": SMALL, "renamed.csv": SMALL}

    def test_a_new_run_of_the_job_knows_the_file_of_the_run_before(
        self, world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.existing = "suffix"
        world.file(SMALL)
        with monkeypatch.context() as patched:
            kill_at_record(patched, world, number=2)
            with pytest.raises(Killed):
                deliver(world.work())
        world.next_run(SMALL)
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": SMALL}


class TestResuming:
    def test_a_broken_connection_is_continued_where_it_broke(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        bank.faults.drop_at = 15 * MIB
        with pytest.raises(DestinationUnavailable, match="bank: DestinationUnavailable"):
            deliver(world.work())
        assert not visible(bank.folder)
        (part,) = temporary(bank.folder)
        there = part.stat().st_size
        bank.faults = Faults()
        bank.log.clear()
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": BIG}
        first = min(offset for name, offset in bank.log if name == "write")
        assert there - 9 * MIB <= first < there
        assert world.run().deliveries["bank"].detail["note"] == f"continued at byte {first}"

    def test_holes_that_unordered_writes_left_are_filled(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        bank.faults.drop_at = 15 * MIB
        with pytest.raises(DestinationUnavailable):
            deliver(world.work())
        (part,) = temporary(bank.folder)
        with part.open("r+b") as file:
            file.seek(part.stat().st_size - 7 * MIB)
            file.write(b"\0" * MIB)
        bank.faults = Faults()
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": BIG}

    def test_a_part_whose_bytes_are_not_ours_is_begun_again(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        bank.faults.drop_at = 15 * MIB
        with pytest.raises(DestinationUnavailable):
            deliver(world.work())
        (part,) = temporary(bank.folder)
        part.write_bytes(b"x" * part.stat().st_size)
        bank.faults = Faults()
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": BIG}

    def test_a_part_that_is_longer_than_the_file_is_begun_again(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        bank.faults.drop_at = 15 * MIB
        with pytest.raises(DestinationUnavailable):
            deliver(world.work())
        (part,) = temporary(bank.folder)
        part.write_bytes(BIG + b"more")
        bank.faults = Faults()
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": BIG}

    def test_the_deadline_stops_in_time_and_leaves_a_part(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        bank.faults.hang_at_write = True
        with pytest.raises(DestinationUnavailable, match="did not answer in time"):
            deliver(world.work(seconds=14))
        bank.faults = Faults()
        assert temporary(bank.folder)
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": BIG}

    def test_a_server_that_stalls_is_left_long_before_the_deadline(
        self, world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tasks.deliver.sftp.STALL_SECONDS", 0.3)
        world.file(SMALL)
        bank.faults.hang_at_write = True
        begun = time.monotonic()
        with pytest.raises(DestinationUnavailable, match="did not answer in time"):
            deliver(world.work(seconds=100))
        assert time.monotonic() - begun < 30

    def test_a_server_that_does_not_speak_is_left_at_the_deadline(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        world.file(SMALL)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            world.destination("bank", bank.target("ferry/bank", port=silent.getsockname()[1]))
            with pytest.raises(DestinationUnavailable, match="did not answer in time"):
                deliver(world.work(seconds=11))

    def test_no_time_left_means_no_connection(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(SMALL)
        with pytest.raises(DestinationUnavailable, match="time is up after 0 of 14 bytes"):
            deliver(world.work(seconds=5))
        assert not bank.log


class TestOwners:
    def test_a_new_owner_takes_the_part_over_and_the_old_one_makes_nothing_visible(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        world.file(BIG)
        old = world.job
        bank.faults.drop_at = 15 * MIB
        with pytest.raises(DestinationUnavailable):
            deliver(world.work())
        bank.faults = Faults()
        world.next_owner()
        with pytest.raises(RunClosed):
            deliver(world.work(job=old))
        assert not visible(bank.folder)
        bank.log.clear()
        deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": BIG}
        assert not temporary(bank.folder)
        assert bank.count("rename") == 1

    def test_an_old_owner_whose_part_was_taken_cannot_rename_it(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(SMALL)
        old = world.work()
        record = world.services.runs.record_delivery

        def taken_over(*arguments: object) -> None:
            record(*arguments)  # type: ignore[arg-type]
            (part,) = temporary(bank.folder)
            part.rename(part.with_name(part.name.replace(".1.ferrypart", ".2.ferrypart")))

        world.services.runs.record_delivery = taken_over  # type: ignore[assignment]
        with pytest.raises(FerryError):
            deliver(old)
        assert not visible(bank.folder)


class TestFaults:
    def fails(self, world: DeliveryWorld, error: type[Exception], text: str) -> str:
        with pytest.raises(error, match=text) as caught:
            deliver(world.work(seconds=30))
        recorded = world.run().deliveries["bank"]
        assert recorded.status == "FAILED"
        assert PASSWORD not in str(caught.value) + recorded.error
        return str(caught.value)

    def test_a_full_disk_is_tried_again(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        bank.faults.full_at = 3 * MIB
        self.fails(world, DestinationUnavailable, "full disk")
        assert not visible(bank.folder)

    def test_a_server_that_swallows_bytes_is_caught_before_the_rename(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        world.file(BIG)
        bank.faults.swallow_from = 3 * MIB
        self.fails(world, DestinationUnavailable, "stored 3145728 of 20971520 bytes")
        assert not visible(bank.folder)
        assert not temporary(bank.folder)

    def test_denied_permission_is_not_tried_again(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(SMALL)
        bank.faults.read_only = True
        self.fails(world, DestinationRefused, "denies permission")

    def test_a_wrong_host_key_ends_before_the_login(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        other = bank.user_key.export_public_key().decode()
        world.destination("bank", bank.target("ferry/bank", host_keys=[other]))
        world.file(SMALL)
        self.fails(world, DestinationRefused, "host key is none of the pinned ones")

    def test_a_pinned_key_of_another_type_is_refused(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        import asyncssh

        other = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
        world.destination("bank", bank.target("ferry/bank", host_keys=[other]))
        world.file(SMALL)
        # both sides see that they share no key type; a server that hangs up first leaves only a lost connection
        for _ in range(10):
            try:
                self.fails(world, DestinationRefused, "no host key of a pinned type")
                break
            except DestinationUnavailable as lost:
                assert "Connection lost" in str(lost)
        else:
            pytest.fail("ten times the server hung up before it had said which keys it has")

    def test_a_wrong_password_is_refused(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.destination("bank", bank.target(world.secret("wrong", password="nope-nope")))
        world.file(SMALL)
        assert "nope-nope" not in self.fails(world, DestinationRefused, "login was refused")

    def test_an_unreachable_server_is_tried_again(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.destination("bank", bank.target("ferry/bank", port=1))
        world.file(SMALL)
        self.fails(world, DestinationUnavailable, "127.0.0.1:1 cannot be reached")

    def test_a_private_address_is_refused_unless_the_operator_allows_it(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        world.allow()
        world.file(SMALL)
        self.fails(world, ConfigurationError, "127.0.0.1 resolves to 127.0.0.1: private, loopback")

    def test_a_missing_secret_is_a_configuration_error(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.destination("bank", bank.target("ferry/absent"))
        world.file(SMALL)
        self.fails(world, ConfigurationError, "'ferry/absent' cannot be read")

    @pytest.mark.parametrize("fields", [{"user": "x"}, {"private_key": "-----BEGIN nonsense"}])
    def test_a_useless_secret_is_a_configuration_error(
        self, world: DeliveryWorld, bank: SftpPartner, fields: dict[str, str]
    ) -> None:
        world.destination("bank", bank.target(world.secret("useless", **fields)))
        world.file(SMALL)
        self.fails(world, ConfigurationError, "private.key")

    def test_a_pinned_key_that_is_none_is_a_configuration_error(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.destination("bank", bank.target("ferry/bank", host_keys=["ssh-ed25519 nonsense"]))
        world.file(SMALL)
        self.fails(world, ConfigurationError, "host key cannot be read")
