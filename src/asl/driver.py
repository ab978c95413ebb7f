"""Drives an execution to its end: does its tasks, lets its time pass.

With an executor, tasks that are open at the same time are done side by side. With a virtual clock the outcome does not
depend on how long they really take: all tasks that begin at one moment are awaited, and their results are taken in the
order in which they were given out.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asl.clock import VirtualClock
from asl.errors import AslError, StateError
from asl.execution import Execution
from asl.requests import LATER, Later, Submitted, TaskRequest, Timer
from asl.timers import earlier

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Perform = Callable[[TaskRequest], Any]


class Stalled(AslError):
    """Nothing here can move the execution: it waits for a callback, or for tasks and nobody does them."""


def drive(execution: Execution, tasks: Perform | None, executor: Executor | None = None) -> None:
    """Step an execution until it is done. Raises `Stalled`, and whatever `tasks` raises besides `TaskFailed`."""
    driver = _Driver(execution, tasks, executor)
    while not execution.done:
        driver.turn()


class _Driver:
    def __init__(self, execution: Execution, tasks: Perform | None, executor: Executor | None) -> None:
        self._execution = execution
        self._tasks = tasks or _nobody
        self._executor = executor
        self._virtual = isinstance(execution.clock, VirtualClock)
        self._arrivals: list[tuple[float, int, str, Any]] = []
        self._futures: dict[Future[Any], TaskRequest] = {}
        self._sequence = 0
        # what an earlier driver left undone is done again; a token is somebody else's to report
        if execution.tasks:
            execution.given_out = {key for key, frame in execution.tasks.items() if frame.token is not None}
        if executor is None:
            execution.perform_with(self._tasks, self._postpone)

    def turn(self) -> None:
        """One step of the execution and one of the world."""
        execution = self._execution
        timer: float | None = None
        for request in execution.step():
            if isinstance(request, Timer):
                timer = request.until
            else:
                self._begin(request)
        if execution.done:
            return
        moment = earlier(timer, self._next_arrival())
        if self._futures and (self._virtual or moment is None or moment > execution.now()):
            self._collect(moment)
        elif moment is None or moment == math.inf:
            self._stall()
        else:
            execution.clock.pass_until(moment)
            self._deliver()

    # ---- doing tasks ---------------------------------------------------------------------------

    def _begin(self, request: TaskRequest) -> None:
        """Do a task that was given out: in the executor, or now if it was begun before this driver was there."""
        if ":activity:" in request.resource:
            self._execution.started(request.id)
        if self._executor is not None:
            self._futures[self._executor.submit(self._tasks, request)] = request
            return
        try:
            self._settle(request, self._tasks(request))
        except StateError as failure:
            self._report(request.id, failure)

    def _settle(self, request: TaskRequest, outcome: Any) -> None:
        if outcome.__class__ in LATER or request.resource.endswith(".waitForTaskToken"):
            self._postpone(request, outcome)
        else:
            self._report(request.id, outcome)

    def _postpone(self, request: TaskRequest, outcome: Any) -> None:
        """Take what does not end a task at once; its end is reported in its time."""
        now, task = self._execution.now(), request.id
        if isinstance(outcome, Later):
            self._arrive(now + outcome.seconds, task, outcome.result)
        elif isinstance(outcome, Submitted):
            self._execution.submitted(task, outcome.response)
            if outcome.has_result:
                self._arrive(now + outcome.after, task, outcome.result)
        else:
            self._execution.submitted(task, outcome)

    def _collect(self, until: float | None) -> None:
        """Take what the executor has done by `until`; with a virtual clock, all of it."""
        from concurrent.futures import FIRST_COMPLETED, wait

        if self._virtual:
            wait(self._futures)
        else:
            patience = None if until is None else min(max(0.0, until - self._execution.now()), threading.TIMEOUT_MAX)
            wait(self._futures, timeout=patience, return_when=FIRST_COMPLETED)
        for future in [future for future in self._futures if future.done()]:
            request = self._futures.pop(future)
            failure = future.exception()
            if isinstance(failure, StateError):
                self._report(request.id, failure)
            elif request.id in self._execution.tasks:
                self._settle(request, future.result())

    def _report(self, task: str, outcome: Any) -> None:
        execution = self._execution
        if task not in execution.tasks:
            return
        if isinstance(outcome, StateError):
            execution.fail(task, outcome.error, outcome.cause)
        else:
            execution.succeed(task, outcome)

    # ---- letting time pass ---------------------------------------------------------------------

    def _arrive(self, moment: float, task: str, outcome: Any) -> None:
        self._sequence += 1
        heapq.heappush(self._arrivals, (moment, self._sequence, task, outcome))

    def _next_arrival(self) -> float | None:
        return self._arrivals[0][0] if self._arrivals else None

    def _deliver(self) -> None:
        now = self._execution.now()
        while self._arrivals and self._arrivals[0][0] <= now:
            _, _, task, outcome = heapq.heappop(self._arrivals)
            self._report(task, outcome)

    def _stall(self) -> None:
        execution = self._execution
        if execution.ready:
            return
        waiting = ", ".join(f"'{frame.state.name}'" for frame in execution.tasks.values()) or "nothing"
        raise Stalled(f"The execution waits for a callback of {waiting}, and nobody here sends it.")


def _nobody(request: TaskRequest) -> Any:
    raise Stalled(f"State '{request.state}' calls {request.resource}, and no `tasks` were given to do it.")
