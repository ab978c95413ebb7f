"""Uploads over SFTP: by OpenSSH's own `sftp`, or by asyncssh's client where that cannot be had."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import asyncssh

from fileferry.errors import FerryError
from local.commands import CommandFailed, run_logged
from local.console import Say

_SECONDS = 120.0


class UploadFailed(FerryError):
    """The SFTP server refused a login or a file."""


@dataclass(frozen=True)
class Login:
    """An SFTP user of ours: the server, the private key's file, and the server's known key."""

    host: str
    port: int
    user: str
    key: Path
    known_hosts: Path


@dataclass(frozen=True)
class Upload:
    """A local file and its path on the server."""

    local: Path
    remote: str


Client = Callable[[Login, Sequence[Upload]], None]


def choose_client(log: Path, say: Say) -> Client:
    """OpenSSH's client, installed from Debian when that is possible; else asyncssh's. Says which it is."""
    if shutil.which("sftp") is None and shutil.which("apt-get") and os.geteuid() == 0:
        say("installing openssh-client (apt-get)")
        try:
            run_logged(["sh", "-c", _INSTALL], log, cwd=Path("/"), environment={"DEBIAN_FRONTEND": "noninteractive"})
        except CommandFailed as failure:
            say(f"openssh-client could not be installed; its log is {failure.where}")
    if shutil.which("sftp"):
        say("uploading with OpenSSH's sftp")
        return upload_by_openssh
    say("OpenSSH's sftp is not here and cannot be installed: uploading with asyncssh's client instead")
    return upload_by_asyncssh


_INSTALL = "apt-get install -y --no-install-recommends openssh-client || { apt-get update && apt-get install -y \
--no-install-recommends openssh-client; }"


def pin_host_key(host: str, port: int, known_hosts: Path) -> None:
    """Fetch the server's key and keep it as the only one that is trusted. Raises UploadFailed."""

    async def fetch() -> asyncssh.SSHKey | None:
        return await asyncio.wait_for(asyncssh.get_server_host_key(host, port, config=[]), 20)

    try:
        key = asyncio.run(fetch())
    except (OSError, asyncssh.Error, TimeoutError) as error:
        raise UploadFailed(
            f"The SFTP server does not answer: {type(error).__name__}: {error}.",
            where=f"{host}:{port}",
            todo="see `ferry status`, then `ferry up`.",
        ) from error
    if key is None:
        raise UploadFailed("The SFTP server has no host key.", where=f"{host}:{port}")
    known_hosts.parent.mkdir(parents=True, exist_ok=True)
    known_hosts.write_text(f"[{host}]:{port} {key.export_public_key().decode()}")


def await_login(login: Login, seconds: float = 180.0) -> None:
    """Return once the server lets the user in: the identity provider's first call may take longer than its limit.

    Raises UploadFailed with the last refusal when `seconds` have passed.
    """

    async def enter() -> None:
        async with asyncio.timeout(30), connect(login):
            return

    stop_at = time.monotonic() + seconds
    while True:
        try:
            asyncio.run(enter())
            return
        except (OSError, asyncssh.Error, TimeoutError) as error:
            if time.monotonic() > stop_at:
                raise UploadFailed(
                    f"The SFTP server does not let {login.user} in: {type(error).__name__}: {error}.",
                    where=f"{login.host}:{login.port}",
                    todo="see `ferry logs sftp-identity` and .ferry/emulator.log.",
                ) from error
        time.sleep(1)


def connect(login: Login) -> Any:
    """What `asyncssh.connect` returns, to be awaited or entered, for this login and nothing of the user's own setup."""
    return asyncssh.connect(
        login.host,
        login.port,
        username=login.user,
        client_keys=[str(login.key)],
        known_hosts=str(login.known_hosts),
        config=[],
        agent_path=None,
    )


def batch(uploads: Sequence[Upload]) -> str:
    """The commands for `sftp -b -`: folders first (they may exist), then one `put` a file."""
    made: dict[str, None] = {}
    for upload in uploads:
        for folder in reversed(PurePosixPath(upload.remote).parents[:-1]):
            made[str(folder)] = None
    lines = [f"-mkdir {quoted(folder)}" for folder in made]
    lines += [f"put {quoted(str(upload.local))} {quoted(upload.remote)}" for upload in uploads]
    return "\n".join(lines) + "\n"


def quoted(path: str) -> str:
    """`path` as one word for OpenSSH's sftp, in which quotes also take globbing characters literally."""
    if any(character in path for character in "\r\n"):
        raise UploadFailed(f"{path!r} holds a line break, which sftp's batch mode cannot express.")
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def upload_by_openssh(login: Login, uploads: Sequence[Upload]) -> None:
    """One session of `sftp` in batch mode. Raises UploadFailed with what it said."""
    command = ["sftp", "-b", "-", "-P", str(login.port), *_openssh_options(login), f"{login.user}@{login.host}"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=batch(uploads), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UploadFailed(f"sftp did not end within {_SECONDS:.0f} s.", where=f"{login.host}:{login.port}") from error
    if done.returncode:
        said = "\n".join(line for line in done.stderr.splitlines() if "mkdir" not in line)[-2000:]
        raise UploadFailed(
            f"`sftp {login.user}@{login.host}` ended with {done.returncode}: {said}",
            todo="see `ferry logs sftp-identity` and .ferry/emulator.log.",
        )


def _openssh_options(login: Login) -> list[str]:
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": f'"{login.known_hosts}"',
        "GlobalKnownHostsFile": "/dev/null",
        "IdentitiesOnly": "yes",
        "PreferredAuthentications": "publickey",
        "ConnectTimeout": "20",
    }
    words = ["-F", "/dev/null", "-i", str(login.key)]
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    return words


def upload_by_asyncssh(login: Login, uploads: Sequence[Upload]) -> None:
    """The same by asyncssh. Raises UploadFailed."""

    async def send() -> None:
        async with (
            asyncio.timeout(_SECONDS),
            connect(login) as connection,
            connection.start_sftp_client() as sftp,
        ):
            for upload in uploads:
                await sftp.makedirs(str(PurePosixPath(upload.remote).parent), exist_ok=True)
                await sftp.put(str(upload.local), upload.remote)

    try:
        asyncio.run(send())
    except (OSError, asyncssh.Error, TimeoutError) as error:
        raise UploadFailed(
            f"The upload failed: {type(error).__name__}: {error}.", where=f"{login.user}@{login.host}:{login.port}"
        ) from error
