"""SFTP users of a tenant."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field, SecretStr

from fileferry.api import Answer, Call, Mistake, Paging, Role, page_answer, pointer, refuse
from fileferry.clock import now
from fileferry.errors import Conflict
from fileferry.ingest_key import home_prefix
from fileferry.model.job import Frozen
from fileferry.model.tenant import User, UserName, UserSpec
from fileferry.passwords import hashed
from fileferry.services import services
from fileferry.user_keys import KeyValidity, described_keys, warnings_of

from .checks import user_mistakes
from .service import api, check_tenant, config, spec_of, told


class NewUser(UserSpec):
    """A user that is to be created."""

    id: UserName


class Home(Frozen):
    """Where a user's files lie; over SFTP the user sees it as `/`."""

    bucket: str
    prefix: str = Field(description="Ends in a slash.")


class UserKey(Frozen):
    """A key of `public_keys`, in the same order."""

    label: str
    type: str
    fingerprint: str = Field(description="SHA256:… as `ssh-keygen -l` shows it.")
    state: KeyValidity
    expires_at: str | None


class UserWarning(Frozen):
    """What somebody has to look after: a key that expires soon, or a user without any."""

    pointer: str = Field(description="JSON pointer to what it is about; empty for the user as a whole.")
    detail: str


class UserAnswer(User):
    """A user as it is answered."""

    home: Home
    keys: list[UserKey]
    warnings: list[UserWarning]


class PasswordBody(Frozen):
    """A user's new password. Only its hash is kept, and no answer shows either."""

    password: Annotated[SecretStr, Field(min_length=12, max_length=128)]


@api.operation("GET", "/v1/tenants/{tenant}/users", access=Role.VIEWER, query=Paging, answer=UserAnswer, listing=True)
def list_users(call: Call) -> Answer:
    """List a tenant's SFTP users."""
    check_tenant(call.tenant)
    return page_answer(config().users(call.tenant, call.query.limit, call.query.cursor), show)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/users",
    access=Role.TENANT_ADMIN,
    body=NewUser,
    answer=UserAnswer,
    status=HTTPStatus.CREATED,
    tagged=True,
)
def create_user(call: Call) -> Answer:
    """Create an SFTP user.

    User names are unique over all tenants, since they are logins of one server.
    """
    check_tenant(call.tenant)
    spec = spec_of(call.body, UserSpec)
    refuse(list(user_mistakes(spec)))
    user = call.body.id
    call.note(user=user)
    stored = config().create_user(call.tenant, user, spec)
    return told(stored, show, created=f"/v1/tenants/{call.tenant}/users/{user}")


@api.operation("GET", "/v1/tenants/{tenant}/users/{user}", access=Role.VIEWER, answer=UserAnswer, tagged=True)
def read_user(call: Call) -> Answer:
    """Read an SFTP user."""
    return told(config().user(call.tenant, call.path["user"]), show)


@api.operation(
    "PUT",
    "/v1/tenants/{tenant}/users/{user}",
    access=Role.TENANT_ADMIN,
    body=UserSpec,
    answer=UserAnswer,
    tagged=True,
)
def replace_user(call: Call) -> Answer:
    """Replace an SFTP user's record.

    Keys may overlap in time, so that a partner can change from one to the next. A user that is not enabled cannot
    log in. A password stays as it is.
    """
    check_tenant(call.tenant)
    refuse(list(user_mistakes(call.body)))
    return told(config().replace_user(call.tenant, call.path["user"], call.body, call.if_match), show)


@api.operation(
    "PUT",
    "/v1/tenants/{tenant}/users/{user}/password",
    access=Role.TENANT_ADMIN,
    body=PasswordBody,
    answer=UserAnswer,
    tagged=True,
)
def set_password(call: Call) -> Answer:
    """Set the password of an SFTP user.

    Only where the server takes passwords, which by default it does not; keys are the better way to log in.
    """
    methods = services().settings.sftp_authentication
    if "PASSWORD" not in methods:
        raise Conflict(
            f"The SFTP server takes no passwords: its authentication is {methods}.",
            todo="give the user a public key, or have the operator set the parameter SftpAuthenticationMethods.",
        )
    password = call.body.password.get_secret_value()
    if call.path["user"].lower() in password.lower():
        refuse([Mistake("must not hold the user's name", pointer="/password")])
    return told(config().set_password(call.tenant, call.path["user"], hashed(password), call.if_match), show)


@api.operation(
    "DELETE",
    "/v1/tenants/{tenant}/users/{user}/password",
    access=Role.TENANT_ADMIN,
    answer=UserAnswer,
    tagged=True,
)
def remove_password(call: Call) -> Answer:
    """Take the password of an SFTP user away, who then logs in by key only."""
    return told(config().set_password(call.tenant, call.path["user"], "", call.if_match), show)


def show(user: User) -> dict[str, Any]:
    """A user with its place in the ingest bucket, and what can be told of its keys now."""
    at = now()
    settings = services().settings
    prefix = home_prefix(settings.region, user.tenant, user.id, settings.shards)
    home = {"bucket": settings.ingest_bucket, "prefix": f"{prefix}/"}
    warnings = [
        {"pointer": "" if place is None else pointer(["public_keys", place]), "detail": detail}
        for place, detail in warnings_of(user, at)
    ]
    keys = [asdict(key) for key in described_keys(user, at)]
    return {**user.model_dump(mode="json", by_alias=True), "home": home, "keys": keys, "warnings": warnings}
