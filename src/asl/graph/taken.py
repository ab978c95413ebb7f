"""Which way an execution went through its definition, read off its history.

Source: the event types and `previousEventId` of GetExecutionHistory. The events of one thread of work are chained by
`previousEventId`; so each event is given the visit (a state that was entered and not yet left) in which it happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from asl.graph.build import graph
from asl.graph.model import Edge, EdgeKind, Graph, Node

_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
_ATTEMPTS = frozenset(
    {"TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled", "ParallelStateStarted", "MapStateStarted"}
)
_UNSUCCESSFUL = ("Failed", "TimedOut")  # how the types of events end that tell of an error


@dataclass(slots=True)
class Passage:
    """What happened at one state, in numbers of visits (`retried`: of repeated attempts)."""

    entered: int = 0
    left: int = 0
    caught: int = 0
    failed: int = 0
    retried: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """The way of one execution.

    `status` is as in DescribeExecution; `states` has the entered states by node id; `edges` counts the transitions by
    (source, target, kind); `current` are the states where the execution is now (not those around them), empty once it
    has ended; `stopped` are those that were entered and neither left nor failed when it ended.
    A history does not tell which rule of a Choice held: the Default, too, counts where a rule has the same target.
    """

    status: str
    states: Mapping[str, Passage]
    edges: Mapping[tuple[str, str, EdgeKind], int]
    current: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


@dataclass(slots=True)
class _Visit:
    """A state that was entered. `error` is the name of the last error that no new attempt has followed."""

    node: Node
    around: _Visit | None
    around_attempts: int = 0
    """How many attempts the visit around had begun by then: a visit within an attempt that was given up is over."""
    open: bool = True
    attempts: int = 0
    error: str | None = None
    caught: str | None = None
    failed: bool = False

    def goes_on(self) -> bool:
        """Nothing has ended it, nor what is around it."""
        visit: _Visit | None = self
        while visit is not None:
            if not visit.open or visit.failed or (visit.around and visit.around.attempts != visit.around_attempts):
                return False
            visit = visit.around
        return True


def path_taken(definition: str | Mapping[str, Any] | Graph, history: Iterable[Mapping[str, Any]]) -> Taken:
    """The way that the execution with this history took through the definition.

    `history` is a list of events as GetExecutionHistory gives them, in any order, of a running or an ended execution.
    States that the definition does not have are passed over (the history may be of another version).
    """
    shape = definition if isinstance(definition, Graph) else graph(definition)
    reader = _Reader(shape)
    for event in sorted(history, key=_event_id):
        reader.read(event)
    return reader.taken()


def _event_id(event: Mapping[str, Any]) -> int:
    number = event.get("id")
    return number if isinstance(number, int) else 0


@dataclass(slots=True)
class _Reader:
    """Goes through the events in order of their ids."""

    shape: Graph
    status: str = "RUNNING"
    states: dict[str, Passage] = field(default_factory=dict)
    edges: Counter[tuple[str, str, EdgeKind]] = field(default_factory=Counter)
    visits: list[_Visit] = field(default_factory=list)
    inside: dict[int, _Visit | None] = field(default_factory=dict)
    """The innermost open visit after each event."""
    left: dict[int, _Visit] = field(default_factory=dict)
    """The visit that each StateExited event ended."""
    named: dict[str, list[tuple[Node, Node | None]]] = field(default_factory=dict)
    outgoing: dict[str, list[Edge]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for holder, node, around in self.shape.walk():
            self.named.setdefault(node.name, []).append((node, around))
            self.outgoing[node.id] = [edge for edge in holder.edges if edge.source == node.id]

    def read(self, event: Mapping[str, Any]) -> None:
        kind, number, previous = str(event.get("type")), _event_id(event), event.get("previousEventId", 0)
        visit = self.inside.get(previous) or self._named_open(_details(event).get("state"))
        if kind.endswith("StateEntered"):
            visit = self._enter(_name(event), previous)
        elif kind.endswith("StateExited"):
            visit = self._exit(_named_around(visit, _name(event)), number)
        elif kind in _ENDS:
            self._end(kind, visit)
        elif kind == "ExecutionRedriven":
            self._go_on()
        else:
            visit = self._within(kind, event, visit)
        self.inside[number] = visit

    def _enter(self, name: str, previous: int) -> _Visit | None:
        around = self.inside.get(previous)
        before = self.left.get(previous)
        node = self._node(name, around, before)
        if node is None:
            return around
        passage = self.states.setdefault(node.id, Passage())
        passage.entered += 1
        if before is not None:
            self._pass_over(before, node)
        visit = _Visit(node, around, around.attempts if around else 0)
        self.visits.append(visit)
        return visit

    def _node(self, name: str, around: _Visit | None, before: _Visit | None) -> Node | None:
        """The state of that name: best the one that the state before leads to, else one in the same Parallel or Map."""
        candidates = self.named.get(name, [])
        targets = {edge.target for edge in self.outgoing.get(before.node.id, [])} if before else set()
        container = around.node if around else None
        ranked = sorted(candidates, key=lambda pair: (pair[0].id not in targets, pair[1] is not container))
        return ranked[0][0] if ranked else None

    def _pass_over(self, before: _Visit, node: Node) -> None:
        """Counts the transition: a catcher's after an error, else the state's other ways."""
        between = [edge for edge in self.outgoing[before.node.id] if edge.target == node.id]
        after_error = before.caught is not None
        kinds = {edge.kind for edge in between if (edge.kind == "catch") == after_error} or {e.kind for e in between}
        for kind in kinds:
            self.edges[before.node.id, node.id, kind] += 1

    def _exit(self, visit: _Visit | None, number: int) -> _Visit | None:
        if visit is None:
            return None
        visit.open = False
        passage = self.states[visit.node.id]
        passage.left += 1
        visit.caught, visit.error = visit.error, None
        passage.caught += visit.caught is not None
        self.left[number] = visit
        return visit.around

    def _within(self, kind: str, event: Mapping[str, Any], visit: _Visit | None) -> _Visit | None:
        """An event of a task, a branch or an iteration; returns the visit that goes on after it."""
        if kind.startswith("MapIteration"):
            container = _named_around(visit, _name(event))
        elif kind.startswith(("MapState", "ParallelState")):
            container = _of_type_around(visit, "Map" if kind.startswith("Map") else "Parallel")
        else:
            container = visit
        if kind.endswith(_UNSUCCESSFUL):
            _fail_up_to(visit, container)
            if container is not None and not kind.startswith("MapIteration"):
                container.error = _error(event)
        elif kind in _ATTEMPTS and container is not None:
            self._attempt(container)
        return container

    def _named_open(self, name: object) -> _Visit | None:
        """EvaluationFailed follows no event (its previousEventId is 0), but names its state."""
        return next((visit for visit in reversed(self.visits) if visit.open and visit.node.name == name), None)

    def _attempt(self, visit: _Visit) -> None:
        visit.attempts += 1
        visit.error = None
        self.states[visit.node.id].retried += visit.attempts > 1

    def _end(self, kind: str, visit: _Visit | None) -> None:
        self.status = _ENDS[kind]
        if kind == "ExecutionFailed":
            _fail_up_to(visit, None)

    def _go_on(self) -> None:
        """A redrive: what failed or was stopped is open again."""
        self.status = "RUNNING"
        for visit in self.visits:
            visit.failed = False

    def taken(self) -> Taken:
        for visit in self.visits:
            self.states[visit.node.id].failed += visit.failed
        waiting = [visit for visit in self.visits if visit.goes_on()]
        if self.status == "SUCCEEDED":
            waiting = []  # a Fail or a tolerated iteration may leave visits behind that nothing closes
        outer = {id(visit.around) for visit in waiting}
        places = tuple(dict.fromkeys(visit.node.id for visit in waiting if id(visit) not in outer))
        running = self.status == "RUNNING"
        return Taken(self.status, self.states, self.edges, places if running else (), () if running else places)


def _fail_up_to(visit: _Visit | None, container: _Visit | None) -> None:
    """Marks the visits from the innermost outward to the one that goes on, which is not marked, as failed."""
    while visit is not None and visit is not container:
        visit.failed = visit.open
        visit = visit.around


def _named_around(visit: _Visit | None, name: str) -> _Visit | None:
    while visit is not None and visit.node.name != name:
        visit = visit.around
    return visit


def _of_type_around(visit: _Visit | None, kind: str) -> _Visit | None:
    while visit is not None and visit.node.type != kind:
        visit = visit.around
    return visit


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((value for name, value in event.items() if name.endswith("EventDetails")), {})


def _name(event: Mapping[str, Any]) -> str:
    return str(_details(event).get("name", ""))


def _error(event: Mapping[str, Any]) -> str:
    return str(_details(event).get("error", ""))
