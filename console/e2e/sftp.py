"""Keys and uploads for the browser tests, by the same SFTP clients as the demo's.

sftp.py key FILE                       makes a key pair, prints the public key
sftp.py put USER KEY REMOTE LOCAL …    uploads pairs of remote path and local file
"""

from __future__ import annotations

import sys
from pathlib import Path

import asyncssh

from local.emulator.process import running
from local.sftp_client import Login, Upload, await_login, choose_client, pin_host_key
from local.workspace import read_workspace


def make_key(file: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519", comment="browser-test")
    key.write_private_key(str(file))
    file.chmod(0o600)
    sys.stdout.write(key.export_public_key().decode())


def put(user: str, key: Path, pairs: list[str]) -> None:
    workspace = read_workspace()
    emulator = running(workspace.home)
    if emulator is None:
        raise SystemExit("The system does not run: `make up`.")
    pin_host_key("localhost", emulator.sftp_port, workspace.known_hosts)
    login = Login("localhost", emulator.sftp_port, user, key, workspace.known_hosts)
    await_login(login, 60)
    remotes, files = pairs[::2], map(Path, pairs[1::2])
    choose_client(workspace.logs / "apt-get.log", lambda _: None)(
        login, [Upload(file, remote) for remote, file in zip(remotes, files, strict=True)]
    )


match sys.argv[1:]:
    case ["key", file]:
        make_key(Path(file))
    case ["put", user, key, *pairs]:
        put(user, Path(key), pairs)
    case _:
        raise SystemExit(__doc__)
