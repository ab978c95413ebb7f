"""The step as a whole: what is staged, what it is called, and what is left behind."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fileferry.errors import ContentRefused
from fileferry.model.job import ObjectRef, Step
from fileferry.objects import Objects
from fileferry.steps import Work
from tasks.transform.app import transform
from tests.unit.aws_parts import AwsParts
from tests.unit.faults import Faults, Killed
from tests.unit.kept_progress import KeptProgress
from tests.unit.small_parts import PART, small_parts

__all__ = ["small_parts"]

WorkOf = Callable[..., Work]
CONTENT = os.urandom(12 * PART // 5)


@pytest.mark.parametrize(
    ("operations", "name"),
    [([], "orders.csv"), ([{"op": "rename", "to": "{date}-{name}"}], "20260131-orders.csv")],
)
def test_without_operations_or_with_renames_only_the_staged_object_is_the_output(
    work_of: WorkOf, operations: list[dict[str, Any]], name: str
) -> None:
    work = work_of(b"a\n1\n", operations)
    work.services.objects = None  # type: ignore[assignment, misc]
    staged = work.run.result(Step.STAGE)["object"]
    assert transform(work) == {"object": staged, "filename": name, "operations": []}


def test_the_output_is_staged_beside_the_original_with_its_checksum(work_of: WorkOf, objects: Objects) -> None:
    work = work_of(
        b"a,b\n1,x\n", [{"op": "convert", "source": "csv", "target": "ndjson"}, {"op": "pack", "format": "gzip"}]
    )
    result = transform(work)
    ref = ObjectRef.model_validate(result["object"])
    data = objects.read(ref, 10_000)
    assert gzip.decompress(data) == b'{"a":1,"b":"x"}\n'
    assert (ref.bucket, ref.key) == ("staging", "acme/j1/1/output")
    assert ref.sha256 == hashlib.sha256(data).hexdigest()
    assert objects.head(ref.bucket, ref.key).metadata["job-id"] == "j1"
    assert result["filename"] == "orders.ndjson.gz"
    assert result["operations"] == [
        {"op": "convert", "filename": "orders.ndjson", "rows": 1, "columns": 2},
        {"op": "pack", "filename": "orders.ndjson.gz"},
    ]


def test_a_repeat_gives_the_same_bytes_under_the_same_key(work_of: WorkOf) -> None:
    work = work_of(b"a,b\n1,x\n" * 100, [{"op": "pack", "format": "zip"}])
    first, second = transform(work), transform(work)
    assert {**first["object"], "version_id": ""} == {**second["object"], "version_id": ""}


def test_an_error_while_streaming_shows_nothing_and_leaves_no_scratch(work_of: WorkOf, objects: Objects) -> None:
    data = gzip.compress(b"x" * 100_000)[:-4]
    work = work_of(data, [{"op": "unpack", "format": "gzip"}, {"op": "charset", "newline": "crlf"}])
    with pytest.raises(ContentRefused, match=r"cut off.*operation 1 of 2: unpack"):
        transform(work)
    assert not list(work.home.scratch.glob("*"))
    with pytest.raises(Exception, match="no object"):
        objects.head("staging", "acme/j1/1/output")


@pytest.mark.usefixtures("small_parts")
class TestResumed:
    """On the worker, where progress is kept."""

    @pytest.fixture
    def faults(self) -> Faults:
        return Faults()

    @pytest.fixture
    def s3(self, objects: Objects, faults: Faults) -> AwsParts:
        """What S3 has been sent; the process is killed at the faults' number."""
        client = AwsParts(objects._s3)
        objects._s3 = faults.client(client)
        return client

    @pytest.fixture
    def work(self, work_of: WorkOf, s3: AwsParts, faults: Faults) -> Work:
        work = work_of(CONTENT, [{"op": "pack", "format": "gzip", "level": 1}])
        faults.log.clear()
        s3.sent = 0
        return replace(work, home=replace(work.home, part_size=2 * PART, lanes=2, progress=KeptProgress(faults)))

    @pytest.mark.parametrize("moment", ["before", "after"])
    @pytest.mark.parametrize("number", range(1, 9))
    def test_killed_at_any_call_a_repeat_sends_no_more_than_a_part_again(
        self, work: Work, objects: Objects, s3: AwsParts, faults: Faults, number: int, moment: str
    ) -> None:
        faults.number, faults.moment = number, moment
        with pytest.raises(Killed):
            transform(work)
        faults.number = 0
        result = transform(work)
        ref = ObjectRef.model_validate(result["object"])
        assert gzip.decompress(objects.read(ref, 10**9)) == CONTENT
        assert objects.head(ref.bucket, ref.key).version_id == ref.version_id
        assert result["filename"] == "orders.csv.gz"
        assert s3.sent <= ref.size + work.home.part_size
        versions = s3.list_object_versions(Bucket=ref.bucket, Prefix=ref.key)["Versions"]
        assert len(versions) == 1

    def test_these_are_all_side_effects(self, work: Work, faults: Faults) -> None:
        transform(work)
        assert faults.log == [
            "s3.create_multipart_upload",
            "progress.save",
            *["s3.upload_part"] * 3,
            "progress.save",
            "s3.complete_multipart_upload",
            "progress.save",
        ]

    def test_an_output_that_was_made_is_not_made_again(self, work: Work, faults: Faults) -> None:
        """As OpenPGP would, whose output is another one each time."""
        first = transform(work)
        faults.log.clear()
        assert transform(work) == first
        assert not faults.log

    def test_what_lies_there_with_other_bytes_is_not_taken(self, work: Work, objects: Objects, s3: AwsParts) -> None:
        first = ObjectRef.model_validate(transform(work)["object"])
        s3.put_object(Bucket=first.bucket, Key=first.key, Body=bytes(first.size))
        second = ObjectRef.model_validate(transform(work)["object"])
        assert second.version_id != first.version_id
        assert objects.sha256(second) == first.sha256
