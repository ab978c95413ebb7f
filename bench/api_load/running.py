"""Fills the running system with the jobs of bench/api.py, in the tenant `bench`, for bench/console.mjs.

    python -P -m bench.api_load.running 100000

Jobs that are there already stay; their statistics are written once.
"""

from __future__ import annotations

import os
import sys

from bench.api_load import world as load
from fileferry.errors import FerryError, NoSuchRecord
from fileferry.model.job import Job, JobStatus
from fileferry.services import Services
from local.stack import Stack, open_stack
from local.workspace import read_workspace

_TABLES = ("CONFIG", "JOBS", "RUNS", "KEYS", "STATISTICS")


def main(jobs: int) -> None:
    stack = open_stack(read_workspace())
    load.session_of(stack.emulator)
    os.environ.update(_tables(stack))
    # Imported here: settings read the environment, which is set by now.
    from fileferry.services import services

    world = services()
    try:
        load.configure(world)
    except FerryError:  # the tenant is there
        pass
    else:
        load.fill_statistics(world)
    there = _there(world)
    load.fill_jobs(world, there, jobs, over)
    sys.stdout.write(f"{max(there, jobs)}\n")


def over(number: int) -> Job:
    """The job of a number, none of which is open: the running system would look for their files."""
    job = load.numbered(number)
    return job if job.status.is_final else job.model_copy(update={"status": JobStatus.SUCCEEDED, "waiting_for": ""})


def _tables(stack: Stack) -> dict[str, str]:
    return {f"{name}_TABLE": stack[f"{name.title()}TableName"] for name in _TABLES}


def _there(world: Services) -> int:
    """How many of the numbered jobs were written before, in thousands."""
    number = 0
    while _has(world, number):
        number += 1000
    return number


def _has(world: Services, number: int) -> bool:
    try:
        return bool(world.jobs.get(load.numbered(number).job_id))
    except NoSuchRecord:
        return False


if __name__ == "__main__":
    main(int(sys.argv[1]))
