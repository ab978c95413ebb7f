"""What Step Functions allows, and how it is measured.

Source: Step Functions Developer Guide, "Quotas related to state machine executions" and "… task executions".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from asl.errors import StateError


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits of one execution. None lifts a limit.

    `data_bytes` bounds the input or output of a state, a task or an execution as UTF-8 JSON text; `history_events`
    bounds a standard workflow's history (express workflows have none); `inline_concurrency` bounds the iterations of
    an inline Map that run at the same time.
    """

    data_bytes: int | None = 262_144
    history_events: int | None = 25_000
    inline_concurrency: int = 40


AWS = Quotas()
UNLIMITED = Quotas(data_bytes=None, history_events=None)


class DataLimitExceeded(StateError):
    """`States.DataLimitExceeded`: a state or task returned more than the quota allows."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "States.DataLimitExceeded",
            f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes "
            "service limit.",
        )


def size(value: Any) -> int:
    """Bytes of `value` as compact UTF-8 JSON text. Raises TypeError or ValueError if it is no JSON value."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
