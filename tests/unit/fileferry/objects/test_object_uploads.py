"""Uploads in parts: bounded, fenced, and gone on with by the next process, which sends no part again."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from fileferry.errors import IntegrityError, RunClosed, StepInterrupted, TransientError
from fileferry.home import Transfer
from fileferry.model.job import ObjectRef
from fileferry.objects import Objects, Target, Written
from tests.unit.aws_parts import AwsParts
from tests.unit.faults import Killed
from tests.unit.kept_progress import KeptProgress
from tests.unit.small_parts import PART, small_parts
from tests.unit.world import JobWorld

__all__ = ["small_parts"]

pytestmark = pytest.mark.usefixtures("small_parts")
CONTENT = os.urandom(28 * PART // 5)
"""Six parts, the last one smaller."""
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TARGET = Target("staging", "acme/output", {"job-id": "j"})
CALLS = 11
"""Side effects of a write: the upload and its record, six parts, completing, forgetting; one more for good measure."""


class Uploader:
    """Writes the content as a process of one run does; all of them share the run's progress."""

    def __init__(self, world: JobWorld) -> None:
        self.s3 = AwsParts(world.raw_s3)
        self.progress = KeptProgress(world.faults)
        self.told: list[int] = []
        self.objects = Objects(world.faults.client(self.s3))
        self.transfer = Transfer(
            name="transform", part_size=2 * PART, lanes=2, progress=self.progress, pulse=self.told.append
        )

    def write(self, content: bytes = CONTENT, transfer: Transfer | None = None, **more: Any) -> ObjectRef:
        with self.objects.writer(TARGET, transfer or self.transfer, **more) as writer:
            for start in range(0, len(content), PART // 3):
                writer.write(content[start : start + PART // 3])
        return writer.ref


@pytest.fixture
def uploader(world: JobWorld) -> Uploader:
    return Uploader(world)


def uploads(world: JobWorld) -> int:
    return len(world.raw_s3.list_multipart_uploads(Bucket="staging").get("Uploads", []))


def test_parts_are_sent_at_once_within_the_bound_and_what_is_safe_is_told(world: JobWorld, uploader: Uploader) -> None:
    ref = uploader.write()
    assert uploader.objects.read(ref, 10**9) == CONTENT
    assert (ref.size, ref.sha256) == (len(CONTENT), SHA256)
    assert uploader.s3.most_under_way <= 2 * PART
    assert uploader.told == sorted(uploader.told)
    assert set(uploader.told) <= {*range(0, len(CONTENT), PART), len(CONTENT)}
    assert uploader.told[-1] == len(CONTENT)
    assert uploader.progress.values == {"transform": {}}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS))
def test_killed_at_any_call_the_next_process_goes_on_from_what_is_there(
    world: JobWorld, uploader: Uploader, number: int, moment: str
) -> None:
    world.kill(number, moment)
    with pytest.raises(Killed):
        uploader.write()
    world.kill(0, "")
    visible = bool(world.versions("staging"))
    ref = uploader.write()
    assert uploader.objects.read(ref, 10**9) == CONTENT
    if not visible:  # what became visible is found by its metadata and never written again: see transform and deliver
        assert len(world.versions("staging")) == 1
        assert uploader.s3.sent <= len(CONTENT) + uploader.transfer.part_size
    unrecorded = (number, moment) in ((1, "after"), (2, "before"))
    assert uploads(world) == unrecorded  # left to the bucket's lifecycle rule


def test_these_are_all_side_effects(world: JobWorld, uploader: Uploader) -> None:
    uploader.write()
    assert len(world.faults.log) == CALLS - 1
    assert world.faults.log[:2] == ["s3.create_multipart_upload", "progress.save"]
    assert world.faults.log[-2:] == ["s3.complete_multipart_upload", "progress.save"]


class TestInterrupted:
    @pytest.fixture
    def interrupted(self, uploader: Uploader) -> Uploader:
        """Stopped before the fourth part."""

        asked = iter(range(1, 5))

        def pulse(_: int) -> None:
            if next(asked) == 4:
                raise StepInterrupted

        with pytest.raises(StepInterrupted):
            uploader.write(transfer=replace(uploader.transfer, pulse=pulse))
        return uploader

    def test_the_upload_stays_and_is_gone_on_with(self, world: JobWorld, interrupted: Uploader) -> None:
        assert uploads(world) == 1
        sent = interrupted.s3.sent
        assert sent == 3 * PART  # what was under way has arrived
        interrupted.write()
        assert interrupted.s3.sent == len(CONTENT)
        assert interrupted.told[-1] == len(CONTENT)

    def test_other_bytes_than_before_are_sent(self, interrupted: Uploader) -> None:
        changed = CONTENT[:PART] + bytes(PART) + CONTENT[2 * PART :]
        ref = interrupted.write(changed)
        assert interrupted.objects.read(ref, 10**9) == changed
        assert interrupted.s3.sent == len(CONTENT) + PART

    def test_a_part_whose_checksum_s3_does_not_tell_is_sent_again(
        self, interrupted: Uploader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(interrupted.s3, "get_paginator", interrupted.s3._client.get_paginator)
        interrupted.write()
        assert interrupted.s3.sent == len(CONTENT) + 3 * PART

    def test_the_part_size_stays_the_one_it_was_begun_with(self, interrupted: Uploader) -> None:
        interrupted.write(transfer=replace(interrupted.transfer, part_size=8 * PART))
        assert interrupted.s3.sent == len(CONTENT)

    def test_an_upload_to_another_target_is_not_taken(self, world: JobWorld, interrupted: Uploader) -> None:
        other = replace(TARGET, metadata={"job-id": "another"})
        with interrupted.objects.writer(other, interrupted.transfer) as writer:
            writer.write(CONTENT)
        assert interrupted.s3.sent == len(CONTENT) + 3 * PART
        assert interrupted.objects.head("staging", TARGET.key).metadata["job-id"] == "another"

    def test_an_upload_that_is_gone_begins_anew(self, world: JobWorld, interrupted: Uploader) -> None:
        upload = interrupted.progress.values["transform"]["upload_id"]
        world.raw_s3.abort_multipart_upload(Bucket="staging", Key=TARGET.key, UploadId=upload)
        ref = interrupted.write()
        assert interrupted.objects.read(ref, 10**9) == CONTENT
        assert interrupted.s3.sent == len(CONTENT) + 3 * PART

    def test_a_small_output_leaves_no_upload_behind(self, world: JobWorld, interrupted: Uploader) -> None:
        ref = interrupted.write(b"small")
        assert interrupted.objects.read(ref, 10) == b"small"
        assert uploads(world) == 0


class TestErrors:
    @pytest.mark.parametrize(
        "error",
        [
            TransientError("S3 is down"),
            EndpointConnectionError(endpoint_url="x"),
            ClientError({"Error": {"Code": "SlowDown"}}, "UploadPart"),
        ],
    )
    def test_an_error_that_the_next_try_may_heal_leaves_the_upload(
        self, world: JobWorld, uploader: Uploader, error: Exception
    ) -> None:
        self.fail(uploader, error)
        assert uploads(world) == 1
        uploader.write()
        assert uploader.s3.sent == len(CONTENT)

    @pytest.mark.parametrize(
        "error",
        [IntegrityError("other bytes"), ValueError("oh"), ClientError({"Error": {"Code": "PreconditionFailed"}}, "x")],
    )
    def test_any_other_error_aborts_it(self, world: JobWorld, uploader: Uploader, error: Exception) -> None:
        self.fail(uploader, error)
        assert uploads(world) == 0
        assert uploader.progress.values == {"transform": {}}

    def test_where_nothing_is_kept_every_error_aborts_it(self, world: JobWorld, uploader: Uploader) -> None:
        uploader.transfer = Transfer(part_size=2 * PART, lanes=2)
        self.fail(uploader, TransientError("S3 is down"))
        assert uploads(world) == 0

    def fail(self, uploader: Uploader, error: Exception) -> None:
        with pytest.raises(type(error)), uploader.objects.writer(TARGET, uploader.transfer) as writer:
            writer.write(CONTENT)
            raise error


class TestReplaced:
    def test_a_replaced_runner_completes_nothing_and_leaves_the_upload_to_its_successor(
        self, world: JobWorld, uploader: Uploader
    ) -> None:
        def owned(safe: int) -> None:
            if safe == len(CONTENT):
                uploader.progress.replaced = True
                raise RunClosed("The run belongs to another runner.")

        with pytest.raises(RunClosed):
            uploader.write(transfer=replace(uploader.transfer, pulse=owned))
        assert not world.versions("staging")
        uploader.progress.replaced = False
        uploader.write()
        assert uploader.s3.sent == len(CONTENT)

    def test_its_other_errors_abort_nothing_either(self, world: JobWorld, uploader: Uploader) -> None:
        with pytest.raises(IntegrityError), uploader.objects.writer(TARGET, uploader.transfer) as writer:
            writer.write(CONTENT)
            uploader.progress.replaced = True
            writer.expect(1)
        assert uploads(world) == 1

    @pytest.mark.parametrize("content", [CONTENT, b"small"])
    def test_what_is_called_before_an_object_becomes_visible_can_refuse_it(
        self, world: JobWorld, uploader: Uploader, content: bytes
    ) -> None:
        def refuse(written: Written) -> None:
            assert (written.size, written.sha256) == (len(content), hashlib.sha256(content).hexdigest())
            raise RunClosed("The run belongs to another runner.")

        with pytest.raises(RunClosed):
            uploader.write(content, before_visible=refuse)
        assert not world.versions("staging")

    def test_two_owners_of_one_upload_make_one_version(self, world: JobWorld, uploader: Uploader) -> None:
        """The first one is frozen before it completes, and goes on when its successor has completed."""

        def successor(_: Written) -> None:
            uploader.write()

        ref = uploader.write(before_visible=successor)
        assert world.versions("staging") == [(TARGET.key, ref.version_id)]
        assert uploader.s3.sent == len(CONTENT)


class TestCompleting:
    def test_a_lost_answer_ends_well(self, world: JobWorld, uploader: Uploader) -> None:
        complete = uploader.s3.complete_multipart_upload

        def twice(**request: Any) -> Any:
            complete(**request)
            return complete(**request)  # as botocore does when no answer came

        uploader.s3.complete_multipart_upload = twice  # type: ignore[method-assign]
        ref = uploader.write()
        assert world.versions("staging") == [(TARGET.key, ref.version_id)]

    def test_an_upload_that_is_gone_with_another_object_there_is_an_error(
        self, world: JobWorld, uploader: Uploader
    ) -> None:
        def aborted(_: Written) -> None:
            upload = uploader.progress.values["transform"]["upload_id"]
            world.raw_s3.abort_multipart_upload(Bucket="staging", Key=TARGET.key, UploadId=upload)
            world.raw_s3.put_object(Bucket="staging", Key=TARGET.key, Body=bytes(len(CONTENT)))

        with pytest.raises(ClientError, match="NoSuchUpload"):
            uploader.write(before_visible=aborted)

    def test_a_part_that_another_owner_has_replaced_by_other_bytes_is_found_out(
        self, world: JobWorld, uploader: Uploader
    ) -> None:
        def replaced(_: Written) -> None:
            upload = uploader.progress.values["transform"]["upload_id"]
            place = {"Bucket": "staging", "Key": TARGET.key, "UploadId": upload}
            world.raw_s3.upload_part(**place, PartNumber=2, Body=bytes(PART))

        with pytest.raises(TransientError, match="not the one that was sent"):
            uploader.write(before_visible=replaced)
        assert not world.versions("staging")
        uploader.write()
        assert len(world.versions("staging")) == 1


def test_what_lies_there_is_not_overwritten_where_only_a_new_object_is_wanted(
    world: JobWorld, uploader: Uploader
) -> None:
    for content in (b"small", CONTENT):
        world.raw_s3.put_object(Bucket="staging", Key=TARGET.key, Body=b"there")
        count = len(world.versions("staging"))
        writer = uploader.objects.writer(replace(TARGET, only_new=True), uploader.transfer)
        with pytest.raises(ClientError, match="PreconditionFailed"), writer:
            writer.write(content)
        assert len(world.versions("staging")) == count
        assert uploads(world) == 0


def test_parts_that_memory_cannot_hold_go_through_files_that_are_gone_afterwards(
    uploader: Uploader, tmp_path: Path
) -> None:
    folder = tmp_path / "scratch"
    ref = uploader.write(transfer=replace(uploader.transfer, memory=2 * PART, scratch=folder))
    assert uploader.objects.read(ref, 10**9) == CONTENT
    assert folder.exists()
    assert not list(folder.iterdir())
