"""Delivery to an SFTP server: a temporary name, pipelined writes, resumption, one atomic rename.

The bytes go to `.{name}.{job}-{run}.{digest}.{fence}.ferrypart` in the target folder. A new owner of the run (a
higher fence) renames its predecessor's file to its own before it goes on, so that the predecessor's rename fails.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

import asyncssh

from fileferry.destinations.sftp_session import SftpAccess, read_back, remote_path, run_session
from fileferry.errors import DestinationUnavailable
from fileferry.model.job import ObjectRef
from fileferry.objects import Objects

from .shipment import Receipt, Shipment, candidate_names, name_taken, verified_blocks

BLOCK = 1024**2
WINDOW_BLOCKS = 8
"""Blocks under way at once. No byte is sent that lies more than this beyond the first unanswered block."""
STALL_SECONDS = 60.0
_COMPARED = 64 * 1024
_LONGEST_BASE = 160


def send(objects: Objects, access: SftpAccess, shipment: Shipment) -> Receipt:
    """Deliver over SFTP and return the receipt.

    Raises DestinationUnavailable (what is sent stays for the next try), DestinationRefused, ConfigurationError,
    IntegrityError, and RunClosed from the announcement.
    """
    return run_session(
        access, max(shipment.seconds_left, 0.01), lambda sftp: _Sending(objects, access, shipment, sftp).run()
    )


def temporary_name(shipment: Shipment, run: int, fence: int) -> str:
    """The hidden name under which a try collects its bytes; at most 255 bytes long."""
    base = shipment.name.encode()[:_LONGEST_BASE].decode(errors="ignore")
    job = shipment.job.job_id
    return f".{base}.{job}-{run}.{shipment.object.sha256[:12]}.{fence}.ferrypart"


class _Sending:
    """One delivery over one open session."""

    def __init__(self, objects: Objects, access: SftpAccess, shipment: Shipment, sftp: asyncssh.SFTPClient) -> None:
        self._objects = objects
        self._access = access
        self._shipment = shipment
        self._sftp = sftp
        self._folder = PurePosixPath(access.target.folder)
        self._ours = self._path(temporary_name(shipment, shipment.job.run, shipment.job.fence))

    def _path(self, name: str) -> str:
        return remote_path(self._access.target, name)

    async def run(self) -> Receipt:
        adopted = await self._adopt()
        if not adopted and (name := await self._delivered_before()):
            return self._receipt(name, "found: an earlier try had renamed it")
        if self._shipment.existing == "refuse" and await self._size(self._path(self._shipment.name)) is not None:
            await self._remove()
            raise name_taken(self._shipment, self._access.place)
        start = await self._upload()
        name = await self._make_visible()
        return self._receipt(name, f"continued at byte {start}" if start else "")

    def _receipt(self, name: str, note: str) -> Receipt:
        path = quote(self._path(name).lstrip("/"))
        host = f"{self._access.target.host}:{self._access.target.port}"
        root = "" if self._folder.is_absolute() else "~/"
        return Receipt(name, f"sftp://{host}/{root}{path}", {"note": note} if note else {})

    async def _size(self, path: str) -> int | None:
        """Size in bytes, or None if nothing is there."""
        try:
            return (await self._sftp.stat(path)).size
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None

    async def _adopt(self) -> bool:
        """Take over the temporary file of this or an earlier owner; whether there is one now."""
        there = await self._size(self._ours) is not None
        for run, fence in self._shipment.owners:
            theirs = self._path(temporary_name(self._shipment, run, fence))
            with contextlib.suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                if there:
                    await self._sftp.remove(theirs)
                else:
                    await self._sftp.rename(theirs, self._ours)
                    there = True
        return there

    async def _delivered_before(self) -> str:
        """The name under which an earlier try, killed after its rename, left this very file; or empty.

        Only announced names are looked at: another job's file of the same content is not ours.
        """
        for name in sorted(self._shipment.announced):
            path = self._path(name)
            same_size = await self._size(path) == self._shipment.object.size
            if same_size and await read_back(self._sftp, path) == self._shipment.object.sha256:
                return name
        return ""

    async def _upload(self) -> int:
        """Bring the whole file under our temporary name; the byte at which an earlier try was continued."""
        try:
            file = await self._open()
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            await self._sftp.makedirs(str(self._folder), exist_ok=True)
            file = await self._open()
        with self._objects.open(self._shipment.object) as stream:
            start = await self._resume_point(file, stream)
            await self._write(file, _blocks(stream, self._shipment.object, start), start)
        with contextlib.suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()
        # Not after an error: a server that stalls would not answer this either, and the session's end closes it.
        await file.close()
        await self._check_size()
        return start

    async def _open(self) -> asyncssh.SFTPClientFile:
        flags = asyncssh.FXF_READ | asyncssh.FXF_WRITE | asyncssh.FXF_CREAT
        return await self._sftp.open(self._ours, flags, encoding=None)

    async def _resume_point(self, file: asyncssh.SFTPClientFile, stream: BinaryIO) -> int:
        """Where to go on, with `stream` standing there.

        Writes are answered in any order, so the end of a broken file may have holes; all of them lie within the
        window before it. The bytes before the resume point are compared with ours.
        """
        there = (await file.stat()).size or 0
        start = max(0, there - WINDOW_BLOCKS * BLOCK) // BLOCK * BLOCK
        if there > self._shipment.object.size:
            start = 0
        if start:
            stream.seek(start - _COMPARED)
            ours = await asyncio.to_thread(stream.read, _COMPARED)
            theirs: object = await file.read(_COMPARED, start - _COMPARED)
            start = start if theirs == ours else 0
        if not start:
            if there:
                await file.truncate(0)
            stream.seek(0)
        return start

    async def _write(self, file: asyncssh.SFTPClientFile, blocks: Iterator[bytes], offset: int) -> None:
        under_way: deque[asyncio.Task[int]] = deque()
        try:
            while block := await asyncio.to_thread(next, blocks, b""):
                if len(under_way) == WINDOW_BLOCKS:
                    await _answered(under_way.popleft())
                under_way.append(asyncio.create_task(file.write(block, offset)))
                offset += len(block)
            while under_way:
                await _answered(under_way.popleft())
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _check_size(self) -> None:
        there = await self._size(self._ours)
        if there != self._shipment.object.size:
            await self._remove()
            raise DestinationUnavailable(
                f"The server says that it stored {there} of {self._shipment.object.size} bytes.",
                where=self._access.place,
                todo="a quota or a full disk is the usual reason; nothing was made visible.",
            )

    async def _remove(self) -> None:
        with contextlib.suppress(asyncssh.SFTPError):
            await self._sftp.remove(self._ours)

    async def _make_visible(self) -> str:
        for name in candidate_names(self._shipment.name, self._shipment.existing):
            path = self._path(name)
            if self._shipment.existing != "overwrite" and await self._size(path) is not None:
                continue
            self._shipment.announce(name)
            if await self._rename(path):
                return name
        await self._remove()
        raise name_taken(self._shipment, self._access.place)

    async def _rename(self, path: str) -> bool:
        """Give our file its final name; False when another file has it."""
        if self._shipment.existing == "overwrite":
            await self._replace(path)
            return True
        try:
            await self._sftp.rename(self._ours, path)
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            if await self._size(path) is None:
                raise
            return False
        return True

    async def _replace(self, path: str) -> None:
        try:
            await self._sftp.posix_rename(self._ours, path)
        except asyncssh.SFTPOpUnsupported:
            # A server without posix-rename@openssh.com: the old file is gone for a moment.
            with contextlib.suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                await self._sftp.remove(path)
            await self._sftp.rename(self._ours, path)


def _blocks(stream: BinaryIO, ref: ObjectRef, start: int) -> Iterator[bytes]:
    """Blocks from where `stream` stands; verified as a whole when that is the beginning."""
    return iter(partial(stream.read, BLOCK), b"") if start else verified_blocks(stream, ref, BLOCK)


async def _answered(task: asyncio.Task[int]) -> None:
    async with asyncio.timeout(STALL_SECONDS):
        await task
