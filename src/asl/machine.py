"""A state machine: a definition that has been validated and compiled once and can run any number of times."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from asl.clock import Clock, SystemClock, VirtualClock
from asl.compiler import compile_block
from asl.driver import drive
from asl.errors import InvalidDefinition
from asl.execution import Execution
from asl.expressions.expression import Randomness
from asl.identity import Identity
from asl.quotas import AWS, Quotas
from asl.randomness import SystemRandomness
from asl.requests import TaskRequest
from asl.states.state import Block, State
from asl.validation import refusal, validate

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from asl.items.ports import ItemReader, ResultWriter

Perform = Callable[[TaskRequest], Any]

_SOMEBODY, _RANDOMNESS = Identity(), SystemRandomness()
_NO_INPUT: Any = object()  # not None: null is an input like any other
_CACHE_SIZE = 256
_cache: OrderedDict[str, Machine] = OrderedDict()


class Machine:
    """A compiled definition. It is immutable and holds nothing of any execution."""

    __slots__ = ("_places", "_text", "block", "digest", "timeout")

    def __init__(self, text: str, digest: str, definition: Mapping[str, Any]) -> None:
        self._text = text
        self.digest = digest
        self.timeout: float | None = definition.get("TimeoutSeconds")
        self.block = compile_block(definition, "", definition.get("QueryLanguage", "JSONPath"))
        self._places: dict[str, State] = {}

    def __repr__(self) -> str:
        return f"<Machine {self.digest[:12]}>"

    @property
    def definition(self) -> dict[str, Any]:
        """A copy of the definition."""
        definition: dict[str, Any] = json.loads(self._text)
        return definition

    def states(self) -> Iterator[State]:
        """All states, those of branches and item processors too."""
        return _states(self.block)

    def state_at(self, place: str) -> State:
        """The state at a JSON pointer into the definition."""
        if not self._places:
            self._places.update({state.place: state for state in self.states()})
        return self._places[place]

    def start(
        self,
        input: Any = _NO_INPUT,
        *,
        identity: Identity | None = None,
        clock: Clock | None = None,
        randomness: Randomness | None = None,
        quotas: Quotas = AWS,
        history: bool = True,
        reader: ItemReader | None = None,
        writer: ResultWriter | None = None,
    ) -> Execution:
        """An execution at its beginning; `step` moves it.

        `input` is a JSON value, by default an empty object. The clock is the wall clock unless another is given.
        `reader` and `writer` serve distributed Maps.
        Raises TypeError or ValueError if the input is no JSON value.
        """
        execution = Execution(
            self,
            identity or _SOMEBODY,
            clock or SystemClock(),
            randomness or _RANDOMNESS,
            quotas,
            reader,
            writer,
        )
        execution.begin({} if input is _NO_INPUT else input, history)
        return execution

    def run(
        self,
        input: Any = _NO_INPUT,
        tasks: Perform | Mapping[str, Any] | None = None,
        *,
        executor: Executor | None = None,
        identity: Identity | None = None,
        clock: Clock | None = None,
        randomness: Randomness | None = None,
        quotas: Quotas = AWS,
        history: bool = True,
        reader: ItemReader | None = None,
        writer: ResultWriter | None = None,
    ) -> Execution:
        """Run to the end, and return the execution that has ended.

        `tasks` does the tasks: it gets a `TaskRequest` and returns the result, a `Later` or a `Submitted`, or raises
        `TaskFailed`; or it is the functions by their resources, as `Tasks` takes them. Tasks of parallel branches run
        side by side in `executor`; without one, one after the other. The clock is a virtual one unless another is
        given: waits take no time.
        Raises `Stalled` if only a callback that nobody sends could move the execution, and what a callable `tasks`
        raises besides ASL errors (`Tasks` makes errors of a function's exceptions, as Lambda does).
        """
        if isinstance(tasks, Mapping):
            from asl.tasks import Tasks

            tasks = Tasks(tasks)
        execution = self.start(
            input,
            identity=identity,
            clock=clock or VirtualClock(),
            randomness=randomness,
            quotas=quotas,
            history=history,
            reader=reader,
            writer=writer,
        )
        drive(execution, tasks, executor)
        return execution

    def resume(
        self,
        context: Mapping[str, Any],
        *,
        clock: Clock | None = None,
        randomness: Randomness | None = None,
        reader: ItemReader | None = None,
        writer: ResultWriter | None = None,
    ) -> Execution:
        """The execution that `Execution.context` was taken of. Raises `WrongMachine` if it ran another definition.

        The clock is the wall clock unless another is given. An execution that ran on a virtual clock wants one again:
        by the wall clock its deadlines may have passed long ago.
        """
        from asl.snapshot import restored

        return restored(self, context, clock or SystemClock(), randomness or SystemRandomness(), reader, writer)


def _states(block: Block) -> Iterator[State]:
    for state in block.states.values():
        yield state
        for child in state.children:
            yield from _states(child)


def load(definition: str | Mapping[str, Any]) -> Machine:
    """The machine of a definition: JSON text or the value of it. The same definition gives the same machine.

    Raises `InvalidDefinition`, with all findings, if Step Functions would refuse it.
    """
    from hashlib import sha256

    text = definition if isinstance(definition, str) else json.dumps(definition, ensure_ascii=False)
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    machine = _cache.get(digest)
    if machine is not None:
        _cache.move_to_end(digest)
        return machine
    findings = validate(text, advice=False)
    if any(finding.severity == "ERROR" for finding in findings):
        raise InvalidDefinition(refusal(findings), tuple(findings))
    machine = _cache[digest] = Machine(text, digest, json.loads(text))
    if len(_cache) > _CACHE_SIZE:
        _cache.popitem(last=False)
    return machine
