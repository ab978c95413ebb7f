"""One trial: named steps in their order, each ok, failed or skipped, and an end in time whatever the far side does."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from fileferry.errors import FerryError
from fileferry.steps import as_ferry_error

SECONDS = 22.0
"""Of a trial as a whole: API Gateway waits 30 s at most, and the function has work before and after."""
Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True)
class StepReport:
    """How one step went: `seconds` it took, what was found, and what to do about a failure."""

    step: str
    status: Status
    seconds: float = 0.0
    detail: str = ""
    todo: str = ""


class Stopped(Exception):
    """The trial's time is over: what still runs is to write nothing more."""


class Trial:
    """Collects the reports. A step that is begun ends by `done`, or fails by the exception that ends the trial."""

    def __init__(self, steps: Sequence[str], seconds: float = SECONDS) -> None:
        self._lock = threading.Lock()
        self._reports = {step: StepReport(step, "skipped", detail="an earlier step failed") for step in steps}
        self._ends = time.monotonic() + seconds
        self._open: str | None = None
        self._begun = 0.0
        self._closed = False

    @property
    def left(self) -> float:
        """Seconds until the trial is cut off."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def reports(self) -> tuple[StepReport, ...]:
        with self._lock:
            return tuple(self._reports.values())

    def begin(self, step: str) -> None:
        """Raises Stopped."""
        with self._lock:
            if self._closed:
                raise Stopped
            self._open, self._begun = step, time.monotonic()

    def done(self, detail: str = "") -> None:
        """The step that was begun is ok."""
        self._end("ok", detail)

    def skip(self, why: str) -> None:
        """The step that was begun is not needed, or not to be had."""
        self._end("skipped", why)

    def fail(self, error: FerryError) -> None:
        """The step that was begun has failed."""
        self._end("failed", f"{type(error).__name__}: {error.what}"[:1000], error.todo)

    def run(self, work: Callable[[Trial], None]) -> tuple[StepReport, ...]:
        """The reports after `work` has ended, or its time.

        It runs in a thread of its own, since a look-up of a name or a handshake may hang beyond any limit of ours.
        """
        thread = threading.Thread(target=self._guarded, args=(work,), daemon=True)
        thread.start()
        thread.join(self.left)
        if thread.is_alive():
            self._end("failed", "no answer in the time that a test has", "ask the partner why the service is so slow.")
        with self._lock:
            self._closed = True
        return self.reports

    def _guarded(self, work: Callable[[Trial], None]) -> None:
        try:
            work(self)
        except Stopped:
            return
        except Exception as error:
            self.fail(as_ferry_error(error))

    def _end(self, status: Status, detail: str, todo: str = "") -> None:
        with self._lock:
            if self._closed or self._open is None:
                return
            seconds = round(time.monotonic() - self._begun, 3)
            self._reports[self._open] = StepReport(self._open, status, seconds, detail, todo)
            self._open = None


def not_begun(steps: Sequence[str], error: FerryError) -> tuple[StepReport, ...]:
    """The reports of a trial that an error keeps from its first step."""
    trial = Trial(steps)
    trial.begin(steps[0])
    trial.fail(error)
    return trial.reports


def probe_name() -> str:
    """A name that no partner's pickup takes: hidden, and of no file of ours."""
    return f".fileferry-test-{secrets.token_hex(8)}"
