"""Whether a login is let in, and with which keys: a pure decision."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fileferry.clock import parse_time
from fileferry.repositories.logins import Login, LoginKey
from fileferry.ssh_keys import NotAPublicKey, parse_public_key


@dataclass(frozen=True)
class LoginRequest:
    """What Transfer Family asks (User Guide, "Using AWS Lambda to integrate your identity provider").

    A login by key brings no password, or an empty one; the server itself checks the key afterwards.
    """

    username: str
    protocol: str = "SFTP"
    source_ip: str = ""
    has_password: bool = False


@dataclass(frozen=True)
class Denial:
    """Why not; for the log, never for the client."""

    reason: str


def login_request(event: Mapping[str, Any]) -> LoginRequest:
    """The request without its password, which nothing here may keep. Raises ValueError when it is none."""
    username = event.get("username")
    if not isinstance(username, str) or not username:
        raise ValueError("the event names no user; it must be a request of Transfer Family")
    return LoginRequest(
        username=username,
        protocol=str(event.get("protocol") or "SFTP"),
        source_ip=str(event.get("sourceIp") or ""),
        has_password=bool(event.get("password")),
    )


def decide(request: LoginRequest, login: Login | None, at: datetime, methods: str) -> tuple[str, ...] | Denial:
    """The public keys with which the login may be made at this time, or why it may not; none for one by password.

    `methods` is the server's SftpAuthenticationMethods. The password itself is compared elsewhere.
    """
    if request.protocol != "SFTP":
        return Denial("only SFTP is served")
    if request.has_password and "PASSWORD" not in methods:
        return Denial("logins by password are not taken")
    if not request.has_password and "PUBLIC_KEY" not in methods:
        return Denial("logins by key are not taken")
    if login is None:
        return Denial("there is no such login")
    if not login.user_enabled:
        return Denial("the user is disabled")
    if not login.tenant_enabled:
        return Denial("the tenant is disabled")
    if not _allowed(request.source_ip, login.allowed_networks):
        return Denial("the address is in none of the user's networks")
    if request.has_password:
        return ()
    keys = tuple(line for key in login.keys if (line := _usable(key, at)))
    return keys or Denial("the user has no public key that is valid now")


def _allowed(source_ip: str, networks: tuple[str, ...]) -> bool:
    if not networks:
        return True
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(network) for network in networks)


def _usable(key: LoginKey, at: datetime) -> str | None:
    """The key's line if it is valid at this time; one that cannot be read is not."""
    try:
        if key.not_before and at < parse_time(key.not_before):
            return None
        if key.expires_at and at >= parse_time(key.expires_at):
            return None
        return parse_public_key(key.line).line
    except (NotAPublicKey, ValueError):
        return None
