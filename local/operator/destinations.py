"""`ferry destinations`: where a tenant's files go."""

from __future__ import annotations

from typing import Annotated

import typer

from local.console import console
from local.ending import ExitCode

from .output import AsJson, lines, print_json, told_apart
from .records import Tenant, client, place, record_app

_MARKS = {"ok": "✓", "failed": "✗"}
app = record_app("destinations", "destination", ["id", "target.kind", "target.host", "target.bucket", "description"])


@app.command()
def test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID")],
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Try a destination out, step by step; ends with 1 when a step fails."""
    with told_apart():
        found = client().call("POST", place(tenant or context.obj or "", "destinations", name, "test"))
    if as_json:
        print_json(found)
    else:
        rows = [
            [_MARKS.get(step["status"], "-"), step["step"], " ".join(filter(None, (step["detail"], step["todo"])))]
            for step in found["steps"]
        ]
        for line in lines(rows, ["", "step", ""]):
            console.print(line, markup=False)
    if not found["ok"]:
        raise typer.Exit(ExitCode.FAILED)
