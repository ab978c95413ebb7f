"""Machines that call the API for a tenant: OAuth clients, and IAM roles or users."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from fileferry.model.job import Frozen
from fileferry.model.route import Identifier

ClientRole = Literal["tenant-viewer", "tenant-operator", "tenant-admin"]
_OAUTH_CLIENT = r"[A-Za-z0-9][A-Za-z0-9_.@|-]{0,127}"
_NAME = r"(?P<name>[\w+=,.@-]{1,64})"
_IAM = rf"(?P<partition>arn:aws[a-z-]*):iam::(?P<account>\d{{12}}):(?P<kind>role|user)/(?P<path>[\w+=,.@/-]*/)?{_NAME}"
_SESSION = rf"(?P<partition>arn:aws[a-z-]*):sts::(?P<account>\d{{12}}):assumed-role/{_NAME}/[^/]+"


class NoPrincipal(ValueError):
    """The text names neither an OAuth client nor an IAM role or user."""


class ClientSpec(Frozen):
    """What a user writes about a machine."""

    principal: str = Field(
        max_length=300,
        description="Id of an OAuth client, or ARN of an IAM role or user; unique over all tenants, and fixed.",
    )
    role: ClientRole = Field("tenant-viewer", description="An OAuth client's scopes may leave less of it.")
    enabled: bool = True
    description: str = Field("", max_length=1000)

    @field_validator("principal")
    @classmethod
    def _readable(cls, text: str) -> str:
        return principal_of(text)


class Client(ClientSpec):
    tenant: str
    id: Identifier
    created_at: str = ""
    updated_at: str = ""


def principal_of(text: str) -> str:
    """The form in which principals are stored and compared, of an OAuth client's id or of an ARN.

    The session of a role (`arn:aws:sts::…:assumed-role/NAME/SESSION`, as API Gateway tells the caller) stands for its
    role, and a role is named without its path, which the session's ARN does not tell; names of roles are unique in an
    account all the same (IAM User Guide, "IAM identifiers"). Raises NoPrincipal.
    """
    if session := re.fullmatch(_SESSION, text, re.ASCII):
        return f"{session['partition']}:iam::{session['account']}:role/{session['name']}"
    if identity := re.fullmatch(_IAM, text, re.ASCII):
        path = "" if identity["kind"] == "role" else identity["path"] or ""
        return f"{identity['partition']}:iam::{identity['account']}:{identity['kind']}/{path}{identity['name']}"
    if re.fullmatch(_OAUTH_CLIENT, text):
        return text
    raise NoPrincipal("is neither the id of an OAuth client nor the ARN of an IAM role or user")
