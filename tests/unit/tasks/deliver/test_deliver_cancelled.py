"""A run that is cancelled in the middle of a delivery: nothing becomes visible, and nothing unfinished stays."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from fileferry.errors import FerryError, RunClosed
from fileferry.home import Home
from fileferry.model.job import Action, Decision, JobStatus
from fileferry.steps import Work
from tasks.deliver.app import run
from tests.unit.tasks.deliver.killing import Killed
from tests.unit.tasks.deliver.pulses import Pulses
from tests.unit.tasks.deliver.sftp_partner import SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld, temporary, visible

MIB = 1024**2
BIG = os.urandom(MIB) * 20


def cancel(world: DeliveryWorld) -> None:
    decision = Decision(action=Action.CANCEL, requested_by="ann", at="2026-11-29T00:00:00Z")
    job = world.job.model_copy(update={"fence": world.run().fence})
    world.services.runs.cancel(job, decision, {"error": "Cancelled", "message": "by ann"}, {})


def delivered_in(home: Home, world: DeliveryWorld, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.services.config, "route_revision", lambda *_: work.route)
    run({"job": world.job.model_dump(mode="json"), "attempt": 0}, home, world.services)


class AtBytes:
    """A pulse that cancels the run once `at` bytes are safe."""

    def __init__(self, world: DeliveryWorld, at: int) -> None:
        self._world = world
        self._at = at

    def __call__(self, safe: int) -> None:
        if safe >= self._at and not self._world.run().status.is_final:
            cancel(self._world)


def test_a_function_finds_out_by_itself_and_leaves_nothing(
    world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.file(BIG)
    work = world.work()
    home = replace(work.home, pulse=AtBytes(world, 7 * MIB), watch_seconds=1e-9)
    with pytest.raises(RunClosed, match="is CANCELLED"):
        delivered_in(home, world, work, monkeypatch)
    assert list(bank.folder.iterdir()) == []
    assert 7 * MIB <= bank.received < len(BIG)
    assert world.run().status is JobStatus.CANCELLED


def test_who_finds_out_only_when_the_file_would_become_visible_leaves_nothing(
    world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.file(BIG)
    work = world.work()
    home = replace(work.home, pulse=AtBytes(world, 7 * MIB))
    with pytest.raises(RunClosed):
        delivered_in(home, world, work, monkeypatch)
    assert bank.received == len(BIG)
    assert list(bank.folder.iterdir()) == []


def test_what_a_killed_owner_has_left_is_removed_when_the_run_ends_its_way(
    world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.file(BIG)
    work = Pulses(Killed(), at=7 * MIB).home_of(world.work())
    with pytest.raises(Killed):
        delivered_in(work.home, world, work, monkeypatch)
    assert len(temporary(bank.folder)) == 1
    world.next_owner()
    cancel(world)
    with pytest.raises(RunClosed):
        delivered_in(world.work().home, world, work, monkeypatch)
    assert list(bank.folder.iterdir()) == []


def test_an_owner_that_was_replaced_leaves_its_file_to_its_successor(
    world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.file(BIG)
    job = world.job

    def replaced(safe: int) -> None:
        if safe >= 7 * MIB and world.job == job:
            world.next_owner()

    work = world.work()
    monkeypatch.setattr(world.services.config, "route_revision", lambda *_: work.route)
    with pytest.raises(RunClosed, match="another runner"):
        run(
            {"job": job.model_dump(mode="json"), "attempt": 0},
            replace(work.home, pulse=replaced, watch_seconds=1e-9),
            world.services,
        )
    assert not visible(bank.folder)
    assert len(temporary(bank.folder)) == 1


def test_a_destination_that_cannot_be_reached_hides_nothing_and_delays_no_other(
    world: DeliveryWorld, bank: SftpPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = bank.target(world.secret("gone", password="x"), port=1)
    world.destination("gone", target)
    world.destinations.reverse()
    world.file(BIG)
    work = world.work()
    home = replace(work.home, pulse=AtBytes(world, 7 * MIB), watch_seconds=1e-9)
    with pytest.raises(RunClosed):
        delivered_in(home, world, work, monkeypatch)
    assert list(bank.folder.iterdir()) == []


def test_an_upload_to_s3_is_aborted_although_its_home_keeps_progress(
    world: DeliveryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bucket("far")
    world.destination("lake", {"kind": "s3", "bucket": "far", "prefix": "in/"})
    world.existing = "refuse"
    world.file(BIG)
    pulses = Pulses()
    work = pulses.home_of(world.work())
    told: dict[str, Any] = {}

    def pulse(safe: int) -> None:
        if safe >= 7 * MIB:
            if not world.run().status.is_final:
                told["uploads"] = world.services.s3.list_multipart_uploads(Bucket="far")["Uploads"]
                cancel(world)
            world.services.runs.check_open(world.job)

    with pytest.raises(FerryError):
        delivered_in(replace(work.home, pulse=pulse), world, work, monkeypatch)
    assert len(told["uploads"]) == 1
    assert not world.services.s3.list_multipart_uploads(Bucket="far").get("Uploads")
    assert not world.services.s3.list_objects_v2(Bucket="far").get("Contents")
