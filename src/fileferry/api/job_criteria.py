"""Which of a tenant's jobs a request is about: the same fields in a query, in a bulk action and in a dry run."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from fileferry.api.operations import Moment, in_order
from fileferry.model.job import Frozen, JobStatus
from fileferry.model.route import Identifier


class JobCriteria(Frozen):
    """All that are given must fit."""

    status: JobStatus | None = None
    route: Identifier | None = None
    since: Moment | None = Field(None, description="Created then or later.")
    until: Moment | None = Field(None, description="Created before.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        in_order(self.since, self.until)
        return self


class NamedJobCriteria(JobCriteria):
    """Also by the file's name."""

    filename: str | None = Field(None, min_length=1, max_length=255, description="The beginning of the file's name.")
