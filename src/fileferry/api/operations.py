"""An operation of the API as a value: address, rule of access, and the models of what goes in and comes out.

The OpenAPI description, the checks of every request and the tests over all operations are made from these values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from fileferry.api.callers import TENANT_ROLES, Role
from fileferry.clock import parse_time
from fileferry.model.job import Frozen
from fileferry.model.route import IDENTIFIER
from fileferry.model.tenant import USER_NAME

PARTS = {
    "tenant": IDENTIFIER,
    "route": IDENTIFIER,
    "destination": IDENTIFIER,
    "client": IDENTIFIER,
    "user": USER_NAME,
    "revision": r"[1-9][0-9]{0,8}",
    "run": r"[1-9][0-9]{0,8}",
    "version": r"[1-9][0-9]{0,8}",
    "job_id": r"[a-z0-9]{1,64}",
}
"""What the parts of an address look like; others are as OTHER_PART says."""
OTHER_PART = r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}"


def _moment(value: object) -> object:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, datetime):
        return value
    # pydantic itself takes numbers for seconds since 1970, which the description does not offer.
    raise ValueError("must be a date and time as text in ISO 8601")


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A date and time in ISO 8601; without an offset it is in UTC."""


class Paging(Frozen):
    """The query of a listing."""

    limit: int = Field(50, ge=1, le=200, description="Most items of a page.")
    cursor: str | None = Field(
        None, min_length=1, max_length=4000, description="`cursor` of the page before, with the same filters."
    )


class TimeRange(Frozen):
    """What a request is limited to; without a bound it is open there."""

    since: Moment | None = Field(None, description="Included.")
    until: Moment | None = Field(None, description="Not included.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("`since` must be before `until`")
        return self


@dataclass(frozen=True)
class Operation:
    """One method at one address. `access` is the least role that may, in the tenant of the address if it has one."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    access: Role
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: HTTPStatus = HTTPStatus.OK
    listing: bool = False
    """The answer is a page of `answer`."""
    tagged: bool = False
    """The answer has an ETag."""
    audited: bool = False
    secret: bool = False
    """The answer shows a secret, once: it is not kept for repeats."""

    def __post_init__(self) -> None:
        tenant_only, anyone = self.access in TENANT_ROLES, self.access is Role.ANYONE
        if anyone if "tenant" in self.parts else tenant_only:
            raise ValueError(f"{self.id}: {self.access} is no rule for {self.path}")

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Names in the address, in their order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def conditional(self) -> bool:
        """Whether it changes a record that has an entity tag, and so takes If-Match."""
        return self.tagged and self.method != "GET" and self.status is not HTTPStatus.CREATED

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches every path of this form, whatever its parts are."""
        return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)))

    def accepts(self, part: str, value: str) -> bool:
        return re.fullmatch(PARTS.get(part, OTHER_PART), value) is not None
