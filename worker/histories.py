"""Histories: what the worker ran, in GetExecutionHistory's form, for the API and the console."""

from __future__ import annotations

from typing import Any

import asl
from fileferry.model.job import HistorySummary, JobRef
from fileferry.services import Services

from .checkpoints import put_gzipped


def keep_history(world: Services, job: JobRef, execution: asl.Execution) -> None:
    """Store an ended execution's history, and note it in the run. Raises RunClosed when the run is another's."""
    events = execution.history()
    plain = {"events": [_plain(event) for event in events]}
    key = f"history/{job.tenant}/{job.job_id}/{job.run}.json.gz"
    stored = put_gzipped(world, world.settings.archive_bucket, key, plain)
    entered = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
    world.runs.keep_history(job, HistorySummary(object=stored, events=len(events), states=entered))


def _plain(event: dict[str, Any]) -> dict[str, Any]:
    """The time as the API's JSON has it: seconds since the epoch."""
    return {**event, "timestamp": round(event["timestamp"].timestamp(), 3)}
