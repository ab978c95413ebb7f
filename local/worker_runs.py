"""Runs that are the worker's, as `ferry status` shows them."""

from __future__ import annotations

from datetime import datetime

from fileferry.clock import now, timestamp
from fileferry.model.job import Executor, JobStatus, Run, StepStatus
from local.stack import Stack


def worker_runs(stack: Stack) -> dict[str, str]:
    """The open runs of the worker: execution name → who has it, or what it waits for."""
    at = now()
    open_jobs = stack.jobs.open_jobs(stack.emulator.region, timestamp(at))
    jobs = [job for job in open_jobs if job.executor is Executor.WORKER and job.status is JobStatus.RUNNING]
    return {job.ref().execution_name: run_text(stack.runs.get(job.job_id, job.run), at) for job in jobs}


def run_text(run: Run, at: datetime) -> str:
    """Where an open run stands, in words."""
    left = run.lease_until - int(at.timestamp())
    steps = [
        f"{name} {step.status.lower()}" for name, step in run.steps.items() if step.status is not StepStatus.PENDING
    ]
    where = steps[-1] if steps else "not begun"
    if left > 0:
        return f"{where}; {run.lease_owner}'s for {left} s more (fence {run.fence}, take {run.takes})"
    if run.wake_at:
        return f"{where}; goes on at {run.wake_at}, or when it is woken"
    return f"{where}; nobody's (fence {run.fence}, take {run.takes})"
