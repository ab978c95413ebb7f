"""`ferry history`: what a run did, as a table or as JSON."""

from __future__ import annotations

import json
from datetime import datetime

from asl.history_table import history_table
from fileferry.histories import read_history
from local.console import console
from local.services import services_of
from local.stack import Stack

_NARROWEST = 120


def print_history(stack: Stack, job_id: str, run: int | None, *, as_json: bool) -> None:
    """Print the history of a job's run, the latest if none is named. Raises NoSuchRecord."""
    world = services_of(stack)
    job = world.jobs.get(job_id)
    found = world.runs.get(job_id, run or job.run)
    events = read_history(world, found)
    if as_json:
        print(json.dumps({"events": events}, ensure_ascii=False, default=datetime.isoformat, indent=2))  # noqa: T201
        return
    version = f", {found.workflow.version_arn.rpartition(':stateMachine:')[2]}" if found.workflow else ""
    console.print(f"{job.filename}: run {found.run} on {found.executor}{version}, {found.status}", markup=False)
    console.print(history_table(events, max(console.width, _NARROWEST)), markup=False, end="")
