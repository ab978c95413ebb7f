"""`ferry explain`: what would become of a file, and why; nothing is changed by asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from local.console import console

from .output import AsJson, lines, print_json, told_apart
from .records import Tenant, client, place


def explain(
    path: Annotated[str, typer.Argument(help="The file as its user sees it; it need not exist.")],
    user: Annotated[str, typer.Option("--user", "-u", help="Who sends it; without, PATH is a key in ingest.")] = "",
    size: Annotated[int | None, typer.Option("--size", min=0, help="Bytes.")] = None,
    at: Annotated[str, typer.Option("--at", help="By the routes of that time (ISO 8601).")] = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Tell which route would take a file, why the others would not, and who would carry it."""
    which = {"user": user, "path": path} if user else {"key": path}
    asked = {**which, **({"size": size} if size is not None else {}), **({"at": at} if at else {})}
    with told_apart():
        found = client().call("POST", place(tenant, "explain"), asked)
        if as_json:
            print_json(found)
            return
        for line in explained(found):
            console.print(line, markup=False)


def explained(found: Mapping[str, Any]) -> Iterator[str]:
    """The answer for people."""
    yield f"{found['outcome']}: {found['why']}"
    rows = [
        [_mark(each), each["route"], str(each["revision"]), str(each["priority"]), each["reason"] or "matches"]
        for each in found["routes"]
    ]
    if rows:
        yield from lines(rows, ["", "route", "revision", "priority", "why"])
    if executor := found.get("executor"):
        yield f"executor: {executor['executor']} ({executor['reason']})"
    for note in found.get("notes", []):
        yield f"{note['topic']}: {note['text']}"
    if job := found.get("existing_job"):
        yield f"This very file is job {job['job_id']} ({job['status']}) of route {job['route']} already."


def _mark(considered: Mapping[str, Any]) -> str:
    return "✓" if considered["taken"] else "·" if considered["matched"] else "✗"
