"""What a run did, state by state: the same form whoever ran it."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord
from fileferry.executions import execution_of
from fileferry.model.job import Executor, HistorySummary, Job, Run
from fileferry.repositories.pages import BadCursor, Page, decode_cursor, encode_cursor
from fileferry.services import Services

HistoryEvent = dict[str, Any]
"""An event as GetExecutionHistory answers it (Step Functions API reference, "HistoryEvent")."""


_TOKEN = re.compile(r'("task_token\\*"\s*:\s*\\*")[^"\\]+')
"""A task token in a state's data, also where that is JSON text within JSON text."""


def read_history(world: Services, run: Run) -> list[HistoryEvent]:
    """The run's events, the first one first: from Step Functions, or from what the worker stored at the run's end.

    Raises NoSuchRecord when there is no history yet, or none any more (Step Functions keeps it for 90 days).
    """
    if run.history:
        return _stored(world, run.history)
    return _of_execution(world, _execution(world.jobs.get(run.job_id), run))


def history_page(world: Services, job: Job, run: Run, limit: int, cursor: str | None = None) -> Page[HistoryEvent]:
    """At most `limit` events of a run of `job`, the first one first, as `read_history`.

    Times are ISO 8601. Task tokens are left out: whoever has one may complete the step that waits. Raises NoSuchRecord
    and BadCursor.
    """
    # Step Functions takes its tokens back with the same page size only.
    listing = f"history|{job.job_id}|{run.run}|{limit}"
    if run.history:
        start = _place(decode_cursor(listing, cursor, frozenset({"after"}))["after"]) if cursor else 0
        events = _stored(world, run.history)
        after = str(start + limit) if start + limit < len(events) else ""
        return Page(_shown(events[start : start + limit]), encode_cursor(listing, {"after": after}) if after else None)
    token = decode_cursor(listing, cursor, frozenset({"token"}))["token"] if cursor else None
    answer = _answer(world, _execution(job, run), maxResults=limit, **({"nextToken": token} if token else {}))
    following = answer.get("nextToken")
    return Page(_shown(answer["events"]), encode_cursor(listing, {"token": following}) if following else None)


def _place(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadCursor("The cursor is not of this history.", todo="begin anew.")
    return int(text)


def _shown(events: list[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    return tuple({**_without_tokens(event), "timestamp": timestamp(event["timestamp"])} for event in events)


def _without_tokens(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "…" if name == "task_token" else _without_tokens(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_tokens(item) for item in value]
    return _TOKEN.sub(r"\1…", value) if isinstance(value, str) else value


def _execution(job: Job, run: Run) -> str:
    """ARN of the run's execution. Raises NoSuchRecord."""
    if run.executor is Executor.WORKER:
        raise NoSuchRecord(
            f"Run {run.run} of job {run.job_id} has no history yet: the worker stores it when the run ends.",
            todo="look at the run's steps meanwhile.",
        )
    arn = execution_of(job, run)
    if not arn:
        raise NoSuchRecord(f"Run {run.run} of job {run.job_id} has not been started.")
    return arn


def _stored(world: Services, history: HistorySummary) -> list[HistoryEvent]:
    with world.objects.open(history.object) as stream, gzip.open(stream) as text:
        events = json.load(text)["events"]
    return [{**event, "timestamp": datetime.fromtimestamp(event["timestamp"], UTC)} for event in events]


def _of_execution(world: Services, arn: str) -> list[HistoryEvent]:
    pages = world.sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
    try:
        return [dict(event) for page in pages for event in page["events"]]
    except ClientError as error:
        raise _named(error, arn) from error


def _answer(world: Services, arn: str, **page: Any) -> Any:
    try:
        return world.sfn.get_execution_history(executionArn=arn, **page)
    except ClientError as error:
        raise _named(error, arn) from error


def _named(error: ClientError, arn: str) -> Exception:
    match error.response["Error"]["Code"]:
        case "ExecutionDoesNotExist":
            return NoSuchRecord(f"Step Functions has no execution {arn} any more.")
        case "InvalidToken":
            return BadCursor("The cursor is not of this history, or it is too old.", todo="begin anew.")
    return error
