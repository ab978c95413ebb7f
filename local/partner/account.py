"""What the partner's servers and our destinations agree on: ports, logins, keys and certificates.

Made once and kept in `.ferry/partner/account.json` (readable by its owner only), so that a second start
serves under the same host key and the same authority.
"""

from __future__ import annotations

import json
import secrets
import socket
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import asyncssh

from .certificates import issue_certificates

BUCKET = "fileferry-partner-demo"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Account:
    """Keys are OpenSSH texts, certificates and their key PEM."""

    sftp_port: int
    https_port: int
    username: str
    password: str
    login_key: str
    login_public_key: str
    host_key: str
    host_public_key: str
    hmac_secret: str
    authority: str
    certificate: str
    certificate_key: str


def sftp_folder(partner: Path) -> Path:
    """Where the SFTP server keeps what it received."""
    return partner / "sftp"


def https_folder(partner: Path) -> Path:
    """Where the HTTPS receiver keeps what it received."""
    return partner / "https"


def open_account(partner: Path) -> Account:
    """The account in folder `partner`, made when there is none."""
    try:
        return read_account(partner)
    except FileNotFoundError:
        account = _new_account()
    write_account(partner, account)
    return account


def read_account(partner: Path) -> Account:
    """Raises FileNotFoundError when no account was made."""
    return Account(**json.loads(_file(partner).read_text()))


def write_account(partner: Path, account: Account) -> None:
    partner.mkdir(parents=True, exist_ok=True)
    file = _file(partner)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(account), indent=1))


def with_free_ports(account: Account, *, sftp: bool, https: bool) -> Account:
    """The account with other ports for the servers that must be started and whose port somebody else holds."""
    sftp_port = free_port() if sftp and not _is_free(account.sftp_port) else account.sftp_port
    https_port = free_port() if https and not _is_free(account.https_port) else account.https_port
    return replace(account, sftp_port=sftp_port, https_port=https_port)


def free_port() -> int:
    """A TCP port on which nobody listens now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _new_account() -> Account:
    login, host = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    issued = issue_certificates(["localhost"], [HOST])
    return Account(
        sftp_port=free_port(),
        https_port=free_port(),
        username="acme",
        password=secrets.token_urlsafe(18),
        login_key=login.export_private_key().decode(),
        login_public_key=login.export_public_key().decode().strip(),
        host_key=host.export_private_key().decode(),
        host_public_key=host.export_public_key().decode().strip(),
        hmac_secret=secrets.token_urlsafe(32),
        authority=issued.authority,
        certificate=issued.certificate,
        certificate_key=issued.key,
    )


def _file(partner: Path) -> Path:
    return partner / "account.json"
