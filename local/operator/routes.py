"""`ferry routes`: which files a tenant's rules take, and what happens to them."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import AsJson, print_records, told_apart
from .records import Limit, Tenant, client, place, record_app

app = record_app("routes", "route", ["id", "revision", "enabled", "match.glob", "deliver.destinations", "created_at"])


@app.command()
def revisions(
    context: typer.Context,
    route: Annotated[str, typer.Argument(help="Id of the route.")],
    tenant: Tenant = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """What a route was before, the newest first."""
    with told_apart():
        found = client().items(place(tenant or context.obj or "", "routes", route, "revisions"), most=limit)
        print_records(found, ["revision", "created_at", "created_by"], as_json=as_json, nothing="There are none.")
