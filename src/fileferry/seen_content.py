"""Content that a route has taken before, for routes that take each content once.

The router asks for small files before it starts a job; the stage step asks for those that the router does not hash.
"""

from __future__ import annotations

from fileferry.model.job import Action, JobStatus, Run
from fileferry.services import Services

_REPLACEABLE = (JobStatus.FAILED, JobStatus.QUARANTINED, JobStatus.CANCELLED)
"""A job that ended so has not taken its content: the next one may."""


def takes_seen_content(run: Run) -> bool:
    """Whether somebody has asked for this file to go on by itself, seen before or not."""
    return run.source is not None or run.action in (Action.REPLAY, Action.RELEASE)


def claim_content(world: Services, tenant: str, route: str, sha256: str, job_id: str) -> str:
    """Claim content for a job; the id of the job that has it already, or empty when it is ours now."""
    if world.keys.claim_content(tenant, route, sha256, job_id):
        return ""
    first = world.keys.content_job(tenant, route, sha256)
    if world.jobs.get(first).status not in _REPLACEABLE:
        return first
    return "" if world.keys.claim_content(tenant, route, sha256, job_id, instead_of=first) else first
