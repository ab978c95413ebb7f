"""An SFTP session with a partner's server: pinned host key, our own credentials only, every wait bounded.

Nothing of the machine is used: no known_hosts, no configuration file, no agent, no default keys.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar, cast

import asyncssh

from fileferry.destinations.addresses import CONNECT_SECONDS, connect, resolve
from fileferry.destinations.credentials import Credentials, Fields
from fileferry.errors import ConfigurationError, DestinationRefused, DestinationUnavailable, FerryError
from fileferry.home import Pulse
from fileferry.model.destination import SftpDestination

LOGIN_SECONDS = 20.0
KEEPALIVE_SECONDS = 15
_MISSED_KEEPALIVES = 3
ANSWER_SECONDS = 600.0
"""Longest wait for one answer, of a server whose connection lives: some do their work only when a file is closed."""
_CIPHERS = (
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
"""What asyncssh takes for safe, AES-GCM first: with the processor's own AES it is half as fast again as ChaCha20."""
_READ_BLOCK = 4 * 1024**2
T = TypeVar("T")


@dataclass(frozen=True)
class SftpAccess:
    """A server and how to get in: the secret's versions, and the private networks that the operator permits."""

    target: SftpDestination
    credentials: Credentials
    allowed: Sequence[str] = ()

    @property
    def place(self) -> str:
        """`sftp://user@host:port` for error texts."""
        return f"sftp://{self.target.username}@{self.target.host}:{self.target.port}"


def remote_path(target: SftpDestination, name: str) -> str:
    """The path of `name` in the destination's folder; without a leading slash it begins in the login's home."""
    return str(PurePosixPath(target.folder) / name)


def run_session(access: SftpAccess, seconds: float, use: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
    """What `use` returns for an open session; the whole takes at most `seconds`, whatever the server does.

    A login that is refused is made once more with each other version of the secret.

    Raises ConfigurationError, DestinationRefused or DestinationUnavailable, whatever went wrong underneath.
    """

    async def session() -> T:
        ends = asyncio.get_running_loop().time() + seconds
        async with asyncio.timeout_at(ends) as limit:
            try:
                return await _first_accepted(access, ends, use)
            except asyncssh.Error as error:
                if limit.expired():
                    raise TimeoutError from error
                raise

    with translated(access.place):
        return asyncio.run(session())


async def _first_accepted(access: SftpAccess, ends: float, use: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
    """What `use` returns for a session with the first version of the secret that the server takes.

    Only the first version must be one to log in with: another may be half made, or left over.
    """
    versions = access.credentials.each()
    refusal: asyncssh.PermissionDenied | None = None
    while (fields := await asyncio.to_thread(next, versions, None)) is not None:
        try:
            login = _login(access, fields)
        except ConfigurationError:
            if refusal is None:
                raise
            continue
        try:
            async with _sftp(access, login, ends) as client:
                return await use(client)
        except asyncssh.PermissionDenied as error:
            refusal = refusal or error
    raise refusal or asyncssh.PermissionDenied("there is no credential")


@asynccontextmanager
async def _sftp(access: SftpAccess, login: Mapping[str, Any], ends: float) -> AsyncIterator[asyncssh.SFTPClient]:
    """A client, logged in with asyncssh's arguments `login`, that is cut off at `ends` (the loop's time).

    A cancelled task still closes its files, and a server that answers nothing would keep it waiting there: only
    without a connection is nobody waited for. For the same reason the client is left to the connection's end.
    """
    target = access.target
    host_keys = _host_keys(access)
    os.environ.setdefault("LOGNAME", "fileferry")  # asyncssh wants a local user name; a container may have none
    endpoint = await asyncio.to_thread(resolve, target.host, target.port, access.allowed)
    socket = await asyncio.to_thread(connect, endpoint, CONNECT_SECONDS)
    socket.setblocking(False)
    async with asyncssh.connect(
        target.host,
        target.port,
        sock=socket,
        username=target.username,
        known_hosts=(host_keys, [], []),
        config=[],
        agent_path=None,
        x509_trusted_certs=None,
        gss_kex=False,
        gss_auth=False,
        encryption_algs=_CIPHERS,
        connect_timeout=LOGIN_SECONDS,
        login_timeout=LOGIN_SECONDS,
        keepalive_interval=KEEPALIVE_SECONDS,
        keepalive_count_max=_MISSED_KEEPALIVES,
        **login,
    ) as connection:
        asyncio.get_running_loop().call_at(ends, connection.abort)
        yield await connection.start_sftp_client()


def _host_keys(access: SftpAccess) -> list[asyncssh.SSHKey]:
    keys = []
    for line in access.target.host_keys:
        try:
            keys.append(asyncssh.import_public_key(line))
        except asyncssh.KeyImportError as error:
            raise ConfigurationError(
                f"A pinned host key cannot be read: {error}.",
                where=f"{access.place}, host_keys",
                todo="give each as `ssh-ed25519 AAAA…`, as `ssh-keyscan` prints it without the host name.",
            ) from error
    return keys


def _login(access: SftpAccess, fields: Fields) -> dict[str, Any]:
    """asyncssh's arguments for the login; the parsed key instead of a file name."""
    where = f"secret {access.credentials.name!r}"
    found: dict[str, Any] = {"password": fields.get("password"), "client_keys": None}
    if text := fields.get("private_key"):
        try:
            found["client_keys"] = [asyncssh.import_private_key(text, fields.get("passphrase"))]
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise ConfigurationError(
                "The private key cannot be read, or its passphrase is wrong.",
                where=where,
                todo="store an OpenSSH or PEM private key with its line breaks, and the passphrase if it has one.",
            ) from error
    if not found["password"] and not found["client_keys"]:
        raise ConfigurationError(
            "The secret holds neither `password` nor `private_key`.", where=where, todo="add one of the two."
        )
    return found


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Names the errors of asyncssh and of the network as the workflow knows them."""
    try:
        yield
    except FerryError:
        raise
    except (asyncssh.Error, OSError) as error:
        raise _named(error, where) from error


_REFUSALS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    (
        (asyncssh.HostKeyNotVerifiable,),
        "The server's host key is none of the pinned ones; nothing was sent",
        "ask the partner whether the key was changed, and pin the new one only after that.",
    ),
    (
        (asyncssh.KeyExchangeFailed,),
        "The server offers no host key of a pinned type, or no algorithm that is still safe",
        "pin a key of a type that the server has, or ask the partner to update the server.",
    ),
    ((asyncssh.PermissionDenied,), "The login was refused", "check user name, key and password with the partner."),
    (
        (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect),
        "The server denies permission",
        "ask the partner to let the login write, rename and read in the folder.",
    ),
    (
        (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory),
        "The folder does not exist and cannot be made",
        "ask the partner to make it, or correct the destination's folder.",
    ),
    (
        (asyncssh.SFTPOpUnsupported, asyncssh.SFTPInvalidFilename, asyncssh.SFTPFileIsADirectory),
        "The server does not take this request",
        "check name and folder with the partner.",
    ),
)
_FULL = (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded, asyncssh.SFTPFailure)


def _named(error: Exception, where: str) -> FerryError:
    said = str(error)[:200] or type(error).__name__
    for kinds, what, todo in _REFUSALS:
        if isinstance(error, kinds):
            return DestinationRefused(f"{what}: {said}.", where=where, todo=todo)
    if isinstance(error, _FULL):
        return DestinationUnavailable(
            f"The server reports a failure: {said}.",
            where=where,
            todo="a full disk is the usual reason; what is there already is kept and continued by the next try.",
        )
    if isinstance(error, TimeoutError):
        return DestinationUnavailable(
            "The server did not answer in time, or the file did not fit the time left.",
            where=where,
            todo="the next try goes on where this one stopped; send slow destinations by the worker.",
        )
    return DestinationUnavailable(f"The connection failed: {said}.", where=where, todo="tried again by the workflow.")


async def answered(request: Awaitable[T], seconds: float = ANSWER_SECONDS) -> T:
    """The server's answer to a request. Raises TimeoutError when it takes longer."""
    async with asyncio.timeout(seconds):
        return await request


async def read_back(client: asyncssh.SFTPClient, path: str, pulse: Pulse) -> str:
    """SHA-256 in hex of a file on the server, read with requests in parallel and in bounded memory."""
    digest = hashlib.sha256()

    def take(block: bytes) -> None:
        pulse(0)
        digest.update(block)

    file = await answered(client.open(path, "rb"))
    while block := cast(bytes, await answered(file.read(_READ_BLOCK))):
        await asyncio.to_thread(take, block)
    await answered(file.close())
    return digest.hexdigest()
