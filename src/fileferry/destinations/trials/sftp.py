"""Trying out an SFTP server: address, connection, host key, login, write access by a hidden file that goes again."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, replace

import asyncssh

from fileferry.destinations.addresses import Endpoint, connect, resolve
from fileferry.destinations.sftp_session import (
    LOGIN_SECONDS,
    SftpAccess,
    answered,
    remote_path,
    run_session,
    translated,
)
from fileferry.destinations.trials.trial import StepReport, Trial, probe_name
from fileferry.errors import DestinationRefused, DestinationUnavailable
from fileferry.ssh_keys import NotAPublicKey, parse_public_key

STEPS = ("credential", "address", "connect", "host_key", "login", "folder", "write", "rename", "remove")
_PROBE = b"A file by which Fileferry tries whether it may write here.\n"
_ALGORITHMS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


@dataclass(frozen=True)
class OfferedKey:
    """The host key that the server showed: one line, its fingerprint, and whether it is one of the pinned ones."""

    key: str
    fingerprint: str
    pinned: bool


class SftpTrial:
    """`reports` and `offered` (None until the server has shown a key) after `run`."""

    def __init__(self, access: SftpAccess, trial: Trial | None = None) -> None:
        self._stages: list[str] = []
        self._access = replace(access, credentials=replace(access.credentials, tell=self._stages.append))
        self._trial = trial or Trial(STEPS)
        self.offered: OfferedKey | None = None

    def run(self) -> tuple[StepReport, ...]:
        return self._trial.run(self._steps)

    def _steps(self, trial: Trial) -> None:
        target = self._access.target
        trial.begin("credential")
        fields = next(self._access.credentials.each())
        known = [name for name in ("password", "private_key") if fields.get(name)]
        trial.done(f"the secret has {' and '.join(known) or 'nothing that is known'}")
        trial.begin("address")
        endpoint = resolve(target.host, target.port, self._access.allowed)
        trial.done(f"{target.host} is {', '.join(endpoint.addresses)}")
        trial.begin("connect")
        opened = connect(endpoint, min(10.0, trial.left))
        trial.done(f"to {endpoint.place}")
        trial.begin("host_key")
        self.offered = self._offered_key(endpoint, opened)
        if not self.offered.pinned:
            raise DestinationRefused(
                f"The server's host key is none of the pinned ones: it offers {self.offered.fingerprint}; "
                "nothing was sent.",
                todo="compare the fingerprint with the partner by another way, and pin the key only if it is theirs.",
            )
        trial.done(f"{self.offered.fingerprint} is pinned")
        trial.begin("login")
        run_session(self._access, max(1.0, trial.left - 0.5), self._use)

    def _offered_key(self, endpoint: Endpoint, opened: socket.socket) -> OfferedKey:
        """The server's key, of a pinned type if it has one of those."""
        pinned = {parse_public_key(line).line for line in self._access.target.host_keys if _readable(line)}
        types = [name for line in sorted(pinned) for name in _ALGORITHMS.get(line.split()[0], (line.split()[0],))]
        with translated(self._access.place):
            key = asyncio.run(self._key_of(opened, types)) if types else None
            # No key of a pinned type: the one that the server would rather show.
            key = key or asyncio.run(self._key_of(connect(endpoint, min(10.0, self._trial.left)), []))
        if key is None:
            raise DestinationUnavailable("The server showed no host key.", where=self._access.place)
        offered = parse_public_key(key.export_public_key().decode().strip())
        return OfferedKey(offered.line, offered.fingerprint, offered.line in pinned)

    async def _key_of(self, opened: socket.socket, types: list[str]) -> asyncssh.SSHKey | None:
        opened.setblocking(False)
        target = self._access.target
        try:
            async with asyncio.timeout(min(LOGIN_SECONDS, max(0.1, self._trial.left - 0.5))):
                return await asyncssh.get_server_host_key(
                    target.host, target.port, sock=opened, config=None, server_host_key_algs=types or ()
                )
        except asyncssh.DisconnectError:  # of a server that hangs up first, only the lost connection is seen
            if types:
                return None
            raise

    async def _use(self, sftp: asyncssh.SFTPClient) -> None:
        trial, target = self._trial, self._access.target
        trial.done(self._login_told())
        trial.begin("folder")
        trial.done(await self._folder(sftp))
        name = probe_name()
        first, second = remote_path(target, f"{name}.ferrypart"), remote_path(target, f"{name}.done")
        try:
            trial.begin("write")
            async with sftp.open(first, "wb") as file:
                await answered(file.write(_PROBE))
            size = (await answered(sftp.stat(first))).size
            if size != len(_PROBE):
                raise DestinationUnavailable(
                    f"The server says that it stored {size} of {len(_PROBE)} bytes.",
                    todo="a quota or a full disk is the usual reason.",
                )
            trial.done(f"a hidden file of {len(_PROBE)} bytes")
            trial.begin("rename")
            trial.done(await _renamed(sftp, first, second))
            trial.begin("remove")
            await answered(sftp.remove(second))
            trial.done()
        except BaseException:
            for path in (first, second):
                with contextlib.suppress(asyncssh.Error, OSError):
                    await answered(sftp.remove(path), 2.0)
            raise

    def _login_told(self) -> str:
        if not self._stages:
            return f"as {self._access.target.username}"
        stage = self._stages[-1]
        return (
            f"as {self._access.target.username}, but with version {stage} of the secret: the server refused the "
            "current one"
        )

    async def _folder(self, sftp: asyncssh.SFTPClient) -> str:
        """As delivery does it: a folder that is missing is made."""
        folder = self._access.target.folder
        try:
            await answered(sftp.stat(folder))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            await answered(sftp.makedirs(folder, exist_ok=True))
            return f"{folder} was missing and has been made"
        return f"{folder} is there"


async def _renamed(sftp: asyncssh.SFTPClient, old: str, new: str) -> str:
    try:
        await answered(sftp.posix_rename(old, new))
    except asyncssh.SFTPOpUnsupported:
        await answered(sftp.rename(old, new))
        return "without posix-rename@openssh.com: a file that is replaced is gone for a moment"
    return "in one step"


def _readable(line: str) -> bool:
    try:
        parse_public_key(line)
    except NotAPublicKey:
        return False
    return True
