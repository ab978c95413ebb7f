"""`ferry tenants`: the organisations whose files are carried."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from .output import AsJson, print_facts, print_json, print_records, told_apart
from .records import File, Limit, client, put, read_record

_COLLECTION = "/v1/tenants"
app = typer.Typer(invoke_without_command=True, help="Tenants: list, show, put from a file.")


@app.callback()
def list_all(context: typer.Context, limit: Limit = 1000, as_json: AsJson = False) -> None:
    if context.invoked_subcommand:
        return
    with told_apart():
        columns = ["id", "name", "enabled", "description"]
        print_records(client().items(_COLLECTION, most=limit), columns, as_json=as_json, nothing="There are none.")


@app.command()
def show(tenant: Annotated[str, typer.Argument(help="Id of the tenant.")], as_json: AsJson = False) -> None:
    """Everything about one, as it may be put again."""
    with told_apart():
        print_facts(client().call("GET", f"{_COLLECTION}/{quote(tenant, safe='')}"), as_json=as_json)


@app.command(name="put")
def put_one(file: File, as_json: AsJson = False) -> None:
    """Create one from a JSON file, or replace the one that has its id."""
    with told_apart():
        made = put(client(), _COLLECTION, read_record(file))
        print_json(made) if as_json else typer.echo(f"✓ tenant {made['id']}")
