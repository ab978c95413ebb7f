"""An execution: a value that is stepped from one outside event to the next.

`step` runs everything that can run and says what must happen outside: tasks to do, a time to wait for. `succeed`, `fail`
and `heartbeat` report what became of a task. Between any two calls the whole execution can be taken out as one JSON value
(`context`) and gone on with elsewhere (`Machine.resume`).
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from asl import task_events
from asl.clock import Clock, iso
from asl.errors import AslError, QueryEvaluationError, RuntimeFailure, StateError, TaskFailed
from asl.expressions.expression import Randomness
from asl.frame import CONCLUDE, ENDED, ENTER, FAIL, FORK, PERFORM, PUMP, RETRY, TASK, WAIT, Fork, Frame
from asl.history import Log, written
from asl.identity import Identity
from asl.integrations.resource import Kind, Pattern, Resource
from asl.quotas import DataLimitExceeded, Quotas, size
from asl.json_values import bound, copied, taken
from asl.requests import LATER, Request, TaskLimits, TaskRequest, Timer
from asl.states.error_handling import error_output, find_catcher, next_attempt
from asl.states.state import END, State

if TYPE_CHECKING:
    from asl.items.ports import ItemReader, ResultWriter
    from asl.machine import Machine

Perform = Callable[[TaskRequest], Any]

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
_NO_LIMIT = 1 << 62


class UnknownTask(AslError):
    """Something was reported about a task that this execution does not wait for (any more)."""


class BadTaskResult(AslError):
    """A task returned something that is no JSON value."""


class Execution:
    """One run of a machine. Made by `Machine.start`, `Machine.run` and `Machine.resume`."""

    __slots__ = (
        "_clock",
        "_seen",
        "_now",
        "_perform",
        "_postpone",
        "_sequence",
        "_timers",
        "budget",
        "cause",
        "data_limit",
        "deadline",
        "error",
        "identity",
        "input",
        "log",
        "machine",
        "output",
        "quotas",
        "randomness",
        "reader",
        "ready",
        "root",
        "started_at",
        "status",
        "stopped_at",
        "tasks",
        "tasks_begun",
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
        self._clock = clock
        self._now = clock.now
        self._perform: Perform | None = None
        self._postpone: Callable[[TaskRequest, Any], None] = lambda _request, _outcome: None
        self._seen: set[str] = set()
        self._timers: list[tuple[float, int, Frame, str]] = []
        self._sequence = 0
        self.budget: int | None = None
        self.ready: deque[Frame] = deque()
        self.tasks: dict[str, Frame] = {}
        self.tasks_begun = 0
        self.status = RUNNING
        self.output: Any = None
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
        self.started_at = self._now()
        self.log = self.new_log(recorded)
        self.root = Frame(self, None, self.machine.block.start, data, at_most, self.log)
        self.log.add("ExecutionStarted", 0, self.started_at, data, self.identity.role_arn)
        self.set_deadline()
        self.ready.append(self.root)

    def new_log(self, recorded: bool) -> Log:
        """An empty history with the quota of the machine's type."""
        limit = None if self.identity.express else self.quotas.history_events
        return Log(recorded, limit or _NO_LIMIT)

    def set_deadline(self) -> None:
        """Set when the machine's TimeoutSeconds are over."""
        timeout = self.machine.timeout
        self.deadline = None if timeout is None else self.started_at + timeout

    # ---- what the caller does ------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        return self._clock

    def perform_with(self, perform: Perform, postpone: Callable[[TaskRequest, Any], None]) -> None:
        """Do tasks in line, as soon as they begin, instead of giving them out.

        `perform` returns a task's result or raises `TaskFailed`. What does not end the task at once (a `Later`, a
        `Submitted`, the answer to a task with a token) is given to `postpone`, which reports the end in its time.
        """
        self._perform, self._postpone = perform, postpone

    def now(self) -> float:
        """Seconds since the epoch, by the execution's clock."""
        return self._now()

    @property
    def done(self) -> bool:
        return self.status != RUNNING

    def step(self, transitions: int | None = None) -> tuple[Request, ...]:
        """Run on until something outside must happen, or `transitions` states have been entered.

        Returns the tasks that have been begun since the last step, and a `Timer` if time must pass before anything else can
        go on. An empty tuple means that the execution is done, that only tasks given out before can move it, or, with
        `transitions`, that there is more to do at once. After `Machine.resume` all open tasks are given out again.
        """
        self.budget = transitions
        self._wake()
        self._drain()
        self.budget = None
        if self.status != RUNNING:
            return ()
        begun = self._newly_begun() if self.tasks else ()
        if self.ready:
            return begun
        moment = self.next_moment()
        return begun if moment is None else (*begun, Timer(moment))

    def _newly_begun(self) -> tuple[TaskRequest, ...]:
        begun = tuple(frame.task for key, frame in self.tasks.items() if key not in self._seen and frame.task)
        self._seen = set(self.tasks)
        return begun

    def next_moment(self) -> float | None:
        """When the next wait, delay, timeout or deadline ends; None if there is none."""
        timers = self._timers
        while timers and not _stands(timers[0]):
            heapq.heappop(timers)
        moments = [timers[0][0]] if timers else []
        if self.deadline is not None:
            moments.append(self.deadline)
        return min(moments, default=None)

    def succeed(self, task: str, result: Any) -> None:
        """Report a task's result. Raises `UnknownTask`, and `BadTaskResult` if it is no JSON value."""
        frame = self._waiting(task)
        try:
            value, at_most = self._taken(frame, result)
        except DataLimitExceeded as error:
            self._lose(frame, error.error, error.cause)
            return
        self._forget(frame)
        task_events.succeeded(frame, value)
        frame.result, frame.result_size = value, at_most
        frame.phase = CONCLUDE
        self.ready.append(frame)

    def fail(self, task: str, error: str | None = None, cause: str | None = None) -> None:
        """Report that a task failed. Raises `UnknownTask`."""
        self._lose(self._waiting(task), error, cause)

    def submitted(self, task: str, response: Any) -> None:
        """Report what a service answered to a task that goes on (`.sync`, `.waitForTaskToken`). Raises `UnknownTask`."""
        frame = self._waiting(task)
        task_events.submitted(frame, self._taken(frame, response)[0])

    def started(self, task: str, worker: str | None = None) -> None:
        """Report that an activity's worker has taken the task. Raises `UnknownTask`."""
        task_events.worker_started(self._waiting(task), worker)

    def heartbeat(self, task: str) -> None:
        """Report that a task is alive. Raises `UnknownTask`."""
        frame = self._waiting(task)
        if frame.task is not None and frame.task.heartbeat is not None:
            frame.heartbeat_until = self._now() + frame.task.heartbeat
            self.alarm(frame.heartbeat_until, frame, TASK)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """End the execution from outside: its status is ABORTED. Nothing happens if it is done already."""
        if self.status == RUNNING:
            self.log.add("ExecutionAborted", 0, self._now(), error, cause)
            self._finish(ABORTED, error, cause)

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

    def about(self) -> dict[str, Any]:
        """The context object's `Execution`."""
        about = {
            "Id": self.identity.execution_arn,
            "Input": self.input,
            "StartTime": iso(self.started_at),
            "Name": self.identity.execution,
            "RoleArn": self.identity.role_arn,
        }
        return about if self.identity.synchronous else about | {"RedriveCount": 0}

    # ---- running -------------------------------------------------------------------------------

    def _drain(self) -> None:
        ready = self.ready
        while ready and self.status == RUNNING and self.budget != 0:
            frame = ready.popleft()
            if frame.phase != ENDED:
                self._advance(frame)

    def _advance(self, frame: Frame) -> None:
        """Run a frame until it waits, ends or, with a budget, has entered as many states as it may."""
        log, clock, state = frame.log, self._now, frame.state
        events, limit = log.events, log.limit
        entering = frame.phase == ENTER
        while True:
            try:
                if entering:
                    if log.count >= limit or self.budget is not None:
                        if not self._may_enter(frame):
                            return
                    log.count = count = log.count + 1
                    frame.entered_at = moment = clock()
                    if events is not None:
                        events.append((state.entered, frame.previous, moment, state.name, frame.data))
                    frame.previous = frame.entered_id = count
                    frame.retries = None
                    following = state.perform(self, frame)
                else:
                    entering = True
                    following = self._resume(frame, state)
            except StateError as error:
                following = self._recover(frame, state, error)
            if following is None:
                return
            log.count = count = log.count + 1
            if events is not None:
                if frame.assigned is None:
                    events.append((state.exited, frame.previous, clock(), state.name, frame.data))
                else:
                    events.append((state.exited, frame.previous, clock(), state.name, frame.data, frame.assigned))
            frame.assigned = None
            frame.previous = count
            if following is END:
                self._ended(frame)
                return
            frame.state = state = following

    def _may_enter(self, frame: Frame) -> bool:
        """Whether the frame may enter its next state now."""
        if frame.log.count >= frame.log.limit:
            self._fail_frame(frame, "States.Runtime", f"The execution reached the maximum number of history events ({frame.log.limit}).")
            return False
        if self.budget == 0:
            frame.phase = ENTER
            self.ready.appendleft(frame)
            return False
        if self.budget is not None:
            self.budget -= 1
        return True

    def _resume(self, frame: Frame, state: State) -> State | None:
        phase = frame.phase
        if phase == CONCLUDE:
            return state.conclude(self, frame)
        if phase == PUMP:
            return state.pump(self, frame)
        if phase == PERFORM:
            return state.perform(self, frame)
        error, cause = frame.result
        frame.result = None
        raise TaskFailed(error, cause)

    def _ended(self, frame: Frame) -> None:
        """A frame has left its last state."""
        frame.phase = ENDED
        parent = frame.parent
        if parent is None:
            self.log.add("ExecutionSucceeded", frame.previous, self._now(), frame.data)
            self.output = frame.data
            self._finish(SUCCEEDED)
            return
        fork = _fork_of(parent)
        fork.results[frame.index] = frame.data
        del fork.running[frame.index]
        parent.previous = frame.previous if frame.log is parent.log else parent.previous
        if parent.state.type == "Map" and frame.log is parent.log:
            fork.last_event = parent.log.add(
                "MapIterationSucceeded", frame.previous, self._now(), parent.state.name, frame.index
            )
        self._pump(parent)

    def _pump(self, parent: Frame) -> None:
        """Let a Parallel or Map look what is next, if it is not about to anyway."""
        if parent.phase == FORK:
            parent.phase = PUMP
            self.ready.appendleft(parent)

    def begin_child(self, parent: Frame, index: int, state: State, log: Log, data: Any) -> Frame:
        """A new branch or iteration, to run next; the parent looks again after it."""
        fork = _fork_of(parent)
        child = Frame(self, parent, state, data, parent.size, log)
        child.index = index
        child.previous = parent.previous
        fork.running[index] = child
        parent.phase = PUMP
        self.ready.appendleft(parent)
        self.ready.appendleft(child)
        return child

    # ---- failing -------------------------------------------------------------------------------

    def _recover(self, frame: Frame, state: State, failure: StateError) -> State | None:
        """Retry or catch; else fail the frame. Returns the catcher's state."""
        error, cause = failure.error, self._located(frame, state, failure)
        if isinstance(failure, QueryEvaluationError):
            self._note_evaluation(frame, state, failure, cause)
        self._drop_fork(frame)
        retry = next_attempt(state.retriers, frame.retries, error, self.randomness)
        if retry is not None:
            frame.retries = retry.counts
            self.wait(frame, self._now() + retry.delay, RETRY)
            return None
        if state.type in ("Map", "Parallel") and not isinstance(failure, RuntimeFailure):
            frame.previous = frame.log.add(f"{state.type}StateFailed", frame.previous, self._now())
        catcher = find_catcher(state.catchers, error)
        if catcher is None:
            self._fail_frame(frame, error, cause)
            return None
        try:
            catcher.conclude(self, frame, error_output(error, cause), 6 * (len(error or "") + len(cause or "")) + 24)
        except StateError as failure_in_catch:
            cause = self._located(frame, state, failure_in_catch)
            if isinstance(failure_in_catch, QueryEvaluationError):
                self._note_evaluation(frame, state, failure_in_catch, cause)
            self._fail_frame(frame, failure_in_catch.error, cause)
            return None
        return catcher.next

    def _located(self, frame: Frame, state: State, failure: StateError) -> str | None:
        if not failure.located:
            return failure.cause
        place = f"the state '{state.name}' (entered at the event id #{frame.entered_id})"
        return f"An error occurred while executing {place}. {failure.cause}"

    def _note_evaluation(self, frame: Frame, state: State, failure: QueryEvaluationError, cause: str | None) -> None:
        previous, events = frame.previous, frame.log.events
        if events is not None and previous == frame.entered_id and not failure.late:
            previous = events[previous - 1 - frame.log.missing][1]
        frame.previous = frame.log.add(
            "EvaluationFailed", previous, self._now(), state.name, failure.location, failure.error, cause
        )

    def _fail_frame(self, frame: Frame, error: str | None, cause: str | None) -> None:
        """The frame cannot go on; its parent, or the execution, fails with it."""
        frame.phase = ENDED
        parent = frame.parent
        if parent is None:
            self.log.add("ExecutionFailed", frame.previous, self._now(), error, cause)
            self._finish(FAILED, error, cause)
            return
        fork = _fork_of(parent)
        del fork.running[frame.index]
        if frame.log is parent.log:
            if parent.state.type == "Map":
                parent.log.add("MapIterationFailed", frame.previous, self._now(), parent.state.name, frame.index)
            elif frame.state.type == "Task":
                self._note_abortion(frame)
            parent.previous = frame.previous
            fork.error = (error, cause)
        else:
            fork.failures.append(frame.index)
            fork.results[frame.index] = error_output(error, cause)
        self._pump(parent)

    def _drop_fork(self, frame: Frame) -> None:
        """End what still runs in a Parallel or Map that has failed."""
        fork, frame.fork = frame.fork, None
        if fork is None:
            return
        for index, child in fork.running.items():
            self._drop(child)
            if child.log is not frame.log:
                continue
            self._note_abortion(child)
            if frame.state.type == "Map":
                frame.log.add("MapIterationAborted", child.previous, self._now(), frame.state.name, index)

    def _drop(self, frame: Frame) -> None:
        frame.phase = ENDED
        self._forget(frame)
        self._drop_fork(frame)

    def _note_abortion(self, frame: Frame) -> None:
        if frame.state.type in ("Task", "Wait", "Map", "Parallel"):
            frame.previous = frame.log.add(f"{frame.state.type}StateAborted", frame.previous, self._now())

    def _finish(self, status: str, error: str | None = None, cause: str | None = None) -> None:
        if self.root.phase != ENDED:
            self._drop(self.root)
        self.status, self.error, self.cause = status, error, cause
        self.stopped_at = self._now()
        self.ready.clear()
        self.tasks.clear()
        self._timers.clear()

    # ---- tasks ---------------------------------------------------------------------------------

    def begin_task(self, frame: Frame, resource: Resource, parameters: Any, limits: TaskLimits) -> State | None:
        """Give a task out; goes on at once if the caller performs tasks in line."""
        self.tasks_begun = number = self.tasks_begun + 1
        timeout, heartbeat, credentials = limits
        request = TaskRequest(
            frame.token or f"{self.identity.execution}/{number}",
            resource.arn,
            copied(parameters),
            frame.state.name,
            frame.attempts if frame.retries else 0,
            None if timeout is None else self._now() + timeout,
            heartbeat,
            frame.token,
            credentials,
        )
        task_events.begun(frame, resource, parameters, limits)
        perform = self._perform
        if perform is None:
            self._expect(frame, request)
            return None
        if resource.kind is Kind.ACTIVITY:
            task_events.worker_started(frame, None)
        try:
            result = perform(request)
        except TaskFailed as failure:
            task_events.failed(frame, failure.error, failure.cause)
            raise
        except BaseException:  # the caller may repair what is broken and step on: the task is still to be done
            self._expect(frame, request)
            raise
        if result.__class__ in LATER or resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN:
            self._expect(frame, request)
            self._seen.add(request.id)
            self._postpone(request, result)
            return None
        try:
            frame.result, frame.result_size = self._taken(frame, result)
        except DataLimitExceeded as failure:
            task_events.failed(frame, failure.error, failure.cause)
            raise
        task_events.succeeded(frame, frame.result)
        return frame.state.conclude(self, frame)

    def _expect(self, frame: Frame, request: TaskRequest) -> None:
        """Wait until a task is reported, its deadline passes or it gives no sign of life."""
        frame.task, frame.phase = request, TASK
        frame.until = request.deadline
        frame.heartbeat_until = None if request.heartbeat is None else self._now() + request.heartbeat
        self.tasks[request.id] = frame
        if frame.until is not None:
            self.alarm(frame.until, frame, TASK)
        if frame.heartbeat_until is not None:
            self.alarm(frame.heartbeat_until, frame, TASK)

    def _taken(self, frame: Frame, result: Any) -> tuple[Any, int]:
        """A task's result as a value of our own, and its size; the caller may change what it gave."""
        try:
            value, at_most = taken(result)
        except (TypeError, ValueError, RecursionError) as problem:
            raise BadTaskResult(f"State '{frame.state.name}': its task returned what is no JSON value: {problem}") from None
        if at_most > self.data_limit:
            at_most = size(value)
            if at_most > self.data_limit:
                raise DataLimitExceeded(task_events.limit_name(frame))
        return value, at_most

    def _lose(self, frame: Frame, error: str | None, cause: str | None) -> None:
        task_events.failed(frame, error, cause)
        self._forget(frame)
        frame.result = (error, cause)
        frame.phase = FAIL
        self.ready.append(frame)

    def _waiting(self, task: str) -> Frame:
        try:
            return self.tasks[task]
        except KeyError:
            raise UnknownTask(f"This execution waits for no task '{task}'; it may have ended or timed out.") from None

    def _forget(self, frame: Frame) -> None:
        """The frame waits for its task no longer."""
        if frame.task is not None:
            self.tasks.pop(frame.task.id, None)
            frame.task = None
        frame.until = None

    def new_token(self) -> str:
        """A token that a callback or an activity's worker reports under."""
        return self.randomness.uuid()

    # ---- time ----------------------------------------------------------------------------------

    def wait(self, frame: Frame, until: float, phase: str = WAIT) -> None:
        """Let a frame wait; `phase` is WAIT or RETRY."""
        frame.phase, frame.until = phase, until
        self.alarm(until, frame, phase)

    def alarm(self, moment: float, frame: Frame, phase: str) -> None:
        """Look at the frame again at `moment`, if it then still waits as `phase` says."""
        self._sequence += 1
        heapq.heappush(self._timers, (moment, self._sequence, frame, phase))

    def standing_timers(self) -> list[tuple[float, Frame, str]]:
        """The alarms that still matter, in the order in which they go off."""
        return [(timer[0], timer[2], timer[3]) for timer in sorted(self._timers, key=_when) if _stands(timer)]

    def _wake(self) -> None:
        """Let what was due go on."""
        if self.status != RUNNING or not (self._timers or self.deadline is not None):
            return
        now = self._now()
        if self.deadline is not None and self.deadline <= now:
            self.log.add("ExecutionTimedOut", 0, now, None, None)
            self._finish(TIMED_OUT)
            return
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)
            if not _stands(timer):
                continue
            frame, phase = timer[2], timer[3]
            if phase == TASK:
                self._lose(frame, "States.Timeout", None)
                continue
            frame.until = None
            frame.phase = PERFORM if phase == RETRY else CONCLUDE
            self.ready.append(frame)

    # ---- sizes ---------------------------------------------------------------------------------

    def measured(self, frame: Frame, value: Any) -> int:
        """A bound of a value's size in bytes, within the quota. Raises `DataLimitExceeded` if the value is over it."""
        limit = self.data_limit
        at_most = bound(value, limit)
        if at_most > limit:
            at_most = size(value)
            if at_most > limit:
                raise DataLimitExceeded(frame.state.name)
        return at_most


def _when(timer: tuple[float, int, Frame, str]) -> tuple[float, int]:
    return timer[:2]


def _stands(timer: tuple[float, int, Frame, str]) -> bool:
    """Whether the frame still waits for this moment."""
    moment, _, frame, phase = timer
    if frame.phase != phase:
        return False
    return frame.until == moment or (phase == TASK and frame.heartbeat_until == moment)


def _fork_of(frame: Frame) -> Fork:
    assert frame.fork is not None
    return frame.fork
