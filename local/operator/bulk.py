"""`ferry bulk`: one action on many jobs, first planned, then run exactly as planned."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fileferry.errors import FerryError
from local.console import console
from local.ending import ExitCode

from .actions import Comment, Revision
from .jobs import Filename, Route, Since, Status, Until
from .output import AsJson, print_facts, print_json, print_records, told_apart
from .records import Limit, Tenant, client, place

if TYPE_CHECKING:
    from local.api import Client

_SECONDS = 0.5
_UNDER_WAY = ("PLANNING", "RUNNING")
_COLUMNS = ["id", "action", "status", "total", "possible", "done", "failed", "skipped", "requested_by", "comment"]
_JOB_COLUMNS = ["job_id", "filename", "status", "plan", "outcome", "detail"]
Bulk = Annotated[str, typer.Argument(metavar="ID", help="Id of a bulk action.")]
Patience = Annotated[float, typer.Option("--timeout", help="Seconds to wait for the end.")]
Action = Literal["cancel", "retry", "redrive", "replay", "release", "reject"]
app = typer.Typer(invoke_without_command=True, help="One action on many jobs: list, plan, look, run.")


class BulkRefused(FerryError):
    """There is no plan; the text says why."""


class NotOver(FerryError):
    """It goes on in the background."""


@app.callback()
def list_all(context: typer.Context, tenant: Tenant = "", limit: Limit = 50, as_json: AsJson = False) -> None:
    if context.invoked_subcommand:
        context.obj = tenant
        return
    with told_apart():
        found = client().items(place(tenant, "bulk-actions"), most=limit)
        print_records(found, _COLUMNS, as_json=as_json, nothing="There are no bulk actions.")


@app.command()
def plan(
    context: typer.Context,
    action: Annotated[Action, typer.Argument(help="What is to be done.")],
    status: Status = "",
    route: Route = "",
    since: Since = "",
    until: Until = "",
    filename: Filename = "",
    revision: Revision = "original",
    release_to: Annotated[str, typer.Option("--to", help="Release: the route for files that none took.")] = "",
    accept_violations: Annotated[bool, typer.Option(help="Release: do not check again; needs --comment.")] = False,
    comment: Comment = "",
    timeout: Patience = 300.0,
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Plan an action for all jobs that the filter finds now, and show the plan; nothing is done to them."""
    wanted = {"status": status, "route": route, "since": since, "until": until, "filename": filename}
    body = {
        "action": action,
        "filter": _given(wanted),
        "revision": revision,
        "accept_violations": accept_violations,
        **_given({"comment": comment, "route": release_to}),
    }
    with told_apart():
        api, collection = client(), place(tenant or context.obj or "", "bulk-actions")
        begun = api.call("POST", collection, body, headers={"idempotency-key": uuid.uuid4().hex})
        planned = _over(api, f"{collection}/{begun['id']}", timeout)
        if planned["status"] == "REFUSED":
            raise BulkRefused(str(planned["problem"]), where=planned["id"], todo="narrow the filter.")
        if as_json:
            print_json(planned)
            return
        found = api.items(f"{collection}/{planned['id']}/jobs", most=20)
        print_records(found, ["job_id", "filename", "status", "plan"], as_json=False, nothing="No job matches.")
        _print_end(planned, f"possible for {planned['possible']} of {planned['total']}; `ferry bulk run` runs it.")


@app.command()
def run(
    context: typer.Context, bulk: Bulk, timeout: Patience = 3600.0, tenant: Tenant = "", as_json: AsJson = False
) -> None:
    """Run exactly what was planned, and wait for the end; ends with 1 when it failed for a job."""
    with told_apart():
        api, address = client(), place(tenant or context.obj or "", "bulk-actions", bulk)
        api.call("POST", f"{address}/run", headers={"idempotency-key": uuid.uuid4().hex})
        ended = _over(api, address, timeout)
        if as_json:
            print_json(ended)
        else:
            _print_end(ended, f"{ended['done']} done, {ended['failed']} failed, {ended['skipped']} skipped.")
    if ended["failed"]:
        raise typer.Exit(ExitCode.FAILED)


@app.command()
def show(context: typer.Context, bulk: Bulk, tenant: Tenant = "", as_json: AsJson = False) -> None:
    """A bulk action and how far it has come."""
    with told_apart():
        print_facts(client().call("GET", place(tenant or context.obj or "", "bulk-actions", bulk)), as_json=as_json)


@app.command()
def jobs(
    context: typer.Context, bulk: Bulk, tenant: Tenant = "", limit: Limit = 10_000, as_json: AsJson = False
) -> None:
    """The plan's jobs: what would be done to each, and what became of it."""
    with told_apart():
        found = client().items(place(tenant or context.obj or "", "bulk-actions", bulk, "jobs"), most=limit)
        print_records(found, _JOB_COLUMNS, as_json=as_json, nothing="No job matches.")


def _over(api: Client, address: str, timeout: float) -> dict[str, Any]:
    """The bulk action once it is planned or done. Raises NotOver."""
    ends = time.monotonic() + timeout
    while True:
        found = api.call("GET", address)
        if found["status"] not in _UNDER_WAY:
            return found
        if time.monotonic() > ends:
            raise NotOver(f"It is still {found['status']}.", where=found["id"], todo="`ferry bulk show` tells more.")
        time.sleep(_SECONDS)


def _given(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _print_end(found: Mapping[str, Any], what: str) -> None:
    console.print(f"{found['id']}: {found['action']} {found['status']}, {what}", markup=False)
