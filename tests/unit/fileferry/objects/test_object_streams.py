"""Objects as streams and verified copies; versions are pinned, and a killed copier is simply called again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial

import pytest

from fileferry.errors import IntegrityError, ObjectGone
from fileferry.home import Transfer
from fileferry.model.job import ObjectRef, ObjectVersion
from fileferry.objects import Objects, Target
from tests.unit.faults import Killed
from tests.unit.world import JobWorld

MIB = 1024**2
BIG = os.urandom(MIB) * 12
TAGS = {"retention-days": "30", "class": "gold + co: a/b=1"}


@pytest.fixture
def objects(world: JobWorld) -> Objects:
    return world.services.objects


@pytest.fixture
def source(world: JobWorld) -> ObjectVersion:
    return put(world, b"content")


def put(world: JobWorld, content: bytes, key: str = "a+b %41 ü.csv") -> ObjectVersion:
    version_id = world.raw_s3.put_object(Bucket="ingest", Key=key, Body=content)["VersionId"]
    return ObjectVersion(bucket="ingest", key=key, version_id=version_id, size=len(content))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tags_of(world: JobWorld, ref: ObjectRef) -> dict[str, str]:
    answer = world.raw_s3.get_object_tagging(Bucket=ref.bucket, Key=ref.key, VersionId=ref.version_id)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


class TestReading:
    def test_the_pinned_version_is_read_whatever_came_later(self, world: JobWorld, objects: Objects) -> None:
        version = put(world, b"first")
        put(world, b"second")
        assert objects.read(version, 100) == b"first"
        assert objects.sha256(version) == digest(b"first")

    def test_a_stream_can_be_read_anywhere(self, world: JobWorld, objects: Objects) -> None:
        version = put(world, BIG)
        with objects.open(version) as stream:
            assert stream.read(10) == BIG[:10]
            stream.seek(-20, os.SEEK_END)
            assert stream.read() == BIG[-20:]
            stream.seek(5 * MIB + 3)
            assert stream.read(2 * MIB) == BIG[5 * MIB + 3 : 7 * MIB + 3]
            assert stream.tell() == 7 * MIB + 3

    def test_an_empty_object_has_no_bytes(self, world: JobWorld, objects: Objects) -> None:
        assert objects.read(put(world, b""), 10) == b""

    def test_an_object_that_ends_early_is_told(self, world: JobWorld, objects: Objects) -> None:
        version = put(world, b"short").model_copy(update={"size": 50})
        with pytest.raises(IntegrityError, match="ended after 5 of 50 bytes"):
            objects.sha256(version)

    @pytest.mark.parametrize("what", ["head", "open"])
    def test_an_object_that_is_gone_is_told_by_name(self, objects: Objects, source: ObjectVersion, what: str) -> None:
        objects.delete_version(source.bucket, source.key, source.version_id)
        with pytest.raises(ObjectGone, match="ingest"):
            if what == "head":
                objects.head(source.bucket, source.key, source.version_id)
            else:
                objects.read(source, 1)

    def test_removing_what_is_gone_is_no_error(self, objects: Objects, source: ObjectVersion) -> None:
        for _ in range(2):
            objects.delete_version(source.bucket, source.key, source.version_id)


class TestWriting:
    @pytest.mark.parametrize("content", [b"", b"small", BIG])
    def test_what_is_written_can_be_read_with_its_digest(self, objects: Objects, content: bytes) -> None:
        with objects.writer(Target("staging", "k", {"job-id": "j"}, TAGS)) as writer:
            for start in range(0, len(content), MIB):
                writer.write(content[start : start + MIB])
        assert (writer.ref.size, writer.ref.sha256) == (len(content), digest(content))
        assert objects.read(writer.ref, 10**9) == content

    def test_tags_and_metadata_come_with_the_object(self, world: JobWorld, objects: Objects) -> None:
        for content in (b"small", BIG):
            with objects.writer(Target("staging", "k", {"job-id": "j"}, TAGS)) as writer:
                writer.write(content)
            assert tags_of(world, writer.ref) == TAGS
            assert objects.head("staging", "k").metadata["job-id"] == "j"

    def test_an_error_shows_nothing_and_leaves_no_upload_behind(self, world: JobWorld, objects: Objects) -> None:
        with pytest.raises(ValueError, match="oh"), objects.writer(Target("staging", "k")) as writer:
            writer.write(BIG)
            raise ValueError("oh")
        assert not world.versions("staging")
        assert "Uploads" not in world.raw_s3.list_multipart_uploads(Bucket="staging")

    def test_bytes_that_were_not_expected_show_nothing(self, world: JobWorld, objects: Objects) -> None:
        with pytest.raises(IntegrityError, match="but 4 bytes"), objects.writer(Target("staging", "k")) as writer:
            writer.write(b"content")
            writer.expect(4)
        assert not world.versions("staging")


@pytest.fixture(params=["at once", "in parts"])
def transfer(request: pytest.FixtureRequest) -> Transfer:
    """By CopyObject, or by UploadPartCopy as for files above CopyObject's limit."""
    return Transfer() if request.param == "at once" else Transfer(copy_limit=1)


class TestCopying:
    @pytest.fixture
    def copy(self, objects: Objects, transfer: Transfer) -> Callable[..., ObjectRef]:
        target = Target("archive", "to/ü", {"job-id": "j"}, TAGS)
        return partial(objects.copy_verified, target=target, transfer=transfer)

    def test_the_copy_has_the_bytes_metadata_and_tags(
        self, copy: Callable[..., ObjectRef], world: JobWorld, objects: Objects, source: ObjectVersion
    ) -> None:
        ref = copy(source, sha256=digest(b"content"))
        assert (ref.sha256, ref.size, objects.read(ref, 99)) == (digest(b"content"), 7, b"content")
        assert dict(objects.head("archive", "to/ü").metadata) == {"job-id": "j", "sha256": digest(b"content")}
        assert tags_of(world, ref) == TAGS

    def test_the_digest_is_found_out_when_it_is_not_known(
        self, copy: Callable[..., ObjectRef], objects: Objects, source: ObjectVersion
    ) -> None:
        assert copy(source).sha256 == digest(b"content")

    def test_another_digest_than_expected_leaves_no_copy(
        self, copy: Callable[..., ObjectRef], world: JobWorld, objects: Objects, source: ObjectVersion
    ) -> None:
        with pytest.raises(IntegrityError):
            copy(source, sha256="0" * 64)
        assert not world.versions("archive")
        assert world.versions("ingest")

    def test_a_repeat_takes_the_copy_that_is_there_although_the_source_is_gone(
        self, copy: Callable[..., ObjectRef], world: JobWorld, objects: Objects, source: ObjectVersion
    ) -> None:
        first = copy(source, sha256=digest(b"content"))
        objects.delete_version(source.bucket, source.key, source.version_id)
        assert copy(source, sha256=digest(b"content"), repeat=True) == first
        assert len(world.versions("archive")) == 1

    def test_what_lies_there_with_other_bytes_is_not_taken(
        self, copy: Callable[..., ObjectRef], world: JobWorld, objects: Objects, source: ObjectVersion
    ) -> None:
        world.raw_s3.put_object(Bucket="archive", Key="to/ü", Body=b"CONTENT", Metadata={"sha256": digest(b"content")})
        ref = copy(source, sha256=digest(b"content"), repeat=True)
        assert objects.read(ref, 99) == b"content"

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_killed_at_the_copy_the_repeat_leaves_one_version_with_its_tags(
        self, copy: Callable[..., ObjectRef], world: JobWorld, objects: Objects, source: ObjectVersion, moment: str
    ) -> None:
        world.kill(1, moment)
        with pytest.raises(Killed):
            copy(source, sha256=digest(b"content"))
        world.kill(0, "")
        ref = copy(source, sha256=digest(b"content"), repeat=True)
        assert len(world.versions("archive")) == 1
        assert tags_of(world, ref) == TAGS


def test_a_repeat_reads_a_copy_in_parts_where_s3_tells_no_checksum_of_them(world: JobWorld, objects: Objects) -> None:
    source = put(world, BIG * 2)
    target, transfer = Target("archive", "k"), Transfer(copy_limit=1)
    first = objects.copy_verified(source, target, transfer, sha256=digest(BIG * 2))
    assert objects.head("archive", "k").checksum_sha256 == ""
    assert objects.copy_verified(source, target, transfer, sha256=digest(BIG * 2), repeat=True) == first
    assert len(world.versions("archive")) == 1


def test_without_a_digest_from_s3_the_copy_is_read(
    objects: Objects, source: ObjectVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fileferry.objects.copying.hex_of", lambda _: "")
    with pytest.raises(IntegrityError):
        objects.copy_verified(source, Target("archive", "k"), sha256="0" * 64)
    assert objects.copy_verified(source, Target("archive", "k")).sha256 == digest(b"content")
