"""An HTTP proxy before the emulator's S3 that counts what a process uploads as it comes in.

The client's Host header goes through as it is, since the signature covers it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from .background import background_loop
from .meter import Meter, Moved, Way

_CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
SizeOf = Callable[[str, str, str], int]
"""Size in bytes of (bucket, key, version id)."""


@dataclass(frozen=True)
class Head:
    """The first line and the headers of a request or answer; header names in lower case."""

    line: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", "0"))

    @property
    def is_chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next head, or None when the connection has ended."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    line, *fields = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return Head(line, headers, raw)


@dataclass(frozen=True)
class Proxy:
    """Forwards to `port` of this machine."""

    port: int
    meter: Meter
    size_of: SizeOf
    serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, with one of its own behind it."""
        task = asyncio.current_task()
        self.serving.add(task)  # else the loop alone knows it, which holds tasks weakly
        behind_reader, behind = await asyncio.open_connection("127.0.0.1", self.port, limit=1024 * _CHUNK)
        try:
            while head := await read_head(reader):
                await self._request(head, reader, writer, behind)
                if not await _answer(head, behind_reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a killed client, an emulator that closed, or the proxy's own end
        finally:
            behind.close()
            writer.close()
            self.serving.discard(task)

    async def _request(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: asyncio.StreamWriter
    ) -> None:
        if "expect" in head.headers:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        behind.write(re.sub(rb"(?im)^expect:.*\r\n", b"", head.raw))
        for copied in self._copies(head):
            # Reading the size asks the emulator over HTTP: not in the loop that serves it.
            await asyncio.to_thread(self.meter.moved, copied)
        place, limit, done = upload_place(head), _decoded_length(head), 0
        async for piece in body(head, reader):
            behind.write(piece)
            await behind.drain()
            start, done = done, min(limit, done + len(piece))
            if place and done > start:
                self.meter.moved(Moved(Way.S3, place, start, done))
        await behind.drain()

    def _copies(self, head: Head) -> Iterator[Moved]:
        """What S3 is asked to copy by itself; the whole of it as one move."""
        source = head.headers.get("x-amz-copy-source")
        if not source:
            return
        if found := _RANGE.fullmatch(head.headers.get("x-amz-copy-source-range", "")):
            length = int(found[2]) - int(found[1]) + 1
        else:
            path, _, version = unquote(source).lstrip("/").partition("?versionId=")
            bucket, _, key = path.partition("/")
            length = self.size_of(bucket, key, version)
        yield Moved(Way.COPY, _place(head.line), 0, length)


def upload_place(head: Head) -> str:
    """`bucket/key` of a PutObject, `bucket/key#part` of an UploadPart; empty for anything else.

    The worker's checkpoints are none of a file's bytes.
    """
    if not head.line.startswith("PUT ") or "x-amz-copy-source" in head.headers:
        return ""
    place, query = _place(head.line), urlsplit(head.line.split(" ")[1]).query
    is_upload = not query or "partNumber=" in query or query.startswith("x-id=PutObject")
    return place if is_upload and not place.endswith("/checkpoint") else ""


def _place(line: str) -> str:
    target = urlsplit(line.split(" ")[1])
    part = parse_qs(target.query).get("partNumber", [""])[0]
    return unquote(target.path).strip("/") + (f"#{part}" if part else "")


def _decoded_length(head: Head) -> int:
    """Bytes of the content without the framing of aws-chunked."""
    return int(head.headers.get("x-amz-decoded-content-length", head.length))


async def body(head: Head, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The pieces of a body as they come, framing included. Raises ConnectionError when it breaks off."""
    if not head.is_chunked:
        async for piece in _pieces(reader, head.length):
            yield piece
        return
    size = 1
    while size:
        line = await reader.readuntil(b"\r\n")
        yield line
        size = int(line.split(b";")[0], 16)
        if size:
            async for piece in _pieces(reader, size + len(b"\r\n")):
                yield piece
    while line != b"\r\n":  # trailers, and the empty line that ends them
        line = await reader.readuntil(b"\r\n")
        yield line


async def _pieces(reader: asyncio.StreamReader, length: int) -> AsyncIterator[bytes]:
    while length:
        piece = await reader.read(min(length, _CHUNK))
        if not piece:
            raise ConnectionError("the body broke off")
        length -= len(piece)
        yield piece


async def _answer(request: Head, behind: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Pass an answer on; whether the connection stays."""
    head = await read_head(behind)
    if head is None:
        return False
    writer.write(head.raw)
    status = head.line.split(" ")[1]
    if not request.line.startswith("HEAD ") and status not in ("204", "304"):
        async for piece in body(head, behind):
            writer.write(piece)
            await writer.drain()
    await writer.drain()
    return head.headers.get("connection", "").lower() != "close"


@contextmanager
def s3_proxy(port: int, meter: Meter, size_of: SizeOf) -> Iterator[str]:
    """The address of a proxy before `port`, for as long as the block runs."""
    proxy = Proxy(port, meter, size_of)
    with background_loop("s3-proxy") as loop:
        listening = asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=1024 * _CHUNK)
        server = asyncio.run_coroutine_threadsafe(listening, loop).result(10)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            loop.call_soon_threadsafe(server.close)
