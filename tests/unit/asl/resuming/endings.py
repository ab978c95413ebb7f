"""How an execution ended, as values that can be compared and written."""

from __future__ import annotations

from typing import Any

import asl


def ending(execution: asl.Execution) -> list[Any]:
    return [execution.status, execution.output, execution.error, execution.cause]


def written_history(execution: asl.Execution) -> list[dict[str, Any]]:
    """The history with its timestamps as text."""
    return [{**event, "timestamp": event["timestamp"].isoformat()} for event in execution.history()]
