"""`ferry jobs`: what became of the files."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import AsJson, print_facts, print_records, told_apart
from .records import Limit, Tenant, client, place

COLUMNS = ["created_at", "job_id", "status", "route", "filename", "size", "executor", "run", "reason"]
app = typer.Typer(invoke_without_command=True, help="Jobs: list with filters, the newest first; show one.")
Status = Annotated[
    str, typer.Option("--status", help="RECEIVED, RUNNING, SUCCEEDED, FAILED, QUARANTINED, CANCELLED, DUPLICATE.")
]
Route = Annotated[str, typer.Option("--route", help="Id of a route.")]
Since = Annotated[str, typer.Option("--since", help="Not before this time (ISO 8601).")]
Filename = Annotated[str, typer.Option("--filename", help="How the file's name begins; lists by name.")]
Until = Annotated[str, typer.Option("--until", help="Before this time (ISO 8601).")]


@app.callback()
def list_all(
    context: typer.Context,
    tenant: Tenant = "",
    status: Status = "",
    route: Route = "",
    since: Since = "",
    until: Until = "",
    filename: Filename = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    if context.invoked_subcommand:
        context.obj = tenant
        return
    wanted = {"status": status, "route": route, "since": since, "until": until, "filename": filename}
    with told_apart():
        found = client().items(place(tenant, "jobs"), {n: v for n, v in wanted.items() if v}, limit)
        print_records(found, COLUMNS, as_json=as_json, nothing="There are no such jobs.")


@app.command()
def show(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="Id of the job.")],
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """A job with its runs, their steps and deliveries."""
    with told_apart():
        print_facts(client().call("GET", place(tenant or context.obj or "", "jobs", job)), as_json=as_json)
