"""Who calls, and which role that gives in which tenant: the only place that decides either.

Nobody has a role by default. The gateway has checked token or signature. People come with a JSON Web Token whose roles
claim lists `platform-admin` or `TENANT:ROLE`; machines with a token of the client credentials grant, or signed with
SigV4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

from fileferry.api.problems import RequestRefused
from fileferry.model.client import Client, NoPrincipal, principal_of
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
SCOPES: Mapping[str, Role] = {
    "fileferry/read": Role.VIEWER,
    "fileferry/operate": Role.OPERATOR,
    "fileferry/configure": Role.TENANT_ADMIN,
    "fileferry/administer": Role.PLATFORM_ADMIN,
}
"""What a token's scopes leave of its bearer's role. A person's token with none of them is left as it is."""


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


FindClient = Callable[[str], Client | None]
"""The machine client of a principal (`principal_of`), if a tenant has one."""


def caller_of(request_context: Mapping[str, Any], settings: Settings, find: FindClient) -> Caller:
    """The caller of a request from its context (HTTP API, payload 2.0).

    Raises RequestRefused: 401 when no authorizer stood in front, or the token is one that tells who somebody is and
    does not give access.
    """
    authorizer = request_context.get("authorizer") or {}
    if claims := (authorizer.get("jwt") or {}).get("claims"):
        if claims.get("token_use") == "id":
            raise _unauthorized("This is an ID token.", "send the access token, which came with it.")
        client = _machine(claims)
        return _oauth_client(client, claims, find) if client else _person(claims, settings)
    if arn := (authorizer.get("iam") or {}).get("userArn"):
        return _iam_identity(arn, settings, find)
    raise _unauthorized(
        "The request does not say who calls.", "send `Authorization: Bearer TOKEN`, or sign it with SigV4."
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


def _unauthorized(what: str, todo: str) -> RequestRefused:
    return RequestRefused(HTTPStatus.UNAUTHORIZED, what, todo=todo, headers={"WWW-Authenticate": "Bearer"})


def _person(claims: Mapping[str, Any], settings: Settings) -> Caller:
    subject = str(claims.get("sub", ""))
    name = next((str(claims[n]) for n in ("email", "username", "preferred_username") if claims.get(n)), subject)
    groups = tuple(_words(claims.get(settings.roles_claim)))
    roles = _strongest(_tenant_roles(groups))
    is_admin = Role.PLATFORM_ADMIN.value in groups
    cap = _cap(claims)
    if cap is None or cap is Role.PLATFORM_ADMIN:
        return Caller(subject, name, CallerKind.PERSON, is_admin, roles)
    # A token of fewer rights is no platform admin's any more, and gives nothing in tenants that it does not name.
    return Caller(
        subject, name, CallerKind.PERSON, False, {tenant: _least(role, cap) for tenant, role in roles.items()}
    )


def _machine(claims: Mapping[str, Any]) -> str:
    """The id of the client whose own token it is; empty for a person's.

    Where no person is involved, `sub` is the client (RFC 9068, section 2.2), with `@clients` behind it at Auth0.
    """
    client = next((str(claims[name]) for name in ("client_id", "azp", "cid") if claims.get(name)), "")
    return client if client and claims.get("sub") in (client, f"{client}@clients") else ""


def _oauth_client(client: str, claims: Mapping[str, Any], find: FindClient) -> Caller:
    """Its role is what its record says, as far as the scopes go; without either it may do nothing."""
    record, cap = find(client), _cap(claims)
    roles = {record.tenant: _least(Role(record.role), cap)} if record and record.enabled and cap else {}
    return Caller(client, record.id if record else client, CallerKind.MACHINE, False, roles)


def _iam_identity(arn: str, settings: Settings, find: FindClient) -> Caller:
    """A platform admin by its own ARN or, for a session, by its role's; else what the record of its principal says."""
    name = arn.rpartition(":")[2]
    try:
        principal = principal_of(arn)
    except NoPrincipal:
        principal = ""
    if any(fnmatchcase(each, pattern) for each in (arn, principal) if each for pattern in settings.api_admins):
        return Caller(arn, name, CallerKind.IAM, True)
    record = find(principal) if principal else None
    roles = {record.tenant: Role(record.role)} if record and record.enabled else {}
    return Caller(arn, name, CallerKind.IAM, False, roles)


def _cap(claims: Mapping[str, Any]) -> Role | None:
    """The most that the token's scopes allow; None when it has none of ours."""
    granted = {*_words(claims.get("scope")), *_words(claims.get("scp"))}
    return max((role for scope, role in SCOPES.items() if scope in granted), key=lambda role: role.rank, default=None)


def _least(role: Role, cap: Role) -> Role:
    return min(role, cap, key=lambda each: each.rank)


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
