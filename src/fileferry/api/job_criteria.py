"""Which of a tenant's jobs a request is about: the same fields in a query, in a bulk action and in a dry run."""

from __future__ import annotations

from pydantic import Field

from fileferry.api.operations import Moment, TimeRange
from fileferry.model.job import JobStatus
from fileferry.model.route import Identifier


class JobCriteria(TimeRange):
    """All that are given must fit."""

    status: JobStatus | None = None
    route: Identifier | None = None
    since: Moment | None = Field(None, description="Created then or later.")
    until: Moment | None = Field(None, description="Created before.")


class NamedJobCriteria(JobCriteria):
    """Also by the file's name."""

    filename: str | None = Field(None, min_length=1, max_length=255, description="The beginning of the file's name.")
