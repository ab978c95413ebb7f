"""Reading ahead in parallel ranges: in order, in bounded memory, past broken connections."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import IncompleteReadError, ResponseStreamingError

from fileferry.errors import IntegrityError, ObjectGone, StepInterrupted
from fileferry.home import MIB, Transfer
from fileferry.model.job import ObjectVersion
from fileferry.objects import Objects
from fileferry.objects.reading import RangeStream
from tests.unit.world import JobWorld

CONTENT = os.urandom(MIB) * 9 + b"the end"
TRANSFER = Transfer(part_size=8 * MIB, lanes=2)
RANGE = 2 * MIB


@pytest.fixture(autouse=True)
def threads_end() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("range")]


@pytest.fixture
def version(world: JobWorld) -> ObjectVersion:
    version_id = world.raw_s3.put_object(Bucket="ingest", Key="k", Body=CONTENT)["VersionId"]
    return ObjectVersion(bucket="ingest", key="k", version_id=version_id, size=len(CONTENT))


class BreakingBody(io.BytesIO):
    """A body whose connection breaks after half of it; then the length does not fit, or a read fails."""

    def __init__(self, content: bytes, error: Exception) -> None:
        super().__init__(content[: len(content) // 2])
        self._error = error

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        if not block:
            raise self._error
        return block


class Client:
    """An S3 client whose answers are counted, and whose first `broken` bodies break."""

    def __init__(self, client: Any, error: Exception | None = None, broken: int = 0) -> None:
        self._client = client
        self._error = error
        self._broken = broken
        self._lock = threading.Lock()
        self.asked: list[tuple[int, int]] = []

    def get_object(self, **request: Any) -> Any:
        first, last = request["Range"].removeprefix("bytes=").split("-")
        with self._lock:
            self.asked.append((int(first), int(last)))
            breaks = len(self.asked) <= self._broken
        answer = self._client.get_object(**request)
        if breaks and self._error:
            answer["Body"] = BreakingBody(answer["Body"].read(), self._error)
        return answer


@pytest.mark.parametrize("start", [0, 1, 3 * MIB, len(CONTENT) - 1, len(CONTENT)])
def test_the_bytes_come_whole_and_in_order_from_the_start_on(
    world: JobWorld, version: ObjectVersion, start: int
) -> None:
    with Objects(world.raw_s3).open(version, TRANSFER, start) as stream:
        assert stream.read() == CONTENT[start:]
        assert stream.read(1) == b""


def test_no_more_than_half_a_part_is_asked_for_ahead_of_the_reader(world: JobWorld, version: ObjectVersion) -> None:
    client: Any = Client(world.raw_s3)
    taken = 0
    with RangeStream(client, version, TRANSFER) as stream:
        while block := stream.read(300_000):
            taken += len(block)
            assert max(last for _, last in client.asked) + 1 - taken < TRANSFER.part_size // 2
    assert taken == len(CONTENT)
    assert len(client.asked) == 5


@pytest.mark.parametrize(
    "error",
    [
        ResponseStreamingError(error="the connection was reset"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_a_range_whose_connection_breaks_goes_on_where_it_broke(
    world: JobWorld, version: ObjectVersion, error: Exception
) -> None:
    client: Any = Client(world.raw_s3, error, broken=1)
    with RangeStream(client, version, TRANSFER) as stream:
        assert b"".join(iter(lambda: stream.read(MIB), b"")) == CONTENT
    assert [first % RANGE for first, _ in client.asked].count(RANGE // 2) == 1


def test_a_connection_that_breaks_again_and_again_is_told(
    world: JobWorld, version: ObjectVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Useless(Client):
        def get_object(self, **request: Any) -> Any:
            return {**super().get_object(**request), "Body": BreakingBody(b"", ResponseStreamingError(error="reset"))}

    monkeypatch.setattr("fileferry.objects.reading._FIRST_PAUSE_SECONDS", 0)
    client: Any = Useless(world.raw_s3)
    with RangeStream(client, version, TRANSFER) as stream, pytest.raises(ResponseStreamingError):
        stream.read(1)


def test_an_object_that_ends_early_is_told(world: JobWorld, version: ObjectVersion) -> None:
    longer = version.model_copy(update={"size": len(CONTENT) + 5})
    with (
        Objects(world.raw_s3).open(longer, TRANSFER) as stream,
        pytest.raises(IntegrityError, match=f"ended after {len(CONTENT)} of {len(CONTENT) + 5} bytes"),
    ):
        stream.read()


def test_an_object_that_is_gone_is_told_by_name(world: JobWorld, version: ObjectVersion) -> None:
    world.raw_s3.delete_object(Bucket="ingest", Key="k", VersionId=version.version_id)
    with Objects(world.raw_s3).open(version, TRANSFER) as stream, pytest.raises(ObjectGone):
        stream.read(1)


def test_an_interrupted_reader_stops_between_two_ranges(world: JobWorld, version: ObjectVersion) -> None:
    told: list[int] = []

    def pulse(safe: int) -> None:
        told.append(safe)
        if len(told) == 3:
            raise StepInterrupted

    transfer = replace(TRANSFER, pulse=pulse)
    with Objects(world.raw_s3).open(version, transfer) as stream, pytest.raises(StepInterrupted):
        stream.read()
    assert told == [0, 0, 0]
