"""`ferry cancel`, `retry`, `redrive`, `replay`, `release`, `reject`: what can be done to jobs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from local.ending import ExitCode, exit_code

from .output import AsJson, errors, print_json, told_apart
from .records import Tenant, client, place

if TYPE_CHECKING:
    from local.api import Client

Jobs = Annotated[list[str], typer.Argument(metavar="JOB...", help="Ids of jobs.")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="Why; kept with the run and in the audit log.")]
Revision = Annotated[
    Literal["original", "current"], typer.Option("--revision", help="Of the route: as at first, or as it is now.")
]


def cancel(jobs: Jobs, comment: Comment = "", tenant: Tenant = "", as_json: AsJson = False) -> None:
    """Cancel jobs that are not over; nothing unfinished stays at destinations."""
    act("cancel", jobs, {"comment": comment}, tenant, as_json=as_json)


def retry(jobs: Jobs, comment: Comment = "", tenant: Tenant = "", as_json: AsJson = False) -> None:
    """Start jobs that failed or were cancelled once more, from the beginning."""
    act("retry", jobs, {"comment": comment}, tenant, as_json=as_json)


def redrive(jobs: Jobs, comment: Comment = "", tenant: Tenant = "", as_json: AsJson = False) -> None:
    """Start jobs that failed or were cancelled once more, and keep the steps that are finished."""
    act("redrive", jobs, {"comment": comment}, tenant, as_json=as_json)


def replay(
    jobs: Jobs, revision: Revision = "original", comment: Comment = "", tenant: Tenant = "", as_json: AsJson = False
) -> None:
    """Carry files again whose jobs are over, by the route as it was or as it is now."""
    act("replay", jobs, {"comment": comment, "revision": revision}, tenant, as_json=as_json)


def release(
    jobs: Jobs,
    route: Annotated[str, typer.Option("--route", help="For a file that no route took: the one that takes it.")] = "",
    accept_violations: Annotated[
        bool, typer.Option("--accept-violations", help="Do not check the content again.")
    ] = False,
    comment: Comment = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Let quarantined files go on."""
    chosen = {"route": route} if route else {}
    body = {"comment": comment, "accept_violations": accept_violations, **chosen}
    act("release", jobs, body, tenant, as_json=as_json)


def reject(jobs: Jobs, comment: Comment = "", tenant: Tenant = "", as_json: AsJson = False) -> None:
    """Refuse quarantined files for good."""
    act("reject", jobs, {"comment": comment}, tenant, as_json=as_json)


def act(action: str, jobs: Sequence[str], body: Mapping[str, Any], tenant: str, *, as_json: bool) -> None:
    """Do it to each job; ends with the code of the first refusal when there was one."""
    with told_apart():
        api, given = client(), {name: value for name, value in body.items() if value != ""}
        done, refused = _each(api, place(tenant, "jobs"), action, jobs, given, as_json=as_json)
    if as_json:
        print_json(done)
    if refused:
        raise typer.Exit(refused)


def _each(
    api: Client, collection: str, action: str, jobs: Sequence[str], body: Mapping[str, Any], *, as_json: bool
) -> tuple[list[dict[str, Any]], ExitCode | None]:
    """The answers for those to which it was done, and the exit code of the first refusal."""
    from local.api import ApiRefused

    done, refused = [], None
    for job in jobs:
        key = {"idempotency-key": uuid.uuid4().hex}
        try:
            answer = api.call("POST", f"{collection}/{job}/{action}", body, headers=key)
        except ApiRefused as error:
            errors.print(f"✗ {job}: {error.what}", markup=False, style="red")
            refused = refused or exit_code(error)
            continue
        done.append(answer)
        if not as_json:
            typer.echo(f"✓ {job}: {answer.get('status', '')}, run {answer.get('run', '')}")
    return done, refused
