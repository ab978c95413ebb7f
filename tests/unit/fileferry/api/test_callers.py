"""The decision who a caller is, and what it may do where."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.api.callers import Caller, CallerKind, Role, caller_of
from fileferry.api.problems import RequestRefused
from fileferry.model.client import Client
from fileferry.settings import Settings
from tests.unit.world import SETTINGS

ERP_ROLE = "arn:aws:iam::123456789012:role/erp"
ERP_SESSION = "arn:aws:sts::123456789012:assumed-role/erp/i-0abc"
RECORDS = {
    principal: Client(principal=principal, tenant="acme", id="erp", role=role, enabled=enabled)
    for principal, role, enabled in (
        ("machine-operator", "tenant-operator", True),
        ("machine-admin", "tenant-admin", True),
        ("machine-off", "tenant-admin", False),
        (ERP_ROLE, "tenant-operator", True),
        ("arn:aws:iam::123456789012:role/off", "tenant-admin", False),
    )
}


def settings(**changes: Any) -> Settings:
    return Settings(**{**vars(SETTINGS), **changes})


def of_token(world: Any = None, **claims: Any) -> Caller:
    return caller_of({"authorizer": {"jwt": {"claims": claims, "scopes": None}}}, world or settings(), RECORDS.get)


def of_machine(client: str, scope: str, **claims: Any) -> Caller:
    """A token of the client credentials grant, as Cognito makes it."""
    return of_token(sub=client, client_id=client, token_use="access", scope=scope, **claims)


def of_signature(arn: str, *admins: str) -> Caller:
    return caller_of({"authorizer": {"iam": {"userArn": arn}}}, settings(api_admins=admins), RECORDS.get)


@pytest.mark.parametrize(
    ("client", "scope", "role"),
    [
        ("machine-operator", "fileferry/read", Role.VIEWER),
        ("machine-operator", "fileferry/read fileferry/operate", Role.OPERATOR),
        ("machine-operator", "fileferry/administer", Role.OPERATOR),
        ("machine-admin", "fileferry/configure", Role.TENANT_ADMIN),
        ("machine-admin", "fileferry/administer", Role.TENANT_ADMIN),
        ("machine-admin", "fileferry/read other/operate", Role.VIEWER),
        ("machine-admin", "", Role.ANYONE),
        ("machine-admin", "read", Role.ANYONE),
        ("machine-off", "fileferry/read", Role.ANYONE),
        ("machine-unknown", "fileferry/administer", Role.ANYONE),
    ],
)
def test_an_oauth_machine_has_the_lesser_of_its_records_role_and_its_scopes(
    client: str, scope: str, role: Role
) -> None:
    caller = of_machine(client, scope)

    assert (caller.kind, caller.id, caller.is_platform_admin) == (CallerKind.MACHINE, client, False)
    assert caller.role_in("acme") is role
    assert caller.role_in("globex") is Role.ANYONE


def test_a_machine_gets_nothing_from_groups() -> None:
    caller = of_machine("machine-operator", "fileferry/operate", **{"cognito:groups": "[platform-admin]"})

    assert not caller.is_platform_admin
    assert caller.role_in("acme") is Role.OPERATOR


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "machine-admin", "azp": "machine-admin"},
        {"sub": "machine-admin@clients", "azp": "machine-admin", "gty": "client-credentials"},
        {"sub": "machine-admin", "cid": "machine-admin"},
    ],
)
def test_other_issuers_machines_are_known_by_their_subject(claims: dict[str, str]) -> None:
    caller = of_token(scp="[fileferry/operate fileferry/read]", **claims)

    assert (caller.kind, caller.role_in("acme")) == (CallerKind.MACHINE, Role.OPERATOR)


def test_a_person_at_a_machines_client_is_no_machine() -> None:
    caller = of_token(sub="pat", client_id="machine-admin", scope="fileferry/configure")

    assert (caller.kind, caller.roles) == (CallerKind.PERSON, {})


@pytest.mark.parametrize(
    ("scope", "admin", "role"),
    [
        ("", True, Role.TENANT_ADMIN),
        ("openid aws.cognito.signin.user.admin", True, Role.TENANT_ADMIN),
        ("openid fileferry/administer", True, Role.TENANT_ADMIN),
        ("fileferry/configure", False, Role.TENANT_ADMIN),
        ("fileferry/read", False, Role.VIEWER),
    ],
)
def test_a_persons_token_may_be_worth_less_than_the_person(scope: str, admin: bool, role: Role) -> None:
    groups = "[platform-admin acme:tenant-admin]"
    caller = of_token(sub="pat", client_id="console", scope=scope, **{"cognito:groups": groups})

    assert caller.is_platform_admin is admin
    assert caller.roles == {"acme": role}


def test_the_roles_claim_is_the_given_one() -> None:
    caller = of_token(
        settings(roles_claim="groups"), sub="pat", groups="[acme:tenant-viewer]", roles="[platform-admin]"
    )

    assert (caller.is_platform_admin, caller.roles) == (False, {"acme": Role.VIEWER})


def test_an_id_token_gives_no_access() -> None:
    with pytest.raises(RequestRefused, match="ID token") as refused:
        of_token(sub="pat", token_use="id", **{"cognito:groups": "[platform-admin]"})
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("arn", "admins", "admin"),
    [
        ("arn:aws:iam::123456789012:user/ops", ("arn:aws:iam::123456789012:user/*",), True),
        ("arn:aws:iam::123456789012:root", ("arn:aws:iam::123456789012:root",), True),
        ("arn:aws:sts::123456789012:assumed-role/Ops/pat", ("arn:aws:iam::123456789012:role/Ops",), True),
        ("arn:aws:sts::123456789012:assumed-role/Ops/pat", ("arn:aws:sts::123456789012:assumed-role/Ops/*",), True),
        ("arn:aws:sts::123456789012:assumed-role/Opsy/pat", ("arn:aws:iam::123456789012:role/Ops",), False),
        ("arn:aws:sts::999999999999:assumed-role/Ops/pat", ("arn:aws:iam::123456789012:role/Ops",), False),
        ("arn:aws:iam::123456789012:root", ("arn:aws:iam::123456789012:user/*",), False),
        ("arn:aws:iam::123456789012:user/ops", (), False),
    ],
)
def test_iam_identities_are_platform_admins_only_by_name(arn: str, admins: tuple[str, ...], admin: bool) -> None:
    caller = of_signature(arn, *admins)

    assert (caller.kind, caller.is_platform_admin, caller.roles) == (CallerKind.IAM, admin, {})


def test_a_session_has_what_its_role_has() -> None:
    caller = of_signature(ERP_SESSION)

    assert (caller.id, caller.roles) == (ERP_SESSION, {"acme": Role.OPERATOR})
    assert of_signature("arn:aws:sts::123456789012:assumed-role/off/x").roles == {}
    assert of_signature("arn:aws:sts::123456789012:assumed-role/other/x").roles == {}
