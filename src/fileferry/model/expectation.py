"""What a tenant expects: which files by when, in an IANA time zone; and what became of each window."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from fileferry.model.job import Frozen
from fileferry.model.route import Identifier
from fileferry.model.tenant import UserName

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_CRON_FIELDS = 5
LONGEST_WINDOW = 31 * 24 * 60
"""Minutes."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class DailySchedule(Frozen):
    """A time on the clock on some days of the week."""

    kind: Literal["daily"]
    at: str = Field(pattern=_CLOCK, description="Deadline on the clock of the time zone, `HH:MM`.")
    days: list[Weekday] = Field(list(WEEK), min_length=1, max_length=7, description="Days of the week; default: all.")

    @property
    def cron(self) -> str:
        hour, minute = self.at.split(":")
        return f"{int(minute)} {int(hour)} * * {','.join(self.days)}"


class CronSchedule(Frozen):
    """Deadlines by a cron expression of five fields (minute, hour, day, month, weekday)."""

    kind: Literal["cron"]
    cron: str = Field(max_length=100, description="Such as `0 6 1 * *`: at six on the first of each month.")

    @field_validator("cron")
    @classmethod
    def _readable(cls, value: str) -> str:
        from cronsim import CronSim, CronSimError

        from fileferry.clock import now

        if len(value.split()) != _CRON_FIELDS:
            raise ValueError("must have five fields: minute, hour, day of the month, month, day of the week")
        try:
            next(CronSim(value, now()))
        except CronSimError as error:
            raise ValueError(f"is not a cron expression: {error}") from error
        except StopIteration:
            raise ValueError("is never due") from None
        return value


class ExpectationSpec(Frozen):
    """What a user writes about files that should come."""

    description: str = Field("", max_length=1000)
    enabled: bool = True
    route: Identifier | None = Field(None, description="Only files that this route takes.")
    user: UserName | None = Field(None, description="Only files of this user.")
    glob: str | None = Field(None, max_length=500, description="Only files whose path fits: as in a route's `match`.")
    schedule: Annotated[DailySchedule | CronSchedule, Field(discriminator="kind")]
    time_zone: str = Field("UTC", max_length=64, description="IANA name, such as Europe/Berlin.")
    window_minutes: int = Field(
        ge=1, le=LONGEST_WINDOW, description="How long before the deadline a file may come, in minutes that pass."
    )
    late_minutes: int = Field(
        24 * 60, ge=0, le=LONGEST_WINDOW, description="How long after it a missing file is still looked out for."
    )
    min_count: int = Field(1, ge=1, le=1000, description="Files that must come in a window.")
    max_count: int | None = Field(None, ge=1, le=1000, description="Each file beyond this number is a duplicate.")
    same_content: Literal["report", "allow"] = Field(
        "report", description="`report`: a file with the content of an earlier one in the window is a duplicate."
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is not the name of an IANA time zone, such as Europe/Berlin") from error
        if not re.match(r"^[A-Za-z]", value):
            raise ValueError("is not the name of an IANA time zone, such as Europe/Berlin")
        return value

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.route is None and self.user is None and self.glob is None:
            raise ValueError("at least one of `route`, `user` and `glob` must be given")
        if self.max_count is not None and self.max_count < self.min_count:
            raise ValueError("`max_count` must not be less than `min_count`")
        return self


class Expectation(ExpectationSpec):
    """An expectation as it is stored; its `home_region` is the one that watches it."""

    tenant: str
    id: Identifier
    home_region: str
    created_at: str = ""
    updated_at: str = ""


class WindowStatus(StrEnum):
    """`PENDING` until the deadline; then `MET` or `MISSING`; `LATE` when what was missing came after all."""

    PENDING = "PENDING"
    MET = "MET"
    MISSING = "MISSING"
    LATE = "LATE"


class Window(Frozen):
    """What became of one window of an expectation; times are timestamps in UTC."""

    tenant: str
    expectation: Identifier
    deadline: str = Field(description="Until then, included.")
    opens_at: str = Field(description="From then on, not included.")
    late_until: str
    status: WindowStatus
    count: int = Field(0, description="Files that came in time; of a late one also those that came after.")
    jobs: list[str] = Field(default_factory=list, description="The first of them.")
    duplicates: list[str] = Field(default_factory=list, description="Jobs of files that were too many, or came before.")
    decided_at: str = ""
    route: str = ""
    user: str = ""
    glob: str = ""
    min_count: int = 1
