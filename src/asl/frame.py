"""One thread of control: the execution itself, a branch of a Parallel, an iteration of a Map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asl.clock import iso
from asl.expressions.expression import Randomness

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.history import Log
    from asl.identity import Identity
    from asl.requests import TaskRequest
    from asl.states.state import State

# What a frame is about to do …
ENTER = "enter"  # enter its state
PERFORM = "perform"  # do the state's work again, after a retry's delay
CONCLUDE = "conclude"  # go on with the task's result, or after a wait
FAIL = "fail"  # fail the state with the error in `result`
PUMP = "pump"  # start the next branch or iteration, or end the state
# … or waits for.
TASK = "task"
WAIT = "wait"
RETRY = "retry"
FORK = "fork"
ENDED = "ended"


class Frame:
    """Where a thread of control stands. It is the `Scope` that expressions see.

    `data` is the input of the state that it is in; `size` bounds that input's size in bytes; `variables` are
    replaced, never changed. `previous` is the id of the event before, `entered_id` that of the state's StateEntered
    event; `entered_from` is the id before that one, where the event itself was left behind (a context without
    history). `retries` counts the attempts of each retrier. `result` is what a task reported and that is not yet used;
    `until` ends a wait, a delay or a task. `fork` belongs to a Parallel or Map that is running.
    """

    __slots__ = (
        "assigned",
        "data",
        "entered_at",
        "entered_from",
        "entered_id",
        "execution",
        "fork",
        "heartbeat_until",
        "index",
        "item",
        "log",
        "parent",
        "phase",
        "previous",
        "result",
        "result_size",
        "retries",
        "size",
        "state",
        "task",
        "token",
        "until",
        "variables",
    )

    def __init__(
        self, execution: Execution, parent: Frame | None, state: State, data: Any, size: int, log: Log
    ) -> None:
        self.execution = execution
        self.parent = parent
        self.state = state
        self.data = data
        self.size = size
        self.log = log
        self.phase = ENTER
        self.previous = 0
        self.variables: Mapping[str, Any] = {} if parent is None else parent.variables
        self.index = 0
        self.item: tuple[int, Any] | None = None
        self.entered_from = 0
        self.assigned: Mapping[str, Any] | None = None
        self.retries: dict[int, int] | None = None
        self.fork: Fork | None = None
        self.task: TaskRequest | None = None
        self.token: str | None = None
        self.result: Any = None
        self.result_size = 0
        self.until: float | None = None
        self.heartbeat_until: float | None = None

    # set when a state is entered
    entered_at: float
    entered_id: int

    @property
    def randomness(self) -> Randomness:
        return self.execution.randomness

    def now(self) -> float:
        """Seconds since the epoch, by the execution's clock."""
        return self.execution.now()

    @property
    def attempts(self) -> int:
        """How often the state has been retried."""
        return sum(self.retries.values()) if self.retries else 0

    def event_before_entry(self) -> int:
        """The id of the event before the state's StateEntered event."""
        events, place = self.log.events, self.entered_id - 1 - self.log.missing
        if events is None or place < 0:
            return self.entered_from
        before: int = events[place][1]
        return before

    def context(self) -> Mapping[str, Any]:
        """The context object, as the Developer Guide's "Accessing execution data from the context object" shows it."""
        state: dict[str, Any] = {"Name": self.state.name, "EnteredTime": iso(self.entered_at)}
        if self.state.type in ("Task", "Parallel", "Map"):
            state["RetryCount"] = self.attempts
        identity, data = self._whose()
        context: dict[str, Any] = {
            "Execution": _about(identity, data, self.log.started_at),
            "StateMachine": {"Id": identity.machine_arn, "Name": identity.machine},
            "State": state,
        }
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        item = self._innermost_item()
        if item is not None:
            context["Map"] = {"Item": {"Index": item[0], "Value": item[1]}}
        return context

    def _whose(self) -> tuple[Identity, Any]:
        """Who the frame's execution is, and its input: the whole, or the Map Run's child that the frame belongs to."""
        frame = self
        while frame.parent is not None:
            if frame.parent.log is not frame.log:
                assert frame.parent.fork is not None
                run, index = frame.parent.fork.run, frame.index
                return self.execution.identity.child_of(run, index), frame.parent.fork.items[index]
            frame = frame.parent
        return self.execution.identity, self.execution.input

    def _innermost_item(self) -> tuple[int, Any] | None:
        """The item of the iteration that the frame is in; a Map Run's child is in none."""
        frame = self
        while frame.item is None and frame.parent is not None and frame.parent.log is frame.log:
            frame = frame.parent
        return frame.item


def _about(identity: Identity, data: Any, started_at: float) -> dict[str, Any]:
    about = {
        "Id": identity.execution_arn,
        "Input": data,
        "StartTime": iso(started_at),
        "Name": identity.execution,
        "RoleArn": identity.role_arn,
    }
    return about if identity.synchronous else about | {"RedriveCount": 0}


class Fork:
    """The branches or iterations of a running Parallel or Map.

    `items` are the children's inputs and `results` their outputs, both by index; `next` is the index of the next
    child to start; `running` holds those that have started and not ended; `error` is the failure that ends the state.
    A distributed Map has a `tolerance`, the indexes of its `failures` and the ARN of its `run`.
    """

    __slots__ = (
        "error",
        "failures",
        "items",
        "last_event",
        "limit",
        "next",
        "results",
        "run",
        "running",
        "tolerance",
        "total",
    )

    def __init__(self, items: list[Any], limit: int) -> None:
        self.items = items
        self.limit = limit
        self.total = len(items)
        self.results: list[Any] = [None] * self.total
        self.next = 0
        self.running: dict[int, Frame] = {}
        self.error: tuple[str | None, str | None] | None = None
        self.failures: list[int] = []
        self.tolerance: Any = None
        self.last_event = 0
        self.run = ""
