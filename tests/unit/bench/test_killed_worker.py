"""How the bench counts what is sent again, and when it kills."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from bench.killed_worker import spread, where
from bench.killing.meter import Meter, Moved, Way, merged
from bench.killing.s3_proxy import s3_proxy
from bench.killing.sftp_server import place_of

JOB = "j" + "a" * 25


def test_spans_that_touch_or_overlap_become_one() -> None:
    assert merged([(8, 12), (0, 4), (4, 6), (11, 20)]) == [(0, 6), (8, 20)]


def test_only_what_a_place_has_had_before_counts_as_sent_again() -> None:
    meter = Meter()

    meter.moved(Moved(Way.S3, "object#1", 0, 10))
    meter.moved(Moved(Way.S3, "object#1", 6, 14))
    meter.moved(Moved(Way.S3, "object#2", 0, 10))
    meter.moved(Moved(Way.COPY, "copy", 0, 10))
    meter.moved(Moved(Way.COPY, "copy", 0, 10))

    assert meter.by_way()[Way.S3] == (28, 4)
    assert meter.by_way()[Way.COPY] == (20, 10)
    assert meter.sent_again() == 4
    assert meter.progress == 34


def test_a_move_that_brings_nothing_new_is_not_told() -> None:
    told: list[Moved] = []
    meter = Meter(watch=told.append)

    for stop in (10, 10, 11):
        meter.moved(Moved(Way.SFTP, "file", 0, stop))

    assert [moved.stop for moved in told] == [10, 11]


def test_there_is_one_point_in_each_stretch_and_the_same_for_the_same_seed() -> None:
    points = spread(1000, 20, 7)

    assert [point // 50 for point in points] == list(range(20))
    assert points == spread(1000, 20, 7) != spread(1000, 20, 8)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (b"/in/a.csv", "a.csv"),
        (f"/in/.a.csv.{JOB}-1.0123456789ab.2.ferrypart".encode(), "a.csv"),
        (f"/in/.a.csv.{JOB}-1.0123456789ab.31.ferrypart".encode(), "a.csv"),
    ],
)
def test_a_file_is_the_same_place_under_each_owners_temporary_name(path: bytes, place: str) -> None:
    assert place_of(path) == place


def test_a_move_is_told_in_words() -> None:
    moved = Moved(Way.S3, "fileferry-staging-1-eu/killed/j1/original#3", 0, 2 * 1024**2)

    assert where(moved) == "s3 staging original part 3 + 2.0 MiB"


@pytest.fixture
def storage() -> Iterator[tuple[int, dict[str, bytes]]]:
    """A server that takes any PUT: its port, and the bodies by path."""
    taken: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            taken[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("ETag", '"etag"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_the_proxy_passes_uploads_on_and_counts_them_by_part(storage: tuple[int, dict[str, bytes]]) -> None:
    port, taken = storage
    meter = Meter()
    with s3_proxy(port, meter, lambda bucket, key, version: 77) as address:
        client: Any = boto3.client(
            "s3", endpoint_url=address, aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-central-1"
        )
        client.put_object(Bucket="bucket", Key="a b", Body=b"x" * 100_000)
        client.upload_part(Bucket="bucket", Key="k", UploadId="u", PartNumber=2, Body=b"y" * 50)
        client.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": []})

    assert taken["/bucket/a%20b"] == b"x" * 100_000
    assert "/bucket/k?tagging" in taken
    assert dict(meter.received) == {(Way.S3, "bucket/a b"): 100_000, (Way.S3, "bucket/k#2"): 50}
    assert meter.sent_again() == 0
