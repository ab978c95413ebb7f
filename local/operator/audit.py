"""`ferry audit`: who changed or did what."""

from __future__ import annotations

from typing import Annotated

import typer

from .jobs import Since, Until
from .output import AsJson, print_records, told_apart
from .records import Limit, Tenant, client, place

_COLUMNS = ["at", "caller_name", "caller_kind", "operation", "status", "details"]


def audit(
    platform: Annotated[bool, typer.Option("--platform", help="What belongs to no tenant.")] = False,
    since: Since = "",
    until: Until = "",
    limit: Limit = 50,
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Who changed or did what in a tenant, the newest first."""
    wanted = {name: value for name, value in {"since": since, "until": until}.items() if value}
    with told_apart():
        found = client().items("/v1/audit" if platform else place(tenant, "audit"), wanted, limit)
        print_records(found, _COLUMNS, as_json=as_json, nothing="There is nothing yet.")
