"""SFTP users of a tenant."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import Field

from fileferry.api import Answer, Call, Paging, Role, page_answer, refuse, reply
from fileferry.ingest_key import home_prefix
from fileferry.model.job import Frozen
from fileferry.model.tenant import User, UserName, UserSpec
from fileferry.services import services

from .checks import user_mistakes
from .service import api, check_tenant, config, spec_of


class NewUser(UserSpec):
    """A user that is to be created."""

    id: UserName


class Home(Frozen):
    """Where a user's files lie; over SFTP the user sees it as `/`."""

    bucket: str
    prefix: str = Field(description="Ends in a slash.")


class UserAnswer(User):
    """A user as it is answered."""

    home: Home


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
    location = f"/v1/tenants/{call.tenant}/users/{user}"
    return reply(show(stored.value), HTTPStatus.CREATED, ETag=stored.etag, Location=location)


@api.operation("GET", "/v1/tenants/{tenant}/users/{user}", access=Role.VIEWER, answer=UserAnswer, tagged=True)
def read_user(call: Call) -> Answer:
    """Read an SFTP user."""
    stored = config().user(call.tenant, call.path["user"])
    return reply(show(stored.value), ETag=stored.etag)


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
    log in.
    """
    check_tenant(call.tenant)
    refuse(list(user_mistakes(call.body)))
    stored = config().replace_user(call.tenant, call.path["user"], call.body, call.if_match)
    return reply(show(stored.value), ETag=stored.etag)


def show(user: User) -> dict[str, Any]:
    """A user with its place in the ingest bucket."""
    settings = services().settings
    prefix = home_prefix(settings.region, user.tenant, user.id, settings.shards)
    home = {"bucket": settings.ingest_bucket, "prefix": f"{prefix}/"}
    return {**user.model_dump(mode="json", by_alias=True), "home": home}
