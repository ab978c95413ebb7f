"""Reject: a quarantined file is refused for good.

The job stays QUARANTINED, and the file where it is until its time there is over; the decision is recorded, can be seen
in lists, and is told on SNS. A repeat tells it again, under the same id.
"""

from __future__ import annotations

from fileferry.actions.asked import Asked, Request
from fileferry.actions.judging import judge
from fileferry.clock import timestamp
from fileferry.errors import Conflict
from fileferry.model.job import Action, Job
from fileferry.repositories.decisions import record_rejection
from fileferry.services import Services


def reject(world: Services, job_id: str, request: Request) -> Job:
    """Refuse a quarantined file; the job as it is then. The first decision stays when it is asked for again.

    Raises NoSuchRecord; Conflict when the job is not QUARANTINED, or goes on in a new run meanwhile.
    """
    job = world.jobs.get(job_id)
    if not job.rejected_at:
        judge(job, Asked(Action.REJECT))
        record_rejection(world.dynamodb, world.settings, job, request.decision(Action.REJECT, timestamp()))
        job = world.jobs.get(job_id)
    decision = world.runs.get(job.job_id, job.run).decision
    if not job.rejected_at or decision is None:
        raise Conflict(f"Job {job_id} changed meanwhile.", todo="look at it again.")
    world.notifier.job_rejected(job, decision)
    return job
