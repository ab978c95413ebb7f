"""Where files lie in the archive bucket."""

from __future__ import annotations

from fileferry.model.job import Job, JobRef, Run

ORIGINAL = "original"
DELIVERED = "delivered"
QUARANTINE = "quarantine"
DUPLICATE = "duplicate"


def archive_folder(job: Job | JobRef, run: Run) -> str:
    """`archive/{tenant}/{yyyy}/{mm}/{dd}/{job_id}`; the day is the job's first, so that a repeat finds its copies.

    A run that begins from a kept copy has a folder of its own below it, so that it writes over nothing that is kept.
    """
    year, month, day = job.created_at[:10].split("-")
    folder = f"archive/{job.tenant}/{year}/{month}/{day}/{job.job_id}"
    return f"{folder}/run-{run.run}" if run.source else folder


def aside(job: Job | JobRef, folder: str) -> str:
    """Key of a file that no route takes or whose content is refused, or of a duplicate: `folder` says which."""
    return f"{folder}/{job.tenant}/{job.job_id}/{job.filename}"
