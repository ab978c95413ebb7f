"""An execution: a value that is stepped from one outside event to the next.

`step` runs everything that can run and says what must happen outside: tasks to do, a time to wait for. `succeed`,
`fail` and `heartbeat` report what became of a task. Between any two calls the whole execution can be taken out as one
JSON value (`context`) and gone on with elsewhere (`Machine.resume`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asl import task_events
from asl.clock import Clock
from asl.errors import AslError, RuntimeFailure
from asl.expressions.expression import Randomness
from asl.failing import drop, overflow
from asl.frame import CONCLUDE, ENDED, PERFORM, RETRY, TASK, WAIT, Frame
from asl.history import HistoryFull, Log, written
from asl.identity import Identity
from asl.json_values import TooDeep, bound, copied, taken
from asl.quotas import DataLimitExceeded, Quotas, size
from asl.requests import Request, TaskRequest, Timer
from asl.running import drain
from asl.status import ABORTED, RUNNING, TIMED_OUT
from asl.task_work import accepted, lose
from asl.timers import Timers, earlier

if TYPE_CHECKING:
    from asl.items.ports import ItemReader, ResultWriter
    from asl.machine import Machine

Perform = Callable[[TaskRequest], Any]

_NO_LIMIT = 1 << 62


class UnknownTask(AslError):
    """Something was reported about a task that this execution does not wait for (any more)."""


class Execution:
    """One run of a machine. Made by `Machine.start`, `Machine.run` and `Machine.resume`."""

    __slots__ = (
        "_output",
        "budget",
        "cause",
        "clock",
        "data_limit",
        "deadline",
        "error",
        "given_out",
        "identity",
        "input",
        "log",
        "machine",
        "now",
        "perform",
        "postpone",
        "quotas",
        "randomness",
        "reader",
        "ready",
        "result",
        "root",
        "started_at",
        "status",
        "stopped_at",
        "tasks",
        "tasks_begun",
        "timers",
        "writer",
    )

    def __init__(
        self,
        machine: Machine,
        identity: Identity,
        clock: Clock,
        randomness: Randomness,
        quotas: Quotas,
        reader: ItemReader | None,
        writer: ResultWriter | None,
    ) -> None:
        self.machine = machine
        self.identity = identity
        self.randomness = randomness
        self.quotas = quotas
        self.reader = reader
        self.writer = writer
        self.data_limit = quotas.data_bytes or _NO_LIMIT
        self.clock = clock
        self.now = clock.now
        self.perform: Perform | None = None
        self.postpone: Callable[[TaskRequest, Any], None] = lambda _request, _outcome: None
        self.given_out: set[str] = set()
        self.timers = Timers()
        self.budget: int | None = None
        self.ready: deque[Frame] = deque()
        self.tasks: dict[str, Frame] = {}
        self.tasks_begun = 0
        self.status = RUNNING
        self.result: Any = None
        self._output: Any = None
        self.error: str | None = None
        self.cause: str | None = None
        self.stopped_at: float | None = None

    # input, started_at, deadline, log and root are set by `begin` or when a context is resumed
    input: Any
    started_at: float
    deadline: float | None
    log: Log
    root: Frame

    def begin(self, data: Any, recorded: bool) -> None:
        """Start at the machine's first state. Raises TypeError or ValueError if `data` is no JSON value."""
        data, at_most = taken(data)
        self.input = data
        self.started_at = self.now()
        self.log = self.new_log(recorded)
        self.root = Frame(self, None, self.machine.block.start, data, at_most, self.log)
        self.log.add("ExecutionStarted", 0, self.started_at, data, self.identity.role_arn)
        self.set_deadline()
        self.ready.append(self.root)

    def new_log(self, recorded: bool) -> Log:
        """An empty history with the quota of the machine's type."""
        most = None if self.identity.express else self.quotas.history_events
        return Log(recorded, _NO_LIMIT if most is None else most - 1, self.started_at)

    def set_deadline(self) -> None:
        """Set when the machine's TimeoutSeconds are over."""
        timeout = self.machine.timeout
        self.deadline = None if timeout is None else self.started_at + timeout

    # ---- what the caller does ------------------------------------------------------------------

    def perform_with(self, perform: Perform, postpone: Callable[[TaskRequest, Any], None]) -> None:
        """Do tasks in line, as soon as they begin, instead of giving them out.

        `perform` returns a task's result or raises `TaskFailed`. What does not end the task at once (a `Later`, a
        `Submitted`, the answer to a task with a token) is given to `postpone`, which reports the end in its time.
        """
        self.perform, self.postpone = perform, postpone

    @property
    def done(self) -> bool:
        return self.status != RUNNING

    @property
    def output(self) -> Any:
        """What the execution gave, as the caller's own copy; None unless it has SUCCEEDED."""
        if self._output is None:
            self._output = copied(self.result)
        return self._output

    def step(self, transitions: int | None = None) -> tuple[Request, ...]:
        """Run on until something outside must happen, or `transitions` states have been entered.

        Returns the tasks that have been begun since the last step, and a `Timer` if time must pass before anything
        else can go on. An empty tuple means that the execution is done, that only tasks given out before can move it,
        or, with `transitions`, that there is more to do at once. After `Machine.resume` all open tasks are given out
        again.
        """
        self.budget = transitions
        self._wake()
        drain(self)
        self.budget = None
        if self.status != RUNNING:
            return ()
        begun = self._newly_begun() if self.tasks else ()
        if self.ready:
            return begun
        moment = self.next_moment()
        return begun if moment is None else (*begun, Timer(moment))

    def _newly_begun(self) -> tuple[TaskRequest, ...]:
        begun = tuple(frame.task for key, frame in self.tasks.items() if key not in self.given_out and frame.task)
        self.given_out = set(self.tasks)
        return begun

    def next_moment(self) -> float | None:
        """When the next wait, delay, timeout or deadline ends; None if there is none."""
        return earlier(self.timers.next(), self.deadline)

    def succeed(self, task: str, result: Any) -> None:
        """Report a task's result. Raises `UnknownTask`, and `BadTaskResult` if it is no JSON value."""
        frame = self._waiting(task)
        try:
            value, at_most = accepted(self, frame, result)
        except DataLimitExceeded as error:
            lose(self, frame, error.error, error.cause)
            return
        self.forget(frame)
        if self._noted(frame, task_events.succeeded, value):
            frame.result, frame.result_size = value, at_most
            frame.phase = CONCLUDE
            self.ready.append(frame)

    def fail(self, task: str, error: str | None = None, cause: str | None = None) -> None:
        """Report that a task failed. Raises `UnknownTask`."""
        lose(self, self._waiting(task), error, cause)

    def submitted(self, task: str, response: Any) -> None:
        """Report what a service answered to a task that goes on (`.sync`, a token). Raises `UnknownTask`."""
        frame = self._waiting(task)
        try:
            value = accepted(self, frame, response)[0]
        except DataLimitExceeded as error:
            lose(self, frame, error.error, error.cause)
            return
        self._noted(frame, task_events.submitted, value)

    def started(self, task: str, worker: str | None = None) -> None:
        """Report that an activity's worker has taken the task. Raises `UnknownTask`."""
        self._noted(self._waiting(task), task_events.worker_started, worker)

    def heartbeat(self, task: str) -> None:
        """Report that a task is alive. Raises `UnknownTask`."""
        frame = self._waiting(task)
        if frame.task is not None and frame.task.heartbeat is not None:
            frame.heartbeat_until = self.now() + frame.task.heartbeat
            self.timers.add(frame.heartbeat_until, frame, TASK)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """End the execution from outside: its status is ABORTED. Nothing happens if it is done already."""
        if self.status == RUNNING:
            self.log.close("ExecutionAborted", 0, self.now(), error, cause)
            self.finish(ABORTED, error, cause)

    def history(self) -> list[dict[str, Any]]:
        """The events so far, as GetExecutionHistory returns them (timestamps are aware datetimes)."""
        return written(self.log.events or (), self.log.missing + 1)

    def context(self, history: bool = True) -> dict[str, Any]:
        """All that this execution is, as one JSON-able value; `Machine.resume` goes on from it.

        Without `history` the events so far are left out: the resumed execution's history begins after them. Store them
        as they come (`history`), so that a checkpoint stays small.
        """
        from asl.snapshot import taken

        return taken(self, history)

    # ---- what states, tasks and failures do ----------------------------------------------------

    def wait(self, frame: Frame, until: float, phase: str = WAIT) -> None:
        """Let a frame wait; `phase` is WAIT or RETRY."""
        frame.phase, frame.until = phase, until
        self.timers.add(until, frame, phase)

    def new_token(self) -> str:
        """A token that a callback or an activity's worker reports under."""
        return self.randomness.uuid()

    def forget(self, frame: Frame) -> None:
        """The frame waits for its task no longer."""
        if frame.task is not None:
            self.tasks.pop(frame.task.id, None)
            frame.task = None
        frame.until = frame.heartbeat_until = None

    def measured(self, frame: Frame, value: Any) -> int:
        """A bound of a value's size in bytes, within the quota. Raises `DataLimitExceeded` if the value is over it."""
        limit = self.data_limit
        try:
            at_most = bound(value, limit)
        except TooDeep as problem:
            raise RuntimeFailure(f"{problem}.".capitalize()) from None
        if at_most > limit:
            at_most = size(value)
            if at_most > limit:
                raise DataLimitExceeded(frame.state.name)
        return at_most

    def finish(self, status: str, error: str | None = None, cause: str | None = None, result: Any = None) -> None:
        """The execution is over."""
        if self.root.phase != ENDED:
            drop(self, self.root)
        self.status, self.error, self.cause, self.result = status, error, cause, result
        self.stopped_at = self.now()
        self.ready.clear()
        self.tasks.clear()
        self.timers.clear()

    def expire(self) -> bool:
        """End the execution if the machine's TimeoutSeconds are over; whether they are."""
        if self.deadline is None or self.now() < self.deadline:
            return False
        self.log.close("ExecutionTimedOut", 0, self.now(), None, None)
        self.finish(TIMED_OUT)
        return True

    def _wake(self) -> None:
        """Let what was due go on."""
        if self.status != RUNNING or not (self.timers or self.deadline is not None):
            return
        if self.expire():
            return
        now = self.now()
        while (frame := self.timers.take_due(now)) is not None:
            if frame.phase == TASK:
                silent = (
                    frame.heartbeat_until is not None and earlier(frame.heartbeat_until, frame.until) != frame.until
                )
                lose(self, frame, "States.HeartbeatTimeout" if silent else "States.Timeout", None)
                continue
            frame.until = None
            frame.phase = PERFORM if frame.phase == RETRY else CONCLUDE
            self.ready.append(frame)

    def _noted(self, frame: Frame, note: Callable[..., None], *facts: Any) -> bool:
        """Note an event of a frame's task. False: the history is full, and what the frame belongs to has failed."""
        try:
            note(frame, *facts)
        except HistoryFull:
            overflow(self, frame)
            return False
        return True

    def _waiting(self, task: str) -> Frame:
        try:
            return self.tasks[task]
        except KeyError:
            raise UnknownTask(f"This execution waits for no task '{task}'; it may have ended or timed out.") from None
