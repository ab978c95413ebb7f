"""A run that this process works on: its lease, its message, how far it has come, and why it must stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.errors import RunClosed, StepInterrupted
from fileferry.model.job import JobRef, Run, StepStatus
from fileferry.repositories.leases import FencedOut, Lease, LeaseRepository
from fileferry.steps import logger

from .queue import Message

_STEP = 1 << 50
"""A mark is a whole number of these, one for each step or delivery that is done, and the safe bytes of the next."""


def steps_done(run: Run) -> int:
    """Steps and deliveries that are recorded as done."""
    steps = sum(record.status is StepStatus.SUCCEEDED for record in run.steps.values())
    return steps + sum(delivery.status == "DELIVERED" for delivery in run.deliveries.values())


class Hold:
    """The job's thread asks it whether it may go on; the heartbeat prolongs it; anybody may interrupt it."""

    def __init__(
        self, message: Message, first: JobRef, lease: Lease, leases: LeaseRepository, seconds: int, taken: Moment
    ) -> None:
        self.message = message
        self.first = first
        """The job as the message names it; with the first fencing number it is the execution's input."""
        self.lease = lease
        self._leases = leases
        self._seconds = seconds
        self._renewed = taken
        self._refusal: RunClosed | None = None
        self._stop = threading.Event()
        self._why = ""
        self._lock = threading.Lock()
        self._done = steps_done(lease.run)
        self._safe: int | None = None
        self._mark = self._noted = lease.run.mark
        self._further = False
        self._moved = 0

    @property
    def job(self) -> JobRef:
        """The job with the lease's fencing number."""
        return self.lease.job

    # ---- whether it may go on -------------------------------------------------------------------

    def check(self) -> None:
        """Raises FencedOut or RunClosed when the run is ours no longer, StepInterrupted when it must stop."""
        if self._refusal is None and self._renewed.age >= self._seconds:
            self.refuse(self._who_has_it())
        if self._refusal is not None:
            raise self._refusal
        if self._why:
            raise StepInterrupted(self._why)

    def check_owner(self) -> None:
        """As `check`, but a run that is over is no reason to stop: what is left to do in it is quick and idempotent."""
        try:
            self.check()
        except FencedOut:
            raise
        except RunClosed:
            return

    @property
    def closed(self) -> bool:
        """Whether the run is known to be over."""
        return self._refusal is not None and not isinstance(self._refusal, FencedOut)

    def interrupt(self, why: str) -> None:
        """Have the job stop at its next part, and go on elsewhere."""
        self._why = self._why or why
        self._stop.set()

    def refuse(self, why: RunClosed) -> None:
        """Have the job stop: the run is over or another's."""
        self._refusal = self._refusal or why
        self._stop.set()

    def rest(self, seconds: float) -> None:
        """Let time pass, until the job must stop; in a run that is over a second at most. Raises as `check_owner`."""
        if self._stop.wait(max(0.0, seconds)) and self.closed:
            time.sleep(max(0.0, min(seconds, 1.0)))
        self.check_owner()

    def _who_has_it(self) -> RunClosed:
        try:
            return self._leases.refusal(self.lease)
        except (BotoCoreError, ClientError):
            return FencedOut(self.job, None)

    # ---- the heartbeat --------------------------------------------------------------------------

    @property
    def lost(self) -> bool:
        """Whether the run is known to be another's."""
        return isinstance(self._refusal, FencedOut)

    def renew(self) -> None:
        """Prolong the lease; one that has run out is not: another worker may have the run by now."""
        if self._refusal is not None or self._renewed.age >= self._seconds:
            return
        asked = Moment()
        try:
            self._leases.renew(self.lease, self._seconds)
        except RunClosed as why:
            self.refuse(why)
            return
        self._renewed = asked
        self._note()

    # ---- how far it has come --------------------------------------------------------------------

    @property
    def further(self) -> bool:
        """Whether the run has come further than ever since it was taken."""
        return self._further

    def advanced(self, run: Run) -> None:
        """A step may have been recorded since."""
        with self._lock:
            self._done, self._safe = steps_done(run), None
            self._mark = max(self._mark, self._done * _STEP)
        if not self._further:
            self._note()

    def moved(self, safe: int) -> None:
        """A transfer has `safe` bytes at the far side (0 tells nothing). What comes further first is noted at once."""
        if not safe:
            return
        if self._safe is not None and safe < self._safe:  # another transfer; the one before may be recorded
            self.advanced(self._leases.run_of(self.lease))
        with self._lock:
            self._moved += 0 if self._safe is None else max(0, safe - self._safe)
            self._safe = safe
            self._mark = max(self._mark, self._done * _STEP + min(safe, _STEP - 1))
        if not self._further:
            self._note()

    def take_moved(self) -> int:
        """Bytes that came to be safe since this was asked last."""
        with self._lock:
            moved, self._moved = self._moved, 0
            return moved

    def _note(self) -> None:
        mark = self._mark
        if mark <= self._noted:
            return
        try:
            self._further = self._leases.mark(self.lease, mark) or self._further
            self._noted = mark
        except (BotoCoreError, ClientError):
            logger.warning("how far the run has come could not be noted; it will be with the next heartbeat")

    # ---- letting it go --------------------------------------------------------------------------

    def release(self, wake_at: str = "", trouble: str = "") -> None:
        """Let another worker take the run; see LeaseRepository.release."""
        self._leases.release(self.lease, wake_at=wake_at, trouble=trouble, take_back=not trouble and not self._further)


class Moment:
    """A moment, by two clocks: the monotonic one stands still while a machine sleeps, and the other one may be set."""

    def __init__(self) -> None:
        self._monotonic, self._wall = time.monotonic(), time.time()

    @property
    def age(self) -> float:
        """Seconds since then, by the clock that has gone on further."""
        return max(time.monotonic() - self._monotonic, time.time() - self._wall)


class Holds:
    """All runs that this process works on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Hold | None] = {}

    @contextmanager
    def entered(self, name: str) -> Iterator[bool]:
        """Work on the run of this execution name inside the block; False if this process does already."""
        with self._lock:
            new = name not in self._runs
            if new:
                self._runs[name] = None
        try:
            yield new
        finally:
            if new:
                with self._lock:
                    del self._runs[name]

    def add(self, hold: Hold) -> None:
        """The run is ours now."""
        with self._lock:
            self._runs[hold.job.execution_name] = hold

    def came_again(self, name: str, message: Message) -> None:
        """The message of a run that we work on was visible for a moment: only its newest receipt holds."""
        with self._lock:
            hold = self._runs.get(name)
            if hold is not None and hold.message.id == message.id:
                hold.message = message

    def all(self) -> list[Hold]:
        with self._lock:
            return [hold for hold in self._runs.values() if hold is not None]

    def __len__(self) -> int:
        return len(self._runs)
