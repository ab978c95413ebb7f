"""What a run did, state by state: the same form whoever ran it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from fileferry.errors import NoSuchRecord
from fileferry.executions import execution_of
from fileferry.model.job import Executor, HistorySummary, Run
from fileferry.services import Services

HistoryEvent = dict[str, Any]
"""An event as GetExecutionHistory answers it (Step Functions API reference, "HistoryEvent")."""


def read_history(world: Services, run: Run) -> list[HistoryEvent]:
    """The run's events, the first one first: from Step Functions, or from what the worker stored at the run's end.

    Raises NoSuchRecord when there is no history yet, or none any more (Step Functions keeps it for 90 days).
    """
    if run.history:
        return _stored(world, run.history)
    if run.executor is Executor.WORKER:
        raise NoSuchRecord(
            f"Run {run.run} of job {run.job_id} has no history yet: the worker stores it when the run ends.",
            todo="look at the run's steps meanwhile.",
        )
    arn = execution_of(world.jobs.get(run.job_id), run.run)
    if not arn:
        raise NoSuchRecord(f"Run {run.run} of job {run.job_id} has not been started.")
    return _of_execution(world, arn)


def _stored(world: Services, history: HistorySummary) -> list[HistoryEvent]:
    with world.objects.open(history.object) as stream, gzip.open(stream) as text:
        events = json.load(text)["events"]
    return [{**event, "timestamp": datetime.fromtimestamp(event["timestamp"], UTC)} for event in events]


def _of_execution(world: Services, arn: str) -> list[HistoryEvent]:
    pages = world.sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
    try:
        return [dict(event) for page in pages for event in page["events"]]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        raise NoSuchRecord(f"Step Functions has no execution {arn} any more.") from error
