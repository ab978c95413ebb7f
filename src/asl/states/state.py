"""What a state compiles to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame
    from asl.integrations.resource import Resource
    from asl.states.error_handling import Catcher, Retrier

Perform = Callable[["Execution", "Frame"], Optional["State"]]


def _nothing(_execution: Execution, _frame: Frame) -> State | None:
    raise AssertionError("this state never waits")


class State:
    """A compiled state. It holds nothing of any execution.

    `place` is where it stands in the definition, as a JSON pointer. `rules` are a Choice's, in their order, each with
    its condition first; `perform` goes through this very list.
    """

    __slots__ = (
        "block",
        "catchers",
        "children",
        "conclude",
        "entered",
        "exited",
        "name",
        "next",
        "perform",
        "place",
        "pump",
        "resource",
        "retriers",
        "rules",
        "type",
    )

    def __init__(self, name: str, kind: str, place: str, block: Block) -> None:
        self.name = name
        self.type = kind
        self.place = place
        self.block = block
        self.entered = f"{kind}StateEntered"
        self.exited = f"{kind}StateExited"
        self.next: State = END
        self.perform: Perform = _nothing
        self.conclude: Perform = _nothing
        self.pump: Perform = _nothing
        self.children: tuple[Block, ...] = ()
        self.resource: Resource | None = None
        self.retriers: tuple[Retrier, ...] = ()
        self.catchers: tuple[Catcher, ...] = ()
        self.rules: list[Any] = []

    def __repr__(self) -> str:
        return f"<{self.type} {self.place}>"


@dataclass(slots=True)
class Block:
    """A set of states that refer to one another: a state machine, a branch, an item processor."""

    place: str
    states: Mapping[str, State]
    start: State


END: Any = None
END = State("", "End", "", None)  # type: ignore[arg-type]  # the mark of a terminal state's `next`
