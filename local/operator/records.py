"""Commands for what a tenant has of a kind: list, show, put from a file. A noun's module adds its own to these."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from fileferry.errors import FerryError

from .output import AsJson, print_facts, print_json, print_records, told_apart

if TYPE_CHECKING:
    from local.api import Client

TENANT_VARIABLE = "FERRY_TENANT"
Tenant = Annotated[
    str,
    typer.Option("--tenant", "-t", envvar=TENANT_VARIABLE, help="Its id; on this machine the demo's by default."),
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Most records to show.")]
File = Annotated[Path, typer.Argument(help="JSON file of the record, with `id`; - reads standard input.")]


class BadFile(FerryError):
    """A file that holds no record."""


class NoTenant(FerryError):
    """The command is about a tenant, and none is named."""


def client() -> Client:
    """The API as whoever is logged in. Raises NotRunning, NoLogin, LoginFailed."""
    from local.workspace import read_workspace

    from .login import open_client

    return open_client(read_workspace())


def tenant_of(given: str) -> str:
    """The tenant that a command is about. Raises NoTenant where none is named and it is no demo."""
    from local.workspace import DEMO_TENANT, read_workspace

    from .login import read_login

    if given:
        return given
    if read_login(read_workspace()).kind == "here":
        return DEMO_TENANT
    raise NoTenant("No tenant is named.", todo=f"give --tenant, or set {TENANT_VARIABLE}.")


def place(tenant: str, collection: str, *parts: str) -> str:
    """The address of a tenant's collection, or of what is in it."""
    return "/".join(["/v1/tenants", *(quote(part, safe="") for part in (tenant_of(tenant), collection, *parts))])


def read_record(file: Path) -> dict[str, Any]:
    """A JSON object with `id`. Raises BadFile."""
    try:
        value = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text())
    except (OSError, ValueError) as error:
        raise BadFile(f"The record cannot be read: {error}", where=str(file)) from error
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise BadFile("The file must hold a JSON object with `id`.", where=str(file))
    return value


def put(api: Client, collection: str, record: dict[str, Any]) -> dict[str, Any]:
    """Create the record, or replace the one that is there, unless it changes in between. Raises ApiRefused."""
    address = f"{collection}/{quote(record['id'], safe='')}"
    there = api.send("GET", address)
    if there.status_code == HTTPStatus.NOT_FOUND:
        return api.call("POST", collection, record)
    etag = there.headers.get("etag")
    return api.call("PUT", address, record, headers={"if-match": etag} if etag else {})


def record_app(collection: str, one: str, columns: Sequence[str]) -> typer.Typer:
    """`ferry COLLECTION`, `… show ID`, `… put FILE`; with the columns that the list has."""
    app = typer.Typer(invoke_without_command=True, help=f"A tenant's {collection}: list, show, put from a file.")

    @app.callback()
    def list_all(context: typer.Context, tenant: Tenant = "", limit: Limit = 1000, as_json: AsJson = False) -> None:
        if context.invoked_subcommand:
            context.obj = tenant
            return
        with told_apart():
            found = client().items(place(tenant, collection), most=limit)
            print_records(found, columns, as_json=as_json, nothing=f"There are no {collection}.")

    @app.command()
    def show(
        context: typer.Context,
        name: Annotated[str, typer.Argument(metavar="ID")],
        tenant: Tenant = "",
        as_json: AsJson = False,
    ) -> None:
        """Everything about one, as it may be put again."""
        with told_apart():
            print_facts(client().call("GET", place(tenant or context.obj or "", collection, name)), as_json=as_json)

    @app.command(name="put")
    def put_one(context: typer.Context, file: File, tenant: Tenant = "", as_json: AsJson = False) -> None:
        """Create one from a JSON file, or replace the one that has its id."""
        with told_apart():
            made = put(client(), place(tenant or context.obj or "", collection), read_record(file))
            if as_json:
                print_json(made)
            else:
                typer.echo(f"✓ {one} {made['id']}")
                if made.get("secret"):
                    typer.echo(f"  secret, which is shown this once: {made['secret']}")

    return app
