"""Tenants and their SFTP users."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fileferry.model.job import Frozen
from fileferry.model.route import Identifier

# Transfer Family: user names have 3 to 100 of a-z A-Z 0-9 _ - . @ and do not begin with - . @ (CreateUser, UserName).
USER_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.@-]{2,99}$"
UserName = Annotated[str, Field(pattern=USER_NAME)]


class PublicKey(Frozen):
    """An SSH public key of a user, e.g. `ssh-ed25519 AAAA… comment`; dates are ISO 8601 in UTC."""

    key: str = Field(min_length=20, max_length=16_384)
    label: str = Field("", max_length=100, description="Unique among the user's keys, where it is given.")
    not_before: str | None = None
    expires_at: str | None = None


class TenantSpec(Frozen):
    """What a user writes about a tenant."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=1000)
    enabled: bool = True


class Tenant(TenantSpec):
    id: Identifier
    created_at: str = ""
    updated_at: str = ""


class UserSpec(Frozen):
    """What a user writes about an SFTP login."""

    description: str = Field("", max_length=1000)
    enabled: bool = True
    public_keys: list[PublicKey] = Field(default_factory=list, max_length=50)
    allowed_networks: list[str] = Field(default_factory=list, description="CIDR blocks; empty: from anywhere.")


class User(UserSpec):
    tenant: str
    id: UserName
    created_at: str = ""
    updated_at: str = ""
    password_set_at: str | None = Field(None, description="When its password was set, if it has one.")
