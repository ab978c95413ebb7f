"""How long the control plane's handlers take, with few and with many jobs in the table.

    uv run python bench/api.py [--jobs 1000 100000] [--repeats 100] [--limit-ms 50]

An emulator of its own is started, with the tables of template.yaml and nothing else; the functions' handlers are called
in this process, so that what is measured is their own time and DynamoDB's, not the gateway's and Lambda's. Prints p50
and p95 of each operation that reads; on average how long processors are busy with it, the emulator's included, and how
long its calls of DynamoDB take; which they are, and how many items its queries look at; and what it costs that each end
of a job is counted. Exit code 1 when anything scans, or a listing of jobs takes longer than the limit at its p95.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench.api_load import world as load
from bench.api_load.counting import closing_cost
from bench.api_load.measures import Handler, Measured, measure
from bench.api_load.requests import filtered, others, reading
from fileferry.services import Services, services
from local.temporary import temporary_emulator, workspace_at

PLAIN_WIDTH = 140
_SHORT = {"GetItem": "get", "Query": "query", "Scan": "SCAN", "BatchGetItem": "batch get", "UpdateItem": "update"}
_SHORT |= {"PutItem": "put", "TransactWriteItems": "transaction", "DeleteItem": "delete"}


def main() -> int:
    arguments = _arguments()
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    home = Path(tempfile.mkdtemp(prefix="fileferry-api-"))
    try:
        with temporary_emulator(workspace_at(home / "home")) as emulator:
            session = load.session_of(emulator)
            load.make_resources(session)
            return _bench(arguments, console, psutil.Process(emulator.pid))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1_000, 100_000], help="in the table, rising")
    parser.add_argument("--repeats", type=int, default=100, help="of each request")
    parser.add_argument("--limit-ms", type=float, default=50, help="p95 that a listing of jobs may take")
    return parser.parse_args()


def _bench(arguments: argparse.Namespace, console: Console, emulator: psutil.Process) -> int:
    # Imported here: the functions read their environment, which is set by now.
    from control_plane.config_service.app import handler as config_handler
    from control_plane.status_service.app import handler as status_handler

    world = services()
    load.configure(world)
    load.fill_samples(world)
    load.close_run_outcomes(world)
    counters = load.fill_statistics(world)
    console.print(f"{counters} counters of statistics, {len(load.ROUTES)} routes")
    handlers: dict[str, Handler] = {"config": config_handler, "status": status_handler}
    failed, there = False, 0
    for jobs in arguments.jobs:
        began = time.monotonic()
        load.fill_jobs(world, there, jobs)
        console.print(f"{jobs} jobs in the table ({jobs - there} more in {time.monotonic() - began:.0f} s)")
        there = jobs
        found = _measured(handlers, world, emulator, arguments.repeats)
        console.print(_table(found))
        failed = _told(console, found, arguments.limit_ms) or failed
    console.print(_counting(world))
    return 1 if failed else 0


def _measured(handlers: dict[str, Handler], world: Services, emulator: psutil.Process, repeats: int) -> list[Measured]:
    from control_plane.config_service.service import api as config_api
    from control_plane.status_service.service import api as status_api

    asked = [
        *reading("status", status_api.operations),
        *filtered(),
        *others(),
        *reading("config", config_api.operations),
    ]
    return [measure(each, handlers[each.service], world.dynamodb, emulator, repeats) for each in asked]


def _table(found: Sequence[Measured]) -> Table:
    table = Table("operation", "status", box=SIMPLE)
    for name in ("p50 ms", "p95 ms", "busy", "in calls", "items"):
        table.add_column(name, justify="right")
    table.add_column("calls of DynamoDB")
    for each in found:
        calls = ", ".join(f"{count:.2g} {_SHORT.get(name, name)}" for name, count in sorted(each.calls.items()))
        table.add_row(
            each.title,
            str(each.status),
            f"{each.p50:.1f}",
            f"{each.p95:.1f}",
            f"{each.busy:.1f}",
            f"{each.called:.1f}",
            f"{each.looked_at:.0f}",
            calls,
        )
    return table


def _told(console: Console, found: Sequence[Measured], limit: float) -> bool:
    """Whether anything is wrong with a listing; it is printed."""
    wrong = [f"{each.title}: {each.scans:g} scans" for each in found if each.scans]
    wrong += [
        f"{each.title}: p95 {each.p95:.1f} ms, more than {limit:g}"
        for each in found
        if each.title.startswith("listJobs") and each.p95 > limit
    ]
    for line in wrong:
        console.print(f"[red]{line}[/]")
    return bool(wrong)


def _counting(world: Services) -> Table:
    """What a job's end costs with its count, and what the bare update of the job would."""
    table = Table("a job's end", box=SIMPLE)
    for name in ("p50 ms", "p95 ms", "write units of the tables", "of the indexes"):
        table.add_column(name, justify="right")
    for title, cost in (("with its count", closing_cost(world)), ("without", closing_cost(world, counted=False))):
        table.add_row(title, f"{cost.p50:.1f}", f"{cost.p95:.1f}", f"{cost.table_units:.1f}", f"{cost.index_units:.1f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
