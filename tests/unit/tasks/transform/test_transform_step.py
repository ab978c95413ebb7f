"""The step as a whole: what is staged, what it is called, and what is left behind."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from fileferry.errors import ContentRefused
from fileferry.model.job import ObjectRef, Step
from fileferry.objects import Objects
from fileferry.steps import Work
from tasks.transform.app import transform

WorkOf = Callable[..., Work]


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
