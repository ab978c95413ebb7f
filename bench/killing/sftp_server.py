"""A partner's SFTP server that counts what it is sent and what is read back from it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from .background import background_loop
from .meter import Meter, Moved, Way

USER, PASSWORD = "killed-worker", "s3cret-Passw0rd"
_TEMPORARY = re.compile(r"\.(.+)\.j[a-z2-7]{25}-.*\.ferrypart")


@dataclass
class Partner:
    """The running server: its files lie in `folder`; `renames` are the visible names in the order of their making."""

    folder: Path
    port: int
    host_key: str
    renames: list[str] = field(default_factory=list)

    def target(self, secret: str) -> dict[str, Any]:
        """The destination that delivers to it."""
        return {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": self.port,
            "username": USER,
            "secret": secret,
            "host_keys": [self.host_key],
            "folder": "/",
        }


class _CountingServer(asyncssh.SFTPServer):
    def __init__(self, chan: Any, partner: Partner, meter: Meter) -> None:
        super().__init__(chan, chroot=os.fsencode(partner.folder))
        self._partner = partner
        self._meter = meter
        self._names: dict[int, str] = {}

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        file = super().open(path, pflags, attrs)
        self._names[id(file)] = place_of(path)
        return file

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        # Counted as it arrives: what the disk makes of it is no matter of the sender's.
        self._meter.moved(Moved(Way.SFTP, self._names[id(file_obj)], offset, offset + len(data)))
        return super().write(file_obj, offset, data)

    def read(self, file_obj: Any, offset: int, size: int) -> Any:
        data = super().read(file_obj, offset, size)
        if isinstance(data, bytes) and data:
            self._meter.moved(Moved(Way.READ_BACK, self._names[id(file_obj)], offset, offset + len(data)))
        return data

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        answer = super().rename(oldpath, newpath)
        self._note(newpath)
        return answer

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        answer = super().posix_rename(oldpath, newpath)
        self._note(newpath)
        return answer

    def _note(self, path: bytes) -> None:
        name = os.fsdecode(path).rsplit("/", 1)[-1]
        if not _TEMPORARY.fullmatch(name):
            self._partner.renames.append(name)


def place_of(path: bytes) -> str:
    """The file that a path is about, whether it has its temporary name or its own."""
    name = os.fsdecode(path).rsplit("/", 1)[-1]
    found = _TEMPORARY.fullmatch(name)
    return found[1] if found else name


class _Logins(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def counting_partner(folder: Path, meter: Meter) -> Iterator[Partner]:
    """A server over `folder` for as long as the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    partner = Partner(folder, 0, key.export_public_key().decode().strip())

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=_Logins,
            server_host_keys=[key],
            sftp_factory=lambda channel: _CountingServer(channel, partner, meter),
        )

    with background_loop("partner") as loop:
        acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
        partner.port = acceptor.get_port()
        try:
            yield partner
        finally:
            loop.call_soon_threadsafe(acceptor.close)
