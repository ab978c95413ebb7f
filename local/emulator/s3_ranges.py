"""A range of a pinned version, and ranges without reading the whole object.

AWS: GetObject with `Range` answers 206 with those bytes, for a named version, too. MiniStack 1.5.33 sends a named
version whole, and reads the whole file from disk for each range (291 ms for 1 KB of 500 MB).
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack.services import s3

Answer = tuple[int, dict[str, str], Any]

_ranged: ContextVar[bool] = ContextVar("ranged", default=False)  # the request in work asks for a range


@contextmanager
def ranged(is_range: bool) -> Iterator[None]:
    """Whether what is read inside the block is a range of an object."""
    token = _ranged.set(is_range)
    try:
        yield
    finally:
        _ranged.reset(token)


def mapped(path: str | None) -> Any:
    """The file's bytes, read when they are looked at; None when there is no such file."""
    if path is None or not Path(path).is_file():
        return None
    with Path(path).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if Path(path).stat().st_size else b""


def read_body(original: Callable[..., bytes]) -> Callable[..., Any]:
    """`_read_body`, mapped instead of read where a range is asked for."""

    def read(bucket: str, key: str, record: dict[str, Any]) -> Any:
        body = mapped(s3._object_disk_path(bucket, key)) if _ranged.get() and record.get("body") is None else None
        return original(bucket, key, record) if body is None else body

    return read


def version_body(original: Callable[..., bytes | None]) -> Callable[..., Any]:
    """`_version_body`, mapped instead of read where a range is asked for."""

    def read(bucket_record: dict[str, Any], bucket: str, key: str, version: dict[str, Any]) -> Any:
        body = None
        if _ranged.get() and version.get("data") is None:
            body = mapped(s3._version_disk_path(bucket, key, version["version_id"]))
        return original(bucket_record, bucket, key, version) if body is None else body

    return read


def get_object(original: Callable[..., Answer]) -> Callable[..., Answer]:
    """`_get_object` with ranges of versions."""

    def get(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Answer:
        if not headers.get("range"):
            return original(bucket, key, headers, query)
        with ranged(True):
            answer = original(bucket, key, headers, query)
        return cut(answer, headers["range"], bucket, key) if answer[0] == 200 else answer

    return get


def cut(answer: Answer, wanted: str, bucket: str, key: str) -> Answer:
    """The wanted range of a whole object's answer; a range that cannot be parsed is ignored, as HTTP says."""
    _, headers, body = answer
    total = len(body)
    if not wanted.startswith("bytes=") or "," in wanted:
        return 200, headers, bytes(body[:])
    span = s3._parse_range(wanted, total)
    if span is None:
        refusal = {"Content-Type": "application/xml", "Content-Range": f"bytes */{total}"}
        return 416, refusal, s3._xml_body(s3._range_error_xml(bucket, key))
    start, end = span
    part = bytes(body[start : end + 1])
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum")}
    kept |= {"Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{end}/{total}"}
    return 206, kept, part


def close_gap() -> None:
    """Replace the functions of MiniStack's S3 that read objects."""
    s3._read_body = read_body(s3._read_body)
    s3._version_body = version_body(s3._version_body)
    s3._get_object = get_object(s3._get_object)
