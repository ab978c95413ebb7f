"""The SFTP listener of Transfer Family: logins by Lambda, files in S3.

AWS: see `sftp_identity` and `sftp_files`. MiniStack 1.5.33 listens and keeps the host key; who connects and what
happens to the files is decided here instead. Service-managed users are not served.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import asyncssh
from asyncssh.constants import (
    FILEXFER_TYPE_DIRECTORY,
    FILEXFER_TYPE_REGULAR,
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_TRUNC,
    FXF_WRITE,
)
from ministack.services import transfer

from .sftp_files import Entry, UserFiles, normalized
from .sftp_identity import Login, identified, servers

LOGIN = "transfer_login"  # the connection's fact that the SFTP session reads


class LoginServer(asyncssh.SSHServer):
    """Authenticates a connection against the identity providers of the servers that are online."""

    def __init__(self) -> None:
        self._connection: asyncssh.SSHServerConnection | None = None
        self._candidates: list[Login] = []
        self._any_keys = False
        self._any_passwords = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    async def begin_auth(self, username: str) -> bool:
        """Ask each server's function about the user, without a password; all servers share one address here."""
        online = list(servers())
        self._any_keys = any(server.takes_keys for server in online)
        self._any_passwords = any(server.takes_passwords for server in online)
        answers = [
            await asyncio.to_thread(identified, server, username, self._source_ip())
            for server in online
            if server.takes_keys
        ]
        self._candidates = [login for login in answers if login is not None]
        return True

    def public_key_auth_supported(self) -> bool:
        return self._any_keys

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        presented = key.public_data
        for login in self._candidates:
            if any(_public_data(text) == presented for text in login.public_keys):
                return self._accept(login)
        return False

    def password_auth_supported(self) -> bool:
        return self._any_passwords

    async def validate_password(self, username: str, password: str) -> bool:
        for server in servers():
            if server.takes_passwords:
                login = await asyncio.to_thread(identified, server, username, self._source_ip(), password)
                if login is not None:
                    return self._accept(login)
        return False

    def _accept(self, login: Login) -> bool:
        assert self._connection is not None
        self._connection.set_extra_info(**{LOGIN: login})
        return True

    def _source_ip(self) -> str:
        assert self._connection is not None
        return str(self._connection.get_extra_info("peername")[0])


def _public_data(text: str) -> bytes | None:
    try:
        return asyncssh.import_public_key(text).public_data
    except asyncssh.KeyImportError:
        return None


@dataclass
class OpenFile:
    """A file that the client has open; its content lies on disk until it is closed."""

    path: str
    size: int
    modified: int
    content: IO[bytes]
    writable: bool
    append: bool = False


class FileServer(asyncssh.SFTPServer):
    """SFTP's operations on the user's objects. asyncssh gives paths as bytes and awaits what is returned."""

    def __init__(self, channel: Any, endpoint: str, spool: Path) -> None:
        super().__init__(channel)
        self._login: Login = channel.get_connection().get_extra_info(LOGIN)
        self._endpoint = endpoint
        self._spool = spool
        self._user_files: UserFiles | None = None

    async def _call(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        """An operation of UserFiles, in a thread: the gateway that it calls runs in this event loop."""
        if self._user_files is None:
            self._user_files = await asyncio.to_thread(UserFiles, self._login, self._endpoint)
        return await asyncio.to_thread(getattr(self._user_files, operation), *args, **kwargs)

    def realpath(self, path: bytes) -> bytes:
        return normalized(_text(path)).encode("utf-8", "surrogateescape")

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return _attributes(await self._call("stat", _text(path)))

    async def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return await self.stat(path)

    async def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        file = _open_file(file_obj)
        return _attributes(Entry(file.path, is_folder=False, size=file.size, modified=file.modified))

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        entries = await self._call("entries", _text(path))
        for entry in (Entry(".", is_folder=True), Entry("..", is_folder=True), *entries):
            name = entry.name.encode("utf-8", "surrogateescape")
            yield asyncssh.SFTPName(name, attrs=_attributes(entry))

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> OpenFile:  # noqa: ARG002
        name = _text(path)
        if not pflags & FXF_WRITE:
            return await self._opened_for_reading(name)
        exists = False
        if pflags & FXF_EXCL or not pflags & FXF_CREAT or not pflags & FXF_TRUNC:
            exists = await self._call("exists", name)
        if exists and pflags & FXF_EXCL:
            raise asyncssh.SFTPFailure(f"File exists: {name}")
        if not exists and not pflags & FXF_CREAT:
            raise asyncssh.SFTPNoSuchFile(f"No such file: {name}")
        content = tempfile.TemporaryFile(dir=self._spool)  # noqa: SIM115 - closed by close()
        if exists and not pflags & FXF_TRUNC:
            await self._call("download", name, content)
        size = content.seek(0, 2)
        return OpenFile(name, size, int(time.time()), content, writable=True, append=bool(pflags & FXF_APPEND))

    async def _opened_for_reading(self, path: str) -> OpenFile:
        entry = await self._call("stat", path)
        if entry.is_folder:
            raise asyncssh.SFTPFailure(f"Is a directory: {path}")
        content = tempfile.TemporaryFile(dir=self._spool)  # noqa: SIM115 - closed by close()
        await self._call("download", path, content)
        return OpenFile(path, entry.size, entry.modified, content, writable=False)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        file = _open_file(file_obj)
        file.content.seek(offset)
        return file.content.read(size)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        file = _open_file(file_obj)
        if not file.writable:
            raise asyncssh.SFTPPermissionDenied(f"Not open for writing: {file.path}")
        file.content.seek(file.size if file.append else offset)
        written = file.content.write(data)
        file.size = max(file.size, file.content.tell())
        return written

    async def close(self, file_obj: object) -> None:
        """The object comes into being now; also when the connection breaks, as Transfer Family may keep what it has."""
        file = _open_file(file_obj)
        try:
            if file.writable:
                await self._call("upload", file.path, file.content, file.size)
        finally:
            file.content.close()

    async def remove(self, path: bytes) -> None:
        await self._call("remove", _text(path))

    async def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:  # noqa: ARG002
        await self._call("make_folder", _text(path))

    async def rmdir(self, path: bytes) -> None:
        await self._call("remove_folder", _text(path))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._call("rename", _text(oldpath), _text(newpath), overwrite=False)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._call("rename", _text(oldpath), _text(newpath), overwrite=True)

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Objects have no mode and no settable time; accepted, so that `put -p` works."""

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """See setstat."""

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """See setstat."""

    def fsync(self, file_obj: object) -> None:
        """What was written is on disk, and an object when it is closed."""

    def readlink(self, path: bytes) -> bytes:  # noqa: ARG002
        raise asyncssh.SFTPOpUnsupported("S3 has no symbolic links")

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002
        raise asyncssh.SFTPOpUnsupported("S3 has no symbolic links")

    def link(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002
        raise asyncssh.SFTPOpUnsupported("S3 has no hard links")


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _open_file(file_obj: object) -> OpenFile:
    assert isinstance(file_obj, OpenFile)
    return file_obj


def _attributes(entry: Entry) -> asyncssh.SFTPAttrs:
    modified = entry.modified or int(time.time())
    return asyncssh.SFTPAttrs(
        type=FILEXFER_TYPE_DIRECTORY if entry.is_folder else FILEXFER_TYPE_REGULAR,
        size=entry.size,
        uid=0,
        gid=0,
        permissions=0o040755 if entry.is_folder else 0o100644,
        atime=modified,
        mtime=modified,
    )


def close_gap(endpoint: str, spool: Path) -> None:
    """Give MiniStack's listener our servers; uploads wait in `spool` until they are complete."""
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir(parents=True)
    transfer._sftp_build_server_factory = lambda _server_id=None: LoginServer
    transfer._sftp_build_sftp_factory = lambda _server_id=None: lambda channel: FileServer(channel, endpoint, spool)
