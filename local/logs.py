"""A function's log, as CloudWatch Logs keeps it, and the worker's, which is a file."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import ClientError

from fileferry.errors import NoSuchRecord
from local.stack import Stack
from local.workspace import STACK

_POLL_SECONDS = 1.0
_KEEP = 5000


def log_group(function: str) -> str:
    """The log group of a function, given as `router` or by its whole name."""
    function = function.replace("_", "-")
    name = function if function.startswith(f"{STACK}-") else f"{STACK}-{function}"
    return f"/aws/lambda/{name}"


def log_lines(stack: Stack, function: str, since: float, *, follow: bool) -> Iterator[str]:
    """Lines since a time (seconds since the epoch), the oldest first; with `follow` without end.

    Raises NoSuchRecord when the function has no log.
    """
    start, seen = int(since * 1000), dict[str, None]()
    while True:
        for event_id, at, text in _events(stack, function, start):
            if event_id not in seen:
                seen[event_id] = None
                start = max(start, at)
                yield f"{datetime.fromtimestamp(at / 1000, UTC):%H:%M:%S.%f} {text.rstrip()}"
        if not follow:
            return
        seen = dict.fromkeys(list(seen)[-_KEEP:])
        time.sleep(_POLL_SECONDS)


def file_lines(log: Path, since: float, *, follow: bool) -> Iterator[str]:
    """Lines of a file since a time (seconds since the epoch); with `follow` without end.

    A line is JSON with a `timestamp` (RFC 3339), or belongs to the one before. Raises NoSuchRecord when the
    file is not there.
    """
    if not log.exists():
        raise NoSuchRecord(f"There is no log {log}.", todo="run `ferry up`, which starts the worker.")
    at = 0.0
    with log.open(errors="replace") as lines:
        while True:
            for line in lines:
                at = _line_time(line) or at
                if at >= since:
                    yield line.rstrip()
            if not follow:
                return
            time.sleep(_POLL_SECONDS)


def _line_time(line: str) -> float | None:
    """When a structured line was written, in seconds since the epoch; None when it does not say."""
    try:
        return datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
    except (ValueError, TypeError, KeyError):
        return None


def _events(stack: Stack, function: str, start: int) -> Iterator[tuple[str, int, str]]:
    group = log_group(function)
    try:
        for page in stack.logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start):
            for event in page["events"]:
                at, text = event["timestamp"], event["message"]
                yield event.get("eventId") or f"{at}{text}", at, text
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise NoSuchRecord(
            f"There is no log group {group}.",
            todo="name a function: router, reconciler, validate, stage, transform, deliver, confirm, archive, close, "
            "ended, config-service, status-service or sftp-identity, or the worker; one that never ran has no log yet.",
        ) from error
