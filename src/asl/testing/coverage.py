"""How much of a definition its executions reach: states, and the ways between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from asl.machine import Machine, load
from asl.testing.watching import watched

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.states.state import State

WayKind = Literal["state", "next", "end", "choice", "default", "catch", "retry"]


@dataclass(frozen=True, slots=True)
class Way:
    """A state that can be entered, or a transition, catcher or retrier that can be taken.

    `pointer` is its place in the definition (`/States/Ask/Catch/0`), `state` the name of its state, `target` the state
    that it leads to. `label` is short text for people: a rule's condition, the errors of a catcher or retrier.
    """

    pointer: str
    kind: WayKind
    state: str
    target: str | None = None
    label: str = ""


class Coverage:
    """Counts which ways the executions of one definition take.

    It has a machine of its own: only what runs on `machine` counts. Raises `InvalidDefinition`.
    """

    def __init__(self, definition: str | Mapping[str, Any] | Machine) -> None:
        loaded = definition if isinstance(definition, Machine) else load(definition)
        self.ways: tuple[Way, ...] = tuple(_ways(loaded.definition, ""))
        self.counts: Counter[str] = Counter()
        """How often each way was taken, by its pointer. A state counts for each entry and each retry."""
        self.machine = watched(loaded, self._entered, self._passed)
        self._paths: dict[Execution, list[str]] = {}
        self._pointers = frozenset(way.pointer for way in self.ways)

    @property
    def entered(self) -> tuple[Way, ...]:
        """The ways that were taken, in the definition's order."""
        return tuple(way for way in self.ways if self.counts[way.pointer])

    @property
    def never(self) -> tuple[Way, ...]:
        """The ways that no execution took, in the definition's order."""
        return tuple(way for way in self.ways if not self.counts[way.pointer])

    @property
    def percent(self) -> float:
        """How many of the ways were taken, in percent."""
        return 100 * len(self.entered) / len(self.ways)

    def add(self, counts: Mapping[str, int]) -> None:
        """Add the `counts` of another coverage of the same definition, of another process for example."""
        self.counts.update({pointer: count for pointer, count in counts.items() if pointer in self._pointers})

    def follow(self, execution: Execution) -> list[str]:
        """A list to which the names of the states are added as this execution enters or retries them."""
        return self._paths.setdefault(execution, [])

    def forget(self, execution: Execution) -> None:
        """Follow an execution no longer; what it does still counts."""
        self._paths.pop(execution, None)

    def _entered(self, execution: Execution, state: State) -> None:
        self.counts[state.place] += 1
        path = self._paths.get(execution)
        if path is not None:
            path.append(state.name)

    def _passed(self, pointer: str) -> None:
        if pointer in self._pointers:
            self.counts[pointer] += 1


def _ways(machine: Mapping[str, Any], place: str) -> Iterator[Way]:
    for name, spec in machine["States"].items():
        pointer = f"{place}/States/{name.replace('~', '~0').replace('/', '~1')}"
        yield Way(pointer, "state", name)
        yield from _transitions(name, spec, pointer)
        for index, branch in enumerate(spec.get("Branches", ())):
            yield from _ways(branch, f"{pointer}/Branches/{index}")
        for field in ("ItemProcessor", "Iterator"):
            if field in spec:
                yield from _ways(spec[field], f"{pointer}/{field}")


def _transitions(name: str, spec: Mapping[str, Any], pointer: str) -> Iterator[Way]:
    from asl.graph.labels import rule_label

    for index, rule in enumerate(spec.get("Choices", ())):
        yield Way(f"{pointer}/Choices/{index}", "choice", name, rule["Next"], rule_label(rule))
    if "Default" in spec:
        yield Way(f"{pointer}/Default", "default", name, spec["Default"], "otherwise")
    if "Next" in spec:
        yield Way(f"{pointer}/Next", "next", name, spec["Next"])
    if spec.get("End"):
        yield Way(f"{pointer}/End", "end", name)
    for index, retrier in enumerate(spec.get("Retry", ())):
        yield Way(f"{pointer}/Retry/{index}", "retry", name, name, ", ".join(retrier["ErrorEquals"]))
    for index, catcher in enumerate(spec.get("Catch", ())):
        yield Way(f"{pointer}/Catch/{index}", "catch", name, catcher["Next"], ", ".join(catcher["ErrorEquals"]))
