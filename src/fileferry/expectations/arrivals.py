"""What files that came make of a window: pure functions of jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fileferry.ingest_key import NotAnIngestKey, parse_ingest_key
from fileferry.model.expectation import ExpectationSpec
from fileferry.model.job import Job, JobStatus
from fileferry.model.route import Match
from fileferry.routing import path_matches

_NEVER_CAME = (JobStatus.QUARANTINED, JobStatus.CANCELLED)
"""A file that was refused or called back is not what was expected; one that fails on its way has come."""


@dataclass(frozen=True)
class Arrivals:
    """Files that count, and those that are duplicates, as job ids in the order in which they came."""

    jobs: tuple[str, ...]
    duplicates: tuple[str, ...]


def counts(spec: ExpectationSpec, job: Job) -> bool:
    """Whether a job's file is one of those that are expected. Raises ConfigurationError for an unusable glob."""
    if job.status in _NEVER_CAME:
        return False
    if (spec.route is not None and job.route != spec.route) or (spec.user is not None and job.user != spec.user):
        return False
    return spec.glob is None or path_matches(Match(glob=spec.glob), path_of(job))


def path_of(job: Job) -> str:
    """The file's path as its sender sees it."""
    try:
        return parse_ingest_key(job.object.key).path
    except NotAnIngestKey:
        return job.filename


def arrivals(spec: ExpectationSpec, jobs: Iterable[Job], sha256_of: Callable[[Job], str]) -> Arrivals:
    """Of jobs in any order those that count: a file with content that came before, or one too many, does not.

    `sha256_of` says a job's content in hex, empty while it is not known; it is asked only where sizes are the same.
    """
    came = sorted((job for job in jobs if counts(spec, job)), key=lambda job: (job.created_at, job.job_id))
    sizes = Counter(job.object.size for job in came)
    counted: list[str] = []
    duplicates: list[str] = []
    seen: set[str] = set()
    for job in came:
        marks = _marks(job, sha256_of) if spec.same_content == "report" and sizes[job.object.size] > 1 else set()
        again = spec.same_content == "report" and (job.status is JobStatus.DUPLICATE or not seen.isdisjoint(marks))
        too_many = spec.max_count is not None and len(counted) >= spec.max_count
        (duplicates if again or too_many else counted).append(job.job_id)
        seen |= marks
    return Arrivals(tuple(counted), tuple(duplicates))


def _marks(job: Job, sha256_of: Callable[[Job], str]) -> set[str]:
    """What files of one size share only if they are the same.

    An entity tag also depends on the parts of the upload, and on the key where the bucket is encrypted with one: it may
    differ where the content does not.
    """
    return {mark for mark in (job.object.etag, sha256_of(job)) if mark}
