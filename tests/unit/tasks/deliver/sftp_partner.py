"""A partner's SFTP server for tests: asyncssh on a local port, with faults that can be switched on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "ferry", "s3cret-Passw0rd"


@dataclass
class Faults:
    """What the server does wrong; each field is None or False until a test sets it."""

    full_at: int | None = None
    """From this offset on, writes fail as on a full disk."""
    drop_at: int | None = None
    """The connection breaks at a write at or beyond this offset."""
    swallow_from: int | None = None
    """Writes at or beyond this offset are answered as done but not made."""
    read_only: bool = False
    drop_after_rename: bool = False
    no_posix_rename: bool = False
    hang_at_write: bool = False
    write_seconds: float = 0
    """What each write takes, one after the other."""


@dataclass
class SftpPartner:
    """The running server: where its files are, how to get in, and a log of what it was asked."""

    folder: Path
    port: int = 0
    host_key: str = ""
    user_key: Any = None
    passwords: set[str] = field(default_factory=lambda: {PASSWORD})
    public_keys: list[str] = field(default_factory=list)
    """Lines of keys that are taken beside `user_key`."""
    logins: list[str] = field(default_factory=list)
    """How each login was tried: `password` or `key`, and whether it was let in."""
    after_refusal: Callable[[], object] = lambda: None
    faults: Faults = field(default_factory=Faults)
    log: list[tuple[str, Any]] = field(default_factory=list)
    pace: asyncio.Lock = field(default_factory=asyncio.Lock)
    received: int = 0
    """Bytes of all writes that came."""

    def target(self, secret: str, **changes: Any) -> dict[str, Any]:
        return {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": self.port,
            "username": USER,
            "secret": secret,
            "host_keys": [self.host_key],
            "folder": "/",
            **changes,
        }

    def count(self, operation: str) -> int:
        return sum(1 for name, _ in self.log if name == operation)


class _FaultyServer(asyncssh.SFTPServer):
    """asyncssh's own server over a folder, with the partner's faults."""

    def __init__(self, chan: Any, partner: SftpPartner) -> None:
        self._chan = chan
        self._partner = partner
        super().__init__(chan, chroot=str(partner.folder))

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        if self._partner.faults.read_only and pflags & asyncssh.FXF_WRITE:
            raise asyncssh.SFTPPermissionDenied("read-only")
        return super().open(path, pflags, attrs)

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        faults = self._partner.faults
        self._partner.log.append(("write", offset))
        self._partner.received += len(data)
        if faults.write_seconds:
            async with self._partner.pace:
                await asyncio.sleep(faults.write_seconds)
        if faults.hang_at_write:
            await asyncio.sleep(3600)
        if faults.full_at is not None and offset >= faults.full_at:
            raise OSError(28, "No space left on device")
        if faults.drop_at is not None and offset >= faults.drop_at:
            self._chan.get_connection().abort()
            raise asyncssh.SFTPConnectionLost("dropped")
        if faults.swallow_from is not None and offset >= faults.swallow_from:
            return len(data)
        return super().write(file_obj, offset, data)

    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        self._partner.log.append(("read", offset))
        return super().read(file_obj, offset, size)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._partner.log.append(("rename", newpath))
        super().rename(oldpath, newpath)
        self._dropped_after_rename(newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._partner.log.append(("posix_rename", newpath))
        if self._partner.faults.no_posix_rename:
            raise asyncssh.SFTPOpUnsupported("no posix-rename@openssh.com")
        super().posix_rename(oldpath, newpath)
        self._dropped_after_rename(newpath)

    def _dropped_after_rename(self, newpath: bytes) -> None:
        if self._partner.faults.drop_after_rename and not newpath.endswith(b".ferrypart"):
            self._chan.get_connection().abort()


class _Logins(asyncssh.SSHServer):
    def __init__(self, partner: SftpPartner) -> None:
        self._partner = partner

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._noted("password", username == USER and password in self._partner.passwords)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = [asyncssh.import_public_key(line).public_data for line in self._partner.public_keys]
        return self._noted("key", username == USER and key.public_data in known)

    def _noted(self, how: str, let_in: bool) -> bool:
        self._partner.logins.append(f"{how} {'taken' if let_in else 'refused'}")
        if not let_in:
            self._partner.after_refusal()
        return let_in


@contextmanager
def sftp_partner(folder: Path, port: int = 0, host_key: asyncssh.SSHKey | None = None) -> Iterator[SftpPartner]:
    """A server over `folder` for as long as the block runs; on a free port and with a new key where none is given."""
    partner = SftpPartner(folder)
    host_key = host_key or asyncssh.generate_private_key("ssh-ed25519")
    partner.host_key = host_key.export_public_key().decode().strip()
    partner.user_key = asyncssh.generate_private_key("ssh-ed25519")
    authorized = asyncssh.import_authorized_keys(partner.user_key.export_public_key().decode())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            port,
            server_factory=lambda: _Logins(partner),
            server_host_keys=[host_key],
            authorized_client_keys=authorized,
            sftp_factory=lambda chan: _FaultyServer(chan, partner),
        )

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    partner.port = acceptor.get_port()
    try:
        yield partner
    finally:

        async def stop() -> None:
            acceptor.close()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
