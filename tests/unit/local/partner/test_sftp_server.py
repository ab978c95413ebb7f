"""The partner's SFTP server: who gets in, and where files go."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from local.partner.account import HOST, Account, open_account, sftp_folder
from local.partner.sftp_server import serve


def attempt(partner: Path, account: Account, **login: Any) -> None:
    """Log in and put a file."""

    async def run() -> None:
        server = await serve(account, sftp_folder(partner))
        known = asyncssh.import_public_key(account.host_public_key)
        options: dict[str, Any] = {"username": account.username, "client_keys": None, "agent_path": None, **login}
        try:
            async with (
                asyncssh.connect(HOST, account.sftp_port, known_hosts=([known], [], []), config=[], **options) as ssh,
                ssh.start_sftp_client() as sftp,
                sftp.open("/ü.csv", "wb") as file,
            ):
                await file.write(b"x")
        finally:
            server.close()
            await server.wait_closed()

    asyncio.run(run())


def test_key_and_password_let_in_and_files_land_in_the_folder(tmp_path: Path) -> None:
    account = open_account(tmp_path)
    attempt(tmp_path, account, client_keys=[asyncssh.import_private_key(account.login_key)])
    assert (sftp_folder(tmp_path) / "ü.csv").read_bytes() == b"x"
    attempt(tmp_path, account, password=account.password)


@pytest.mark.parametrize("login", [{"password": "wrong"}, {"username": "root"}, {}])
def test_others_are_refused(tmp_path: Path, login: dict[str, str]) -> None:
    account = open_account(tmp_path)
    key = asyncssh.generate_private_key("ssh-ed25519")
    client_keys = [asyncssh.import_private_key(account.login_key)] if "username" in login else [key]
    with pytest.raises(asyncssh.PermissionDenied):
        attempt(tmp_path, account, client_keys=client_keys, **login)


def test_the_account_is_kept_with_its_keys(tmp_path: Path) -> None:
    assert open_account(tmp_path) == open_account(tmp_path)
    assert (tmp_path / "account.json").stat().st_mode & 0o077 == 0
