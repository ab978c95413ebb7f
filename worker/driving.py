"""Drives a run's execution: does its tasks one after the other, and stores it whenever it waits for one.

Tasks of parallel branches are done one after the other too: a run has one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import asl
from fileferry.clock import timestamp
from fileferry.errors import StepInterrupted
from fileferry.model.job import JobStatus, Run

from .checkpoints import Checkpoint, Checkpoints
from .handlers import Handlers
from .hold import Hold

LONGEST_REST_SECONDS = 600
"""A timer that ends later than this lets the run go until then."""
CANCELLED = ("Cancelled", "The run was cancelled.")
"""What an execution is stopped with when its run was cancelled."""


class Waiting(Exception):
    """Nothing can be done before `wake_at` (ISO 8601; empty: never by itself), unless a callback comes."""

    def __init__(self, wake_at: str) -> None:
        super().__init__(wake_at)
        self.wake_at = wake_at


class Driver:
    """Brings one execution forward."""

    def __init__(
        self,
        execution: asl.Execution,
        hold: Hold,
        handlers: Handlers,
        checkpoints: Checkpoints,
        submitted: frozenset[str],
        current: Callable[[], Run],
    ) -> None:
        self._execution = execution
        self._hold = hold
        self._handlers = handlers
        self._checkpoints = checkpoints
        self._submitted = set(submitted)
        self._current = current

    def drive(self) -> None:
        """Go on until the execution is done.

        Raises Waiting, FencedOut, StepInterrupted; the execution is stored then as far as it is of use to anybody.
        """
        execution = self._execution
        # What was open is looked at before time passes: an acknowledgement may have come while nobody was here.
        looked_at = [frame.task for frame in execution.tasks.values() if frame.task is not None]
        for request in looked_at:
            self._do(request)
        known = {request.id for request in looked_at}
        while not execution.done:
            self._go_on()
            requests = [] if execution.done else list(execution.step())
            if execution.done:
                return
            tasks = [one for one in requests if isinstance(one, asl.TaskRequest) and one.id not in known]
            timers = [one.until for one in requests if isinstance(one, asl.Timer)]
            known.clear()
            self._store()
            for request in tasks:
                self._do(request)
            if not tasks:
                self._rest(min(timers, default=None))

    def _go_on(self) -> None:
        """Raises FencedOut, StepInterrupted; stops the execution of a run that was cancelled."""
        self._hold.check_owner()
        if self._hold.closed and self._current().status is JobStatus.CANCELLED:
            self._execution.stop(*CANCELLED)

    def _store(self) -> None:
        if self._hold.closed:
            return
        self._hold.advanced(self._checkpoints.store(Checkpoint(self._execution.context(), frozenset(self._submitted))))

    def _do(self, request: asl.TaskRequest) -> None:
        """Do a task and report what became of it, unless the state's time is over meanwhile or the run is another's.

        What has a token is reported late too: nobody has timed it out yet, and the partner's answer came in its time.
        """
        failure: asl.StateError | None = None
        outcome = None
        try:
            outcome = self._handlers(request)
        except asl.StateError as error:
            failure = error
        except StepInterrupted:
            self._hold.check_owner()
            return  # the state's time is over, which the next step finds
        self._hold.check_owner()
        late = request.deadline is not None and self._execution.now() >= request.deadline
        if late and request.token is None:
            return
        if failure is not None:
            self._execution.fail(request.id, failure.error, failure.cause)
        elif request.token is None:
            self._execution.succeed(request.id, outcome)
        else:
            self._answered(request.id, outcome)

    def _answered(self, token: str, response: object) -> None:
        """The function of a task with a token has answered; the state ends when the token is completed."""
        if token not in self._submitted:
            self._submitted.add(token)
            self._execution.submitted(token, response)
        if token in self._handlers.completed:
            self._execution.succeed(token, self._handlers.completed.pop(token))

    def _rest(self, until: float | None) -> None:
        """Let a short time pass. Raises Waiting for a long one, and for a callback."""
        if self._execution.tasks or until is None or until - time.time() > LONGEST_REST_SECONDS:
            raise Waiting("" if until is None else timestamp(datetime.fromtimestamp(until, UTC)))
        self._hold.rest(until - time.time())
