"""People and a machine of the demo: made in the stack's user pool, their passwords kept below `.ferry/` only."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fileferry.errors import FerryError
from local.api import Api
from local.stack import Stack
from local.workspace import DEMO_TENANT, Workspace

_GROUPS = {
    "platform-admin": "platform-admin",
    "tenant-admin": f"{DEMO_TENANT}:tenant-admin",
    "operator": f"{DEMO_TENANT}:tenant-operator",
    "viewer": f"{DEMO_TENANT}:tenant-viewer",
}
"""Person → group of the user pool."""
MACHINE_RECORD, MACHINE_ROLE = "demo-machine", "tenant-operator"
_LENGTH = 20
_SYMBOLS = "-_.+!"


class NoDemoPeople(FerryError):
    """The demo's people were not made, or their passwords are not known here."""


@dataclass(frozen=True)
class Person:
    """Someone of the demo, with an e-mail address that nobody has (RFC 2606)."""

    username: str
    email: str
    password: str
    group: str


@dataclass(frozen=True)
class Identities:
    """Who can log in to the demo, by name, and where."""

    issuer: str
    login_url: str
    console_client_id: str
    redirect_url: str
    people: Mapping[str, Person] = field(default_factory=dict)
    machine_client_id: str = ""
    machine_secret: str = ""


def seed_people(workspace: Workspace, stack: Stack) -> Identities:
    """Make people, groups and the machine's record, or bring them up to date; also `.ferry/identities.json`."""
    pool = stack.cognito
    known = _kept(workspace)
    people = {name: _person(name, group, known) for name, group in _GROUPS.items()}
    for person in people.values():
        _write_person(pool, stack["UserPoolId"], person)
    identities = Identities(
        issuer=stack["Issuer"],
        login_url=stack.emulator.endpoint,
        console_client_id=stack["ConsoleClientId"],
        redirect_url=_redirect_url(stack),
        people=people,
        machine_client_id=stack["MachineClientId"],
        machine_secret=_machine_secret(stack),
    )
    _keep(workspace, identities)
    Api(stack).put_or_create(f"/v1/tenants/{DEMO_TENANT}/clients", MACHINE_RECORD, _machine_record(identities))
    return identities


def read_identities(workspace: Workspace) -> Identities:
    """What `seed_people` kept. Raises NoDemoPeople."""
    try:
        found = json.loads(identities_file(workspace).read_text())
    except FileNotFoundError:
        raise NoDemoPeople("The demo's people are not known here.", todo="run `ferry up`.") from None
    people = {name: Person(**person) for name, person in found.pop("people").items()}
    return Identities(**found, people=people)


def identities_file(workspace: Workspace) -> Path:
    return workspace.home / "identities.json"


def new_password() -> str:
    """Fits the user pool's policy: lower and upper case, a digit and a symbol among at least 14 characters."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice("".join(kinds)) for _ in range(_LENGTH - len(kinds))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def _person(name: str, group: str, known: Mapping[str, Any]) -> Person:
    kept = known.get("people", {}).get(name, {})
    return Person(name, f"{name}@fileferry.example", kept.get("password") or new_password(), group)


def _write_person(pool: Any, pool_id: str, person: Person) -> None:
    with suppress(pool.exceptions.UsernameExistsException):
        pool.admin_create_user(
            UserPoolId=pool_id,
            Username=person.username,
            MessageAction="SUPPRESS",
            TemporaryPassword=person.password,
            UserAttributes=[
                {"Name": "email", "Value": person.email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
    pool.admin_set_user_password(UserPoolId=pool_id, Username=person.username, Password=person.password, Permanent=True)
    with suppress(pool.exceptions.GroupExistsException):
        pool.create_group(UserPoolId=pool_id, GroupName=person.group)
    pool.admin_add_user_to_group(UserPoolId=pool_id, Username=person.username, GroupName=person.group)


def _machine_record(identities: Identities) -> dict[str, str]:
    """What the machine may do, as far as its scopes go."""
    principal, about = identities.machine_client_id, "The demo's OAuth client; `ferry login machine` is it."
    return {"principal": principal, "role": MACHINE_ROLE, "description": about}


def _machine_secret(stack: Stack) -> str:
    answer = stack.cognito.describe_user_pool_client(UserPoolId=stack["UserPoolId"], ClientId=stack["MachineClientId"])
    return str(answer["UserPoolClient"]["ClientSecret"])


def _redirect_url(stack: Stack) -> str:
    answer = stack.cognito.describe_user_pool_client(UserPoolId=stack["UserPoolId"], ClientId=stack["ConsoleClientId"])
    return str(answer["UserPoolClient"]["CallbackURLs"][0])


def _kept(workspace: Workspace) -> Mapping[str, Any]:
    try:
        return dict(json.loads(identities_file(workspace).read_text()))
    except FileNotFoundError:
        return {}


def _keep(workspace: Workspace, identities: Identities) -> None:
    file = identities_file(workspace)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(identities), indent=2) + "\n")
