"""Worker's runs that nobody has and nothing will wake: their time has come, or their message is lost.

SQS brings the message of a worker that died again by itself; so does what hands a run on, or waits. What is left is a
message that went to the dead-letter queue, was purged, or was too old, and the end of a wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fileferry.clock import parse_time
from fileferry.model.job import Job, Run

LOST = timedelta(minutes=15)
"""Without an owner for as long, a run's message may be lost: three times as long as the queue hides a message."""
AGAIN = timedelta(hours=1)
"""A run is put on the queue once in this time: where all workers are busy its message only waits for its turn."""


def is_due(job: Job, run: Run, at: datetime) -> bool:
    """Whether to put an open run of the worker on its queue; a message too many is dropped by whoever takes it."""
    since = _unattended_since(job, run, at)
    if since is None or since > at:
        return False
    if not run.woken_at:
        return True
    woken = parse_time(run.woken_at)
    return woken < since or woken <= at - AGAIN


def _unattended_since(job: Job, run: Run, at: datetime) -> datetime | None:
    """When the run should have gone on by itself; None while somebody has it.

    A run that waits for an acknowledgement has a `wake_at`; without one its worker or its message was lost.
    """
    lease_end = datetime.fromtimestamp(run.lease_until, at.tzinfo)
    if lease_end > at:
        return None
    if run.wake_at:
        return parse_time(run.wake_at)
    return max(lease_end, parse_time(job.updated_at)) + LOST
