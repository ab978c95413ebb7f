"""What became of one message of `ingest.fifo`: for the log and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The words of the router's log; CONTROL_FILE is a sidecar or an acknowledgement."""

    IGNORED = "IGNORED"
    REPEATED = "REPEATED"
    CONTROL_FILE = "CONTROL_FILE"
    WAITING = "WAITING"
    STARTED = "STARTED"
    QUARANTINED = "QUARANTINED"
    DUPLICATE = "DUPLICATE"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Taken:
    """`why` in words; `job_id` where the message was about a job; `created` when this message made it."""

    outcome: Outcome
    why: str
    job_id: str = ""
    created: bool = False
