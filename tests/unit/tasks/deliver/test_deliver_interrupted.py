"""A delivery whose home stops it, or whose run has another owner, between two blocks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fileferry.errors import FerryError, RunClosed, StepInterrupted
from fileferry.model.job import Step, StepStatus
from fileferry.steps import run_step
from tasks.deliver import sftp
from tasks.deliver.app import deliver
from tests.unit.tasks.deliver.https_partner import HttpsPartner, https_partner
from tests.unit.tasks.deliver.killing import Killed
from tests.unit.tasks.deliver.pulses import Pulses
from tests.unit.tasks.deliver.sftp_partner import SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld, temporary, visible

MIB = 1024**2
BIG = os.urandom(MIB) * 20
PART = 5 * MIB
"""As DeliveryWorld's home has it."""


def stopped(world: DeliveryWorld, pulses: Pulses) -> None:
    """Deliver in a home that ends with the error of `pulses`."""
    assert pulses.error
    with pytest.raises(type(pulses.error)):
        deliver(pulses.home_of(world.work()))


class TestSftp:
    def test_the_pulse_is_told_what_the_server_has_answered(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        pulses = Pulses()
        deliver(pulses.home_of(world.work()))
        told = [safe for safe in pulses.told if safe]  # the reading ahead makes nothing safe and tells 0
        assert told == sorted(told)
        assert len(BIG) - PART <= told[-1] <= len(BIG)

    def test_an_interruption_leaves_the_part_and_is_no_failure(
        self, world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.file(BIG)
        work = Pulses(StepInterrupted(), at=7 * MIB).home_of(world.work())
        monkeypatch.setattr(world.services.config, "route_revision", lambda *_: work.route)
        with pytest.raises(StepInterrupted):
            run_step(Step.DELIVER, {"job": world.job.model_dump()}, work.home, deliver, world.services)
        assert not visible(bank.folder)
        assert [part.stat().st_size >= 7 * MIB for part in temporary(bank.folder)] == [True]
        run = world.run()
        assert not run.deliveries
        assert (run.steps[Step.DELIVER].status, run.steps[Step.DELIVER].error) == (StepStatus.RUNNING, None)

    def test_what_is_under_way_is_answered_before_the_home_stops(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        stopped(world, Pulses(StepInterrupted(), at=7 * MIB))
        (part,) = temporary(bank.folder)
        assert part.stat().st_size == bank.received
        assert part.read_bytes() == BIG[: bank.received]

    def test_the_next_owner_goes_on_and_sends_at_most_a_part_again(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        world.file(BIG)
        before = Pulses(StepInterrupted(), at=12 * MIB)
        stopped(world, before)
        world.next_owner()
        deliver(Pulses(saved=before.saved).home_of(world.work()))
        assert visible(bank.folder) == {"orders.csv": BIG}
        assert not temporary(bank.folder)
        assert bank.received <= len(BIG) + PART

    def test_each_kill_costs_at_most_a_part(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        progress = Pulses()
        kills = range(MIB, 17 * MIB, 2 * MIB)
        for at in kills:
            stopped(world, Pulses(Killed(), at=at, saved=progress.saved))
            world.next_owner()
        deliver(Pulses(saved=progress.saved).home_of(world.work()))
        assert visible(bank.folder) == {"orders.csv": BIG}
        assert bank.received <= len(BIG) + len(kills) * PART

    def test_holes_of_a_home_with_a_wider_window_are_filled(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        work = world.work()
        wide = replace(work, home=replace(work.home, part_size=16 * MIB))
        with pytest.raises(Killed):
            deliver(Pulses(Killed(), at=11 * MIB, kept=False).home_of(wide))
        (part,) = temporary(bank.folder)
        with part.open("r+b") as file:
            file.seek(part.stat().st_size - 7 * MIB)
            file.write(b"\0" * MIB)
        world.next_owner()
        deliver(Pulses().home_of(world.work()))
        assert visible(bank.folder) == {"orders.csv": BIG}

    def test_an_owner_that_is_fenced_out_before_it_begins_makes_no_file(
        self, world: DeliveryWorld, bank: SftpPartner
    ) -> None:
        world.file(BIG)
        stopped(world, Pulses(RunClosed("another owner")))
        assert list(bank.folder.iterdir()) == []

    def test_a_fenced_out_owner_stops_and_makes_nothing_visible(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        stopped(world, Pulses(RunClosed("the run has another owner"), at=7 * MIB))
        assert not visible(bank.folder)
        assert bank.received <= 7 * MIB + PART
        assert not world.run().deliveries

    def test_an_owner_that_begins_anew_leaves_its_successors_part_alone(
        self, world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.file(BIG)
        stopped(world, Pulses(Killed(), at=12 * MIB))
        (part,) = temporary(bank.folder)
        part.write_bytes(b"x" * (12 * MIB))
        taken = part.with_name(part.name.replace(".1.ferrypart", ".2.ferrypart"))
        begin = sftp._Sending._begin

        async def frozen(self: Any, *arguments: Any) -> Any:
            part.rename(taken)
            return await begin(self, *arguments)

        monkeypatch.setattr(sftp._Sending, "_begin", frozen)
        with pytest.raises(FerryError):
            deliver(world.work())
        assert taken.read_bytes() == b"x" * (12 * MIB)
        assert not visible(bank.folder)

    def test_an_owner_whose_part_was_taken_removes_nothing_where_a_rename_cannot_replace(
        self, world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bank.faults.no_posix_rename = True
        world.file(BIG)
        record = world.services.runs.record_delivery

        def taken_over(*arguments: Any) -> None:
            record(*arguments)
            for part in temporary(bank.folder):
                part.rename(part.with_name("orders.csv"))

        monkeypatch.setattr(world.services.runs, "record_delivery", taken_over)
        with pytest.raises(FerryError):
            deliver(world.work())
        assert visible(bank.folder) == {"orders.csv": BIG}

    def test_looking_for_an_earlier_file_can_be_interrupted_too(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(BIG)
        bank.faults.drop_after_rename = True
        with pytest.raises(FerryError):
            deliver(world.work())
        bank.faults.drop_after_rename = False
        stopped(world, Pulses(StepInterrupted()))
        assert deliver(world.work())["destinations"]["bank"]["detail"]["note"].startswith("found")

    def test_a_deadline_that_is_weeks_away_changes_nothing(self, world: DeliveryWorld, bank: SftpPartner) -> None:
        world.file(b"id\n1\n")
        deliver(world.work(seconds=30 * 86_400))
        assert visible(bank.folder) == {"orders.csv": b"id\n1\n"}


class TestHttps:
    @pytest.fixture
    def api(self, world: DeliveryWorld, tmp_path: Path) -> Iterator[HttpsPartner]:
        with https_partner(tmp_path) as endpoint:
            world.destination("api", endpoint.target())
            yield endpoint

    @pytest.mark.parametrize("error", [StepInterrupted(), RunClosed("the run has another owner")])
    def test_the_body_is_cut_and_no_failure_recorded(
        self, world: DeliveryWorld, api: HttpsPartner, error: BaseException
    ) -> None:
        world.file(BIG)
        pulses = Pulses(error)
        stopped(world, pulses)
        assert not api.stored
        assert set(pulses.told) == {0}
        assert [delivery.error for delivery in world.run().deliveries.values()] == [
            "The last try was interrupted before its outcome was recorded."
        ]
        deliver(Pulses().home_of(world.work(seconds=30 * 86_400)))
        assert api.stored == {"/in/orders.csv": BIG}
