"""Logins of the SFTP server are decided by the server's identity provider Lambda.

AWS: a Transfer Family server with IdentityProviderType AWS_LAMBDA calls its function with `{"username", "protocol",
"serverId", "sourceIp"[, "password"]}`; an answer with a Role is a user. Without a password the answer's PublicKeys
are compared with the client's key ("Using AWS Lambda to integrate your identity provider", Transfer Family's guide).
MiniStack 1.5.33 knows service-managed users only.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import lambda_svc, transfer

_log = logging.getLogger("transfer.identity")


@dataclass(frozen=True)
class Server:
    """A Transfer Family server that takes logins."""

    account: str
    region: str
    server_id: str
    function: str
    methods: str

    @property
    def takes_keys(self) -> bool:
        return "PUBLIC_KEY" in self.methods

    @property
    def takes_passwords(self) -> bool:
        return "PASSWORD" in self.methods


@dataclass(frozen=True)
class HomeMapping:
    """A folder that the user sees, and the `/bucket/prefix` behind it."""

    entry: str
    target: str


@dataclass(frozen=True)
class Login:
    """A user as the identity provider described it."""

    server: Server
    username: str
    role: str
    home: tuple[HomeMapping, ...]
    policy: str | None
    public_keys: tuple[str, ...]


def servers() -> Iterator[Server]:
    """Every server, of any account and region, that is online and asks a Lambda function about its users."""
    for (account, region, server_id), record in list(transfer._servers._data.items()):
        details = record.get("IdentityProviderDetails") or {}
        if record["State"] == "ONLINE" and record["IdentityProviderType"] == "AWS_LAMBDA" and "Function" in details:
            methods = details.get("SftpAuthenticationMethods", "PUBLIC_KEY_OR_PASSWORD")
            yield Server(account, region, server_id, details["Function"], methods)


def identified(server: Server, username: str, source_ip: str, password: str | None = None) -> Login | None:
    """What the server's function says about the user; None when it says no, or fails."""
    event = {"username": username, "protocol": "SFTP", "serverId": server.server_id, "sourceIp": source_ip}
    if password is not None:
        event["password"] = password
    answer = _invoked(server, event)
    if not isinstance(answer, dict) or not answer.get("Role"):
        return None
    try:
        return _login(server, username, answer)
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("%s gave an answer that Transfer Family would refuse: %s", server.function, error)
        return None


def _invoked(server: Server, event: dict[str, Any]) -> Any:
    set_request_account_id(server.account)
    set_request_region(server.region)
    function, config, name = lambda_svc._get_func_record_for_ref(server.function)
    if function is None or config is None:
        _log.warning("The identity provider %s of server %s does not exist", name, server.server_id)
        return None
    record = lambda_svc._execution_record_for_config(function, config)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    body = result.get("body")
    if result.get("error"):
        _log.warning("The identity provider %s failed: %s", name, body)
        return None
    return json.loads(body) if isinstance(body, str | bytes) else body


def _login(server: Server, username: str, answer: dict[str, Any]) -> Login:
    if answer.get("HomeDirectoryType", "PATH") == "LOGICAL":
        details = answer["HomeDirectoryDetails"]
        entries = json.loads(details) if isinstance(details, str) else details
        home = tuple(HomeMapping(entry["Entry"], entry["Target"]) for entry in entries)
    else:
        home = (HomeMapping("/", answer.get("HomeDirectory") or "/"),)
    policy = answer.get("Policy") or None
    if policy is not None and not isinstance(policy, str):
        policy = json.dumps(policy)
    return Login(server, username, str(answer["Role"]), home, policy, tuple(answer.get("PublicKeys") or ()))
