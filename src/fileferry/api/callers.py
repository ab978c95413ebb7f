"""Who calls, and which role that gives in which tenant: the only place that decides either.

Nobody has a role by default. The gateway has checked token or signature. People come with a JSON Web Token whose roles
claim lists `platform-admin` or `TENANT:ROLE`; machines with a token of the client credentials grant, or signed with
SigV4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

from fileferry.api.problems import RequestRefused
from fileferry.model.route import IDENTIFIER
from fileferry.settings import Settings


class Role(StrEnum):
    """From the least to the most. The three of a tenant hold in that tenant only, the platform's in all."""

    ANYONE = "anyone"
    VIEWER = "tenant-viewer"
    OPERATOR = "tenant-operator"
    TENANT_ADMIN = "tenant-admin"
    PLATFORM_ADMIN = "platform-admin"

    @property
    def rank(self) -> int:
        return tuple(Role).index(self)


TENANT_ROLES = (Role.VIEWER, Role.OPERATOR, Role.TENANT_ADMIN)


class CallerKind(StrEnum):
    PERSON = "person"
    MACHINE = "machine"
    IAM = "iam"


@dataclass(frozen=True)
class Caller:
    """An identity with its roles by tenant; `id` is stable, `name` is for people's eyes."""

    id: str
    name: str
    kind: CallerKind
    is_platform_admin: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)

    def role_in(self, tenant: str) -> Role:
        return Role.PLATFORM_ADMIN if self.is_platform_admin else self.roles.get(tenant, Role.ANYONE)


def caller_of(request_context: Mapping[str, Any], settings: Settings) -> Caller:
    """The caller of a request from its context (HTTP API, payload 2.0).

    Raises RequestRefused: 401 when no authorizer stood in front.
    """
    authorizer = request_context.get("authorizer") or {}
    if claims := (authorizer.get("jwt") or {}).get("claims"):
        return _bearer(claims, settings)
    if arn := (authorizer.get("iam") or {}).get("userArn"):
        is_admin = any(fnmatchcase(arn, pattern) for pattern in settings.api_admins)
        return Caller(arn, arn.rpartition(":")[2], CallerKind.IAM, is_admin)
    raise RequestRefused(
        HTTPStatus.UNAUTHORIZED,
        "The request does not say who calls.",
        todo="send `Authorization: Bearer TOKEN`, or sign it with SigV4.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def demand(caller: Caller, role: Role, tenant: str | None) -> None:
    """Raises RequestRefused (403) unless the caller has at least this role in the tenant, or on the platform."""
    if role is Role.ANYONE and (caller.is_platform_admin or caller.roles):
        return
    has = caller.role_in(tenant) if tenant is not None else caller.role_in("")
    if role is not Role.ANYONE and has.rank >= role.rank:
        return
    where = f" in tenant {tenant!r}" if tenant is not None else ""
    needed = "any role" if role is Role.ANYONE else f"the role {role}"
    raise RequestRefused(
        HTTPStatus.FORBIDDEN,
        f"This needs {needed}{where}, which {caller.name!r} does not have.",
        todo="sign in as somebody who has it, or ask an administrator for it.",
    )


def _bearer(claims: Mapping[str, Any], settings: Settings) -> Caller:
    subject = str(claims.get("sub", ""))
    name = next((str(claims[n]) for n in ("email", "username", "preferred_username") if claims.get(n)), subject)
    groups = tuple(_words(claims.get(settings.roles_claim)))
    return Caller(
        subject, name, CallerKind.PERSON, Role.PLATFORM_ADMIN.value in groups, _strongest(_tenant_roles(groups))
    )


def _words(claim: Any) -> Iterator[str]:
    """The values of a claim: HTTP APIs hand a list over as the text `[a b]` (Developer Guide, "JWT authorizers")."""
    if isinstance(claim, list):
        yield from map(str, claim)
    elif isinstance(claim, str):
        yield from re.split(r"[\s,]+", claim.strip("[] "))


def _tenant_roles(groups: tuple[str, ...]) -> Iterator[tuple[str, Role]]:
    for group in groups:
        tenant, colon, role = group.partition(":")
        if colon and re.fullmatch(IDENTIFIER, tenant) and role in TENANT_ROLES:
            yield tenant, Role(role)


def _strongest(roles: Iterator[tuple[str, Role]]) -> dict[str, Role]:
    found: dict[str, Role] = {}
    for tenant, role in roles:
        found[tenant] = max(found.get(tenant, role), role, key=lambda each: each.rank)
    return found
