"""The partner's SFTP server: `python -m local.partner.sftp_server FOLDER`, FOLDER as `account.py` fills it."""

from __future__ import annotations

import asyncio
import hmac
import os
import signal
import sys
from pathlib import Path
from typing import Any

import asyncssh

from .account import HOST, Account, read_account, sftp_folder


class _Logins(asyncssh.SSHServer):
    """Lets the account's user in, by key or by password."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._key = asyncssh.import_public_key(account.login_public_key)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        right = hmac.compare_digest(password.encode(), self._account.password.encode())
        return username == self._account.username and right

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == self._account.username and key == self._key


async def serve(account: Account, folder: Path) -> Any:
    """A listening server over `folder`; the caller closes it."""
    folder.mkdir(parents=True, exist_ok=True)
    return await asyncssh.listen(
        HOST,
        account.sftp_port,
        server_factory=lambda: _Logins(account),
        server_host_keys=[asyncssh.import_private_key(account.host_key)],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(folder)),
    )


async def _run(partner: Path) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await serve(read_account(partner), sftp_folder(partner))
    await ended.wait()
    server.close()
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1])))
