"""Errors whose class names the workflow's Retry and Catch know.

AWS Lambda reports an exception's class name as the error name of the task (Step Functions developer
guide, "Handling errors in Step Functions workflows"), so a class here is part of the workflow's contract:
`TransientError` and `DestinationUnavailable` are retried, `ContentRefused` quarantines, the rest fail the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class FerryError(Exception):
    """What went wrong, where, and what to do about it. Texts hold no secrets."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what, where, todo)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        todo = f" To do: {self.todo}" if self.todo else ""
        return f"{self.what}{where}{todo}"

    def details(self) -> dict[str, Any]:
        """What is stored beside the text in the step's record; JSON-able and bounded."""
        return {}


class TransientError(FerryError):
    """A service answered with a throttle, a 5xx or not at all; the same call may succeed later."""


class DestinationUnavailable(FerryError):
    """The partner's side cannot be reached or asked us to come again; retried with backoff."""


class DestinationRefused(FerryError):
    """The partner's side said no: wrong host key, failed login, existing name, refused request."""


class ConfigurationError(FerryError):
    """A tenant's route, destination or secret cannot be used as it stands."""


class IntegrityError(FerryError):
    """Bytes are not what they were: a checksum or size differs from the recorded one."""


class AccessDenied(FerryError):
    """AWS refused a call of ours: the function's role lacks a permission."""


class RunClosed(FerryError):
    """The run is over or belongs to another runner (fenced out); nothing more may be made visible.

    `cancelled`: somebody has cancelled it, so that nobody will go on with what was begun.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "", cancelled: bool = False) -> None:
        super().__init__(what, where=where, todo=todo)
        self.cancelled = cancelled


class NoSuchRecord(FerryError):
    """A record that must exist does not: a job, a run, a route revision, a destination."""


class ObjectGone(NoSuchRecord):
    """An object, or the version of it that was meant, does not exist any more: somebody removed it."""


class Conflict(FerryError):
    """A record exists already, or has changed since it was read."""


class TooLarge(FerryError):
    """What is to be kept does not fit where it is kept: an item of a table, a secret."""


class DuplicateContent(FerryError):
    """The route takes each content once, and this content was seen before."""

    def __init__(self, what: str, *, first_job: str) -> None:
        super().__init__(what)
        self.first_job = first_job

    def details(self) -> dict[str, Any]:
        return {"first_job": self.first_job}


class ContentRefused(FerryError):
    """The file breaks what its route demands; it goes to quarantine.

    `violations` are mappings with `rule` and `message`, and `line`, `column`, `field` where they apply;
    `total` counts all that were found, of which at most a bound are kept.
    """

    def __init__(
        self,
        what: str,
        violations: Sequence[Mapping[str, Any]] = (),
        *,
        total: int | None = None,
        where: str = "",
        todo: str = "",
    ) -> None:
        super().__init__(what, where=where, todo=todo)
        self.violations = [dict(v) for v in violations]
        self.total = len(self.violations) if total is None else total

    def details(self) -> dict[str, Any]:
        return {"violations": self.violations, "total": self.total}


class StepInterrupted(BaseException):
    """The home must stop a step between two parts: it shuts down, or hands the job on.

    No Exception, so that no handler takes it for the step's failure: nothing is recorded, what is sent stays where it
    is, and the step goes on elsewhere.
    """
