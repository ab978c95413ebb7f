"""EventBridge: `events:putEvents`. Source: connect-eventbridge and recorded events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from asl.errors import TaskFailed
from asl.integrations.reply import text_of
from asl.json_values import compact

_MALFORMED = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def request(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as EventBridge gets them: a Detail that is no text becomes JSON."""
    entries = [
        {**entry, "Detail": text_of(entry["Detail"])} if "Detail" in entry else dict(entry)
        for entry in parameters.get("Entries", ())
    ]
    return {**parameters, "Entries": entries}


def entry_error(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """Why EventBridge refuses an entry: its Detail must be a JSON object. None: it takes it."""
    detail = entry.get("Detail")
    if isinstance(detail, str):
        try:
            detail = json.loads(detail)
        except ValueError:
            return dict(_MALFORMED)
    return None if isinstance(detail, dict) else dict(_MALFORMED)


def response(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The answer to accepted and refused entries: each `{"EventId"}` or `{"ErrorCode", "ErrorMessage"}`.

    Raises `TaskFailed`, `EventBridge.FailedEntry`, if one was refused; the cause is the whole answer.
    """
    failed = sum("ErrorCode" in entry for entry in entries)
    answer = {"Entries": [dict(entry) for entry in entries], "FailedEntryCount": failed}
    if failed:
        raise TaskFailed("EventBridge.FailedEntry", compact(answer))
    return answer
