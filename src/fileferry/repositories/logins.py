"""What a login needs to know of the `config` table, read without the models: the SFTP client is waiting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fileferry.repositories.config_keys import login_key, password_key, tenant_key, user_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LONGEST_NAME = 100
"""Of Transfer Family (CreateUser, UserName)."""


@dataclass(frozen=True)
class LoginKey:
    """A public key of the user; dates as they were written, None where the key has no such bound."""

    line: str
    not_before: str | None = None
    expires_at: str | None = None


@dataclass(frozen=True)
class Login:
    """A user with what decides on its login."""

    tenant: str
    user: str
    tenant_enabled: bool
    user_enabled: bool
    keys: tuple[LoginKey, ...]
    allowed_networks: tuple[str, ...]


class LoginRepository:
    """Consistent reads only: a user who was disabled is out at once."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def find(self, name: str) -> Login | None:
        """The user whom the login belongs to, whatever the tenant; None if there is none."""
        if len(name) > _LONGEST_NAME:
            return None
        tenant = self._item(login_key(name)).get("tenant", {}).get("S")
        if not tenant:
            return None
        user = self._doc(user_key(tenant, name))
        if user is None:
            return None
        owner = self._doc(tenant_key(tenant))
        return Login(
            tenant=tenant,
            user=name,
            tenant_enabled=bool(owner and owner["enabled"]),
            user_enabled=bool(user["enabled"]),
            keys=tuple(LoginKey(k["key"], k.get("not_before"), k.get("expires_at")) for k in user["public_keys"]),
            allowed_networks=tuple(user["allowed_networks"]),
        )

    def password_hash(self, login: Login) -> str:
        """The hash of the user's password; empty if it has none."""
        return str(self._item(password_key(login.tenant, login.user)).get("hash", {}).get("S", ""))

    def _doc(self, key: Mapping[str, str]) -> dict[str, Any] | None:
        text = self._item(key).get("doc", {}).get("S")
        return json.loads(text) if text else None

    def _item(self, key: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self._dynamodb.get_item(
            TableName=self._table, Key={name: {"S": value} for name, value in key.items()}, ConsistentRead=True
        )
        return answer.get("Item", {})
