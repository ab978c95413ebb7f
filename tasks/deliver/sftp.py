"""Delivery to an SFTP server: a temporary name, pipelined writes, resumption, one atomic rename.

The bytes go to `.{name}.{job}-{run}.{digest}.{fence}.ferrypart` in the target folder. A new owner of the run (a
higher fence) renames its predecessor's file to its own before it goes on, so that the predecessor's rename fails.
Whoever goes on learns from the file's size where: no try ever has more than a window of bytes unanswered.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, cast
from urllib.parse import quote

import asyncssh

from fileferry.destinations.sftp_session import SftpAccess, answered, read_back, remote_path, run_session
from fileferry.errors import DestinationUnavailable, StepInterrupted
from fileferry.model.job import ObjectRef
from fileferry.objects import Objects

from .shipment import Receipt, Shipment, candidate_names, name_taken, staged, verified_blocks

BLOCK = 1024**2
WINDOW = 8 * BLOCK
"""Bytes under way at once at most: none is sent that lies more than this beyond the first unanswered one."""
STALL_SECONDS = 60.0
SETTLE_SECONDS = 30.0
"""Longest wait of an interrupted step for the answers to what is under way."""
_SAFE_REQUEST = 32 * 1024
"""Bytes of one write that every server takes (draft-ietf-secsh-filexfer-02, section 3)."""
_COMPARED = 64 * 1024
_LONGEST_BASE = 160


def send(objects: Objects, access: SftpAccess, shipment: Shipment) -> Receipt:
    """Deliver over SFTP and return the receipt.

    Raises DestinationUnavailable (what is sent stays for the next try), DestinationRefused, ConfigurationError,
    IntegrityError, RunClosed from the announcement and the pulse, and StepInterrupted from the pulse.
    """
    return run_session(
        access, max(shipment.seconds_left, 0.01), lambda sftp: _Sending(objects, access, shipment, sftp).run()
    )


def temporary_name(name: str, sha256: str, job_id: str, run: int, fence: int) -> str:
    """The hidden name under which a try collects the bytes of `name`; at most 255 bytes long."""
    base = name.encode()[:_LONGEST_BASE].decode(errors="ignore")
    return f".{base}.{job_id}-{run}.{sha256[:12]}.{fence}.ferrypart"


def remove(access: SftpAccess, names: Sequence[str], seconds: float) -> int:
    """Remove those of `names` that are in the destination's folder; how many were. Raises as `send` does."""

    async def each(sftp: asyncssh.SFTPClient) -> int:
        removed = 0
        for name in names:
            with contextlib.suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                await answered(sftp.remove(remote_path(access.target, name)))
                removed += 1
        return removed

    return run_session(access, seconds, each)


class _Sending:
    """One delivery over one open session."""

    def __init__(self, objects: Objects, access: SftpAccess, shipment: Shipment, sftp: asyncssh.SFTPClient) -> None:
        self._objects = objects
        self._access = access
        self._shipment = shipment
        self._sftp = sftp
        self._transfer = shipment.transfer
        self._window = min(WINDOW, self._transfer.part_size // 2)
        self._folder = PurePosixPath(access.target.folder)
        self._ours = self._temporary(shipment.job.run, shipment.job.fence)

    def _path(self, name: str) -> str:
        return remote_path(self._access.target, name)

    def _temporary(self, run: int, fence: int) -> str:
        shipment = self._shipment
        return self._path(temporary_name(shipment.name, shipment.object.sha256, shipment.job.job_id, run, fence))

    async def run(self) -> Receipt:
        adopted = await self._adopt()
        if not adopted and (name := await self._delivered_before()):
            return self._receipt(name, "found: an earlier try had renamed it")
        if self._shipment.existing == "refuse" and await self._size(self._path(self._shipment.name)) is not None:
            await self._remove()
            raise name_taken(self._shipment, self._access.place)
        start = await self._upload()
        name = await self._make_visible()
        note = f"continued at byte {start}" if start else ""
        return self._receipt(name, note, sent=self._shipment.object.size - start)

    def _receipt(self, name: str, note: str, sent: int = 0) -> Receipt:
        path = quote(self._path(name).lstrip("/"))
        host = f"{self._access.target.host}:{self._access.target.port}"
        root = "" if self._folder.is_absolute() else "~/"
        return Receipt(name, f"sftp://{host}/{root}{path}", {"note": note} if note else {}, sent)

    async def _size(self, path: str) -> int | None:
        """Size in bytes, or None if nothing is there."""
        try:
            return (await answered(self._sftp.stat(path))).size
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None

    async def _adopt(self) -> bool:
        """Take over the temporary file of this or an earlier owner; whether there is one now."""
        there = await self._size(self._ours) is not None
        for run, fence in self._shipment.owners:
            theirs = self._temporary(run, fence)
            with contextlib.suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                if there:
                    await answered(self._sftp.remove(theirs))
                else:
                    await answered(self._sftp.rename(theirs, self._ours))
                    there = True
        return there

    async def _delivered_before(self) -> str:
        """The name under which an earlier try, killed after its rename, left this very file; or empty.

        Only announced names are looked at: another job's file of the same content is not ours.
        """
        for name in sorted(self._shipment.announced):
            path = self._path(name)
            if await self._size(path) != self._shipment.object.size:
                continue
            if await read_back(self._sftp, path, self._transfer.pulse) == self._shipment.object.sha256:
                return name
        return ""

    async def _upload(self) -> int:
        """Bring the whole file under our temporary name; the byte at which an earlier try was continued."""
        # Before the file is made: an owner that was stopped until its successor had ended would leave an empty one.
        await asyncio.to_thread(self._transfer.pulse, 0)
        try:
            file = await self._open()
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            await answered(self._sftp.makedirs(str(self._folder), exist_ok=True))
            file = await self._open()
        there = (await answered(file.stat())).size or 0
        start = await self._resume_point(file, there)
        if not start:
            file = await self._begin(file, there)
        with staged(self._objects, self._shipment, start) as stream:
            request = min(BLOCK, max(_SAFE_REQUEST, self._sftp.limits.max_write_len))
            writes = _Writes(file, start, self._window, request)
            await self._write(writes, _blocks(stream, self._shipment.object, start))
        with contextlib.suppress(asyncssh.SFTPOpUnsupported):
            await answered(file.fsync())
        # Not after an error: a server that stalls would not answer this either, and the session's end closes it.
        await answered(file.close())
        await self._check_size()
        return start

    async def _open(self) -> asyncssh.SFTPClientFile:
        """Our temporary file; each read and write of it is one request."""
        flags = asyncssh.FXF_READ | asyncssh.FXF_WRITE | asyncssh.FXF_CREAT
        return await answered(self._sftp.open(self._ours, flags, encoding=None, block_size=0))

    async def _resume_point(self, file: asyncssh.SFTPClientFile, there: int) -> int:
        """Where to go on in a file of `there` bytes.

        Writes are answered in any order, so the end of a broken file may have holes; all of them lie within the
        window before it. The bytes before the resume point are compared with ours.
        """
        window = self._window_of_file()
        start = there - window
        if start < _COMPARED or there > self._shipment.object.size:
            return 0
        ours = await asyncio.to_thread(self._staged_bytes, start - _COMPARED, _COMPARED)
        if ours != await _read(file, start - _COMPARED, _COMPARED):
            return 0
        self._window = min(self._window, window)
        return start

    def _staged_bytes(self, start: int, size: int) -> bytes:
        with self._objects.open(self._shipment.object) as stream:
            stream.seek(start)
            return stream.read(size)

    def _window_of_file(self) -> int:
        """The widest window of any try that wrote to the temporary file, as far as it is known."""
        return int(self._transfer.progress.load(self._transfer.name).get("window", WINDOW))

    async def _begin(self, file: asyncssh.SFTPClientFile, there: int) -> asyncssh.SFTPClientFile:
        """The temporary file with nothing in it, and its window kept for who goes on."""
        if there:
            # By its name, which a new owner has changed: by its handle the new owner's file would be emptied.
            await answered(file.close())
            await answered(self._sftp.remove(self._ours))
            file = await self._open()
        if self._window != self._window_of_file():
            self._transfer.progress.save(self._transfer.name, {"window": self._window})
        return file

    async def _write(self, writes: _Writes, blocks: Iterator[bytes]) -> None:
        def read(safe: int) -> bytes:
            self._transfer.pulse(safe)
            return next(blocks, b"")

        try:
            while block := await asyncio.to_thread(read, writes.safe):
                await writes.add(block)
            await writes.finish()
        except StepInterrupted:
            with contextlib.suppress(TimeoutError, OSError, asyncssh.Error):
                await answered(writes.finish(), SETTLE_SECONDS)
            raise
        finally:
            await writes.cancel()

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
            await answered(self._sftp.remove(self._ours))

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
            await answered(self._sftp.rename(self._ours, path))
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            if await self._size(path) is None:
                raise
            return False
        return True

    async def _replace(self, path: str) -> None:
        try:
            await answered(self._sftp.posix_rename(self._ours, path))
        except asyncssh.SFTPOpUnsupported:
            await self._replace_in_two_steps(path)

    async def _replace_in_two_steps(self, path: str) -> None:
        """For a server without posix-rename@openssh.com: the old file is gone for a moment.

        It goes only when a rename was refused on its account: an owner whose file was taken over removes nothing.
        """
        try:
            await answered(self._sftp.rename(self._ours, path))
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            if await self._size(self._ours) is None:
                raise
            with contextlib.suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                await answered(self._sftp.remove(path))
            await answered(self._sftp.rename(self._ours, path))


class _Writes:
    """The writes under way to one file, from byte `offset` on: requests of at most `request` bytes, `window` together.

    Up to `safe` the server has answered all of them.
    """

    def __init__(self, file: asyncssh.SFTPClientFile, offset: int, window: int, request: int) -> None:
        self._file = file
        self._window = window
        self._request = request
        self._sent = offset
        self._under_way: deque[asyncio.Task[int]] = deque()
        self.safe = offset

    async def add(self, block: bytes) -> None:
        """Write a block as soon as there is room for it."""
        for begin in range(0, len(block), self._request):
            data = block[begin : begin + self._request]
            end = self._sent + len(data)
            while self._under_way and (end - self.safe > self._window or self._under_way[0].done()):
                await self._oldest()
            self._under_way.append(asyncio.create_task(self._file.write(data, self._sent)))
            self._sent = end

    async def finish(self) -> None:
        """Wait until all are answered."""
        while self._under_way:
            await self._oldest()

    async def cancel(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _oldest(self) -> None:
        self.safe += await answered(self._under_way[0], STALL_SECONDS)
        self._under_way.popleft()


def _blocks(stream: BinaryIO, ref: ObjectRef, start: int) -> Iterator[bytes]:
    """Blocks from where `stream` stands; verified as a whole when that is the beginning."""
    return iter(partial(stream.read, BLOCK), b"") if start else verified_blocks(stream, ref, BLOCK)


async def _read(file: asyncssh.SFTPClientFile, offset: int, size: int) -> bytes:
    """`size` bytes from `offset` on, or less at the file's end."""
    found = b""
    while len(found) < size:
        more = cast(bytes, await answered(file.read(size - len(found), offset + len(found))))
        if not more:
            break
        found += more
    return found
