"""`ferry tail`: every change of a tenant's jobs as it comes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from local.console import console

from .output import AsJson, print_line, told_apart
from .records import Tenant, client, place

if TYPE_CHECKING:
    from local.api import Client

_PAGE = 100
_SECONDS = 1.0
_GOING = {"RECEIVED", "RUNNING"}
Job = Mapping[str, Any]


class Watched:
    """The jobs that were seen, in the state in which they were seen last."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int]] = {}

    def changed(self, jobs: Sequence[Job]) -> Iterator[Job]:
        """Those that are new, or have another status or run than before; the oldest first."""
        for job in sorted(jobs, key=lambda job: str(job["created_at"])):
            state = (str(job["status"]), int(job["run"]))
            if self._seen.get(job["job_id"]) != state:
                self._seen[job["job_id"]] = state
                yield job

    def going(self) -> set[str]:
        """Ids of the jobs that were not over."""
        return {job_id for job_id, (status, _) in self._seen.items() if status in _GOING}


def rounds(api: Client, jobs: str, watched: Watched) -> Iterator[list[Job]]:
    """The changes, round after round: of the newest jobs, and of those that go on further down."""
    while True:
        page = api.call("GET", jobs, query={"limit": _PAGE})["items"]
        shown = {job["job_id"] for job in page}
        older = [api.call("GET", f"{jobs}/{job_id}") for job_id in sorted(watched.going() - shown)]
        yield list(watched.changed([*page, *older]))


def tail(
    tenant: Tenant = "",
    past: Annotated[bool, typer.Option("--past", help="Begin with the newest jobs that are there already.")] = False,
    seconds: Annotated[float, typer.Option("--for", help="End after so many seconds; 0: never.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Show the changes of a tenant's jobs as they come; Ctrl-C ends it. With --json one object a line."""
    with told_apart():
        ends = time.monotonic() + seconds if seconds else float("inf")
        for number, changes in enumerate(rounds(client(), place(tenant, "jobs"), Watched())):
            if number or past:
                for job in changes:
                    print_line(job) if as_json else console.print(job_line(job), markup=False)
            if time.monotonic() > ends:
                return
            time.sleep(_SECONDS)


def job_line(job: Job) -> str:
    told = f"  {job['reason']}" if job.get("reason") else ""
    time_of_day = str(job.get("ended_at") or job["created_at"])[11:19]
    return f"{time_of_day}  {job['job_id']}  {job['status']:11}  {job['route']}  {job['filename']}{told}"
