"""Copies in parts: verified without sending a byte, gone on with after a kill, refused when S3 copied other bytes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import Any

import pytest

from fileferry.errors import IntegrityError, RunClosed, StepInterrupted
from fileferry.home import Transfer
from fileferry.model.job import ObjectRef, ObjectVersion
from fileferry.objects import Objects, Target
from tests.unit.aws_parts import AwsParts
from tests.unit.faults import Killed
from tests.unit.kept_progress import KeptProgress
from tests.unit.small_parts import PART, small_parts
from tests.unit.world import JobWorld

__all__ = ["small_parts"]

pytestmark = pytest.mark.usefixtures("small_parts")
CONTENT = os.urandom(18 * PART // 5)
"""Four parts, the last one smaller."""
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TARGET = Target("archive", "acme/copy", {"job-id": "j"}, {"retention-days": "30"})
CALLS = 9
"""Side effects of a copy, and one: the upload and its record, four parts, completing, forgetting."""


class Copier:
    """Copies as a process of one run does; `read` counts the bytes that were read of the source and of copies."""

    def __init__(self, world: JobWorld) -> None:
        self.s3 = AwsParts(world.raw_s3)
        self.progress = KeptProgress(world.faults)
        self.told: list[int] = []
        self.read = 0
        self.objects = Objects(world.faults.client(self))
        self.transfer = Transfer(
            name="archive",
            part_size=2 * PART,
            lanes=2,
            copy_limit=1,
            progress=self.progress,
            pulse=self.told.append,
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.s3, name)

    def get_object(self, **request: Any) -> Any:
        answer = self.s3.get_object(**request)
        self.read += answer["ContentLength"]
        return answer

    def copy(self, source: ObjectVersion | ObjectRef, **more: Any) -> ObjectRef:
        transfer = more.pop("transfer", self.transfer)
        return self.objects.copy_verified(source, TARGET, transfer, **{"repeat": True, **more})


@pytest.fixture
def copier(world: JobWorld) -> Copier:
    return Copier(world)


@pytest.fixture
def uploaded(world: JobWorld) -> ObjectVersion:
    """A version as it comes: S3 holds no SHA-256 of it."""
    version_id = world.raw_s3.put_object(Bucket="ingest", Key="k", Body=CONTENT)["VersionId"]
    return ObjectVersion(bucket="ingest", key="k", version_id=version_id, size=len(CONTENT))


@pytest.fixture
def staged(world: JobWorld, copier: Copier, uploaded: ObjectVersion) -> ObjectRef:
    """A version that was copied to staging in parts, and whose digest is recorded."""
    ref = copier.objects.copy_verified(uploaded, Target("staging", "acme/original"), copier.transfer)
    copier.read = copier.s3.copied = 0
    copier.told.clear()
    world.faults.log.clear()
    return ref


def uploads(world: JobWorld) -> int:
    return len(world.raw_s3.list_multipart_uploads(Bucket="archive").get("Uploads", []))


class TestBesideReading:
    """The digest is not known, or was told by somebody: stage."""

    def test_the_source_is_read_once_and_nothing_is_sent(self, copier: Copier, uploaded: ObjectVersion) -> None:
        ref = copier.copy(uploaded)
        assert (ref.sha256, copier.read, copier.s3.sent, copier.s3.copied) == (SHA256, len(CONTENT), 0, len(CONTENT))
        assert copier.told[-1] == len(CONTENT)
        assert copier.objects.read(ref, 10**9) == CONTENT

    def test_a_part_that_s3_copied_with_other_bytes_is_refused(
        self, world: JobWorld, copier: Copier, uploaded: ObjectVersion
    ) -> None:
        copier.s3.corrupted = {3}
        with pytest.raises(IntegrityError, match="S3 copied bytes 131072 to 196607 with SHA-256"):
            copier.copy(uploaded)
        assert not world.versions("archive")
        assert uploads(world) == 0

    def test_another_digest_than_was_told_leaves_no_copy(
        self, world: JobWorld, copier: Copier, uploaded: ObjectVersion
    ) -> None:
        with pytest.raises(IntegrityError, match="is recorded"):
            copier.copy(uploaded, sha256="0" * 64)
        assert not world.versions("archive")
        assert uploads(world) == 0

    def test_a_part_of_the_earlier_try_with_other_bytes_is_copied_again(
        self, world: JobWorld, copier: Copier, uploaded: ObjectVersion
    ) -> None:
        self.interrupt(copier, uploaded)
        upload = copier.progress.values["archive"]["upload_id"]
        place: Any = {"Bucket": "archive", "Key": TARGET.key, "UploadId": upload}
        other = world.raw_s3.put_object(Bucket="ingest", Key="other", Body=bytes(PART))["VersionId"]
        source = {"Bucket": "ingest", "Key": "other", "VersionId": other}
        copier.s3.upload_part_copy(**place, PartNumber=1, CopySource=source, CopySourceRange=f"bytes=0-{PART - 1}")
        ref = copier.copy(uploaded)
        assert copier.objects.read(ref, 10**9) == CONTENT

    def test_a_copy_that_is_there_is_read_on_a_repeat(self, copier: Copier, uploaded: ObjectVersion) -> None:
        first = copier.copy(uploaded)
        copier.read = 0
        assert copier.copy(uploaded) == first
        assert copier.read == len(CONTENT)

    def interrupt(self, copier: Copier, source: ObjectVersion) -> None:
        """Stop with all parts copied."""

        def pulse(safe: int) -> None:
            if safe == source.size:
                raise StepInterrupted

        with pytest.raises(StepInterrupted):
            copier.copy(source, transfer=replace(copier.transfer, pulse=pulse))


class TestAlongParts:
    """The source's digest is recorded and S3 holds the checksums of its parts: archive."""

    def test_nothing_is_read_and_the_copy_tells_the_digest(self, copier: Copier, staged: ObjectRef) -> None:
        ref = copier.copy(staged, sha256=SHA256)
        assert (ref.sha256, copier.read, copier.s3.copied) == (SHA256, 0, len(CONTENT))
        assert copier.objects.read(ref, 10**9) == CONTENT
        assert copier.objects.head("archive", TARGET.key).metadata["sha256"] == SHA256

    def test_parts_that_are_not_the_sources_are_refused(
        self, world: JobWorld, copier: Copier, staged: ObjectRef
    ) -> None:
        copier.s3.corrupted = {2}
        with pytest.raises(IntegrityError, match="parts with SHA-256"):
            copier.copy(staged, sha256=SHA256)
        assert not world.versions("archive")
        assert uploads(world) == 0

    def test_a_digest_that_is_not_the_sources_own_is_compared_with_its_bytes(
        self, world: JobWorld, copier: Copier, staged: ObjectRef
    ) -> None:
        with pytest.raises(IntegrityError, match="is recorded"):
            copier.copy(staged, sha256="0" * 64)
        assert copier.read == len(CONTENT)
        assert not world.versions("archive")

    def test_a_copy_that_is_there_with_the_same_parts_is_taken_unread(
        self, world: JobWorld, copier: Copier, staged: ObjectRef
    ) -> None:
        first = copier.copy(staged, sha256=SHA256)
        assert copier.copy(staged, sha256=SHA256) == first
        assert copier.read == 0
        assert len(world.versions("archive")) == 1

    def test_it_is_read_where_the_source_is_gone(self, copier: Copier, staged: ObjectRef) -> None:
        first = copier.copy(staged, sha256=SHA256)
        copier.objects.delete_version(staged.bucket, staged.key, staged.version_id)
        assert copier.copy(staged, sha256=SHA256) == first
        assert copier.read == len(CONTENT)

    def test_a_source_that_was_put_at_once_is_read(self, copier: Copier, uploaded: ObjectVersion) -> None:
        source = ObjectRef(**uploaded.model_dump(exclude={"etag"}), sha256=SHA256)
        assert copier.copy(source, sha256=SHA256).sha256 == SHA256
        assert copier.read == len(CONTENT)


def test_a_copy_whose_parts_have_no_checksums_is_read_and_removed_when_its_bytes_are_others(
    world: JobWorld, uploaded: ObjectVersion, copier: Copier, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = world.raw_s3.upload_part_copy

    def other_range(**request: Any) -> Any:
        return copy(**{**request, "CopySourceRange": f"bytes=1-{PART}"} if request["PartNumber"] == 1 else request)

    monkeypatch.setattr(world.raw_s3, "upload_part_copy", other_range)
    with pytest.raises(IntegrityError, match="is recorded"):
        Objects(world.raw_s3).copy_verified(uploaded, TARGET, copier.transfer)
    assert not world.versions("archive")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS))
@pytest.mark.parametrize("known", [True, False], ids=["along parts", "beside reading"])
def test_killed_at_any_call_the_next_process_copies_only_what_is_missing(
    world: JobWorld, copier: Copier, uploaded: ObjectVersion, staged: ObjectRef, known: bool, number: int, moment: str
) -> None:
    arguments: dict[str, Any] = {"source": staged, "sha256": SHA256} if known else {"source": uploaded}
    world.kill(number, moment)
    with pytest.raises(Killed):
        copier.copy(**arguments)
    world.kill(0, "")
    ref = copier.copy(**arguments)
    assert copier.objects.read(ref, 10**9) == CONTENT
    assert ref.sha256 == SHA256
    assert len(world.versions("archive")) == 1
    assert copier.s3.copied <= len(CONTENT) + copier.transfer.part_size


def test_these_are_all_side_effects(world: JobWorld, copier: Copier, staged: ObjectRef) -> None:
    copier.copy(staged, sha256=SHA256)
    assert world.faults.log == [
        "s3.create_multipart_upload",
        "progress.save",
        *["s3.upload_part_copy"] * 4,
        "s3.complete_multipart_upload",
        "progress.save",
    ]


@pytest.mark.parametrize("copy_limit", [1, 10**10])
def test_what_is_called_before_a_copy_becomes_visible_can_refuse_it(
    world: JobWorld, copier: Copier, staged: ObjectRef, copy_limit: int
) -> None:
    def refuse() -> None:
        raise RunClosed("The run belongs to another runner.")

    transfer = replace(copier.transfer, copy_limit=copy_limit)
    with pytest.raises(RunClosed):
        copier.copy(staged, sha256=SHA256, transfer=transfer, before_visible=refuse)
    assert not world.versions("archive")
