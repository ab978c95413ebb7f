"""Map: runs its item processor for each item; its result is the array of theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from asl.errors import QueryEvaluationError, RuntimeFailure
from asl.forking import begin_child, failed_with
from asl.frame import FORK, Fork
from asl.json_values import compact
from asl.states.data_flow import UNKNOWN, Conclude, compile_conclusion, compile_input_path
from asl.states.fields import Number, compile_number, whole
from asl.states.state import Block, State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame

Items = Callable[["Frame"], list[Any]]
Select = Callable[["Frame", int, Any], Any]


def compile_map(state: State, spec: Mapping[str, Any], jsonata: bool, processor: Block) -> None:
    """Compile a Map state, inline or distributed."""
    from asl.items.tolerance import integer_at

    items, select = compile_items(spec, jsonata), compile_selection(spec, jsonata)
    concurrency = compile_number(spec, "MaxConcurrency", jsonata, integer_at)
    conclude = compile_conclusion(spec, jsonata)
    if is_distributed(spec):
        from asl.states.distributed_map import compile_map_run

        compile_map_run(state, spec, jsonata, processor, items, select, concurrency, conclude)
    else:
        _compile_inline(state, processor, items, select, concurrency, conclude)


def is_distributed(spec: Mapping[str, Any]) -> bool:
    """Whether a Map runs its items as executions of their own."""
    processor = spec.get("ItemProcessor") or spec.get("Iterator") or {}
    return bool(processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED")


def _compile_inline(
    state: State, processor: Block, items: Items, select: Select | None, concurrency: Number | None, conclude: Conclude
) -> None:
    start, following, name = processor.start, state.next, state.name

    def perform(execution: Execution, frame: Frame) -> State | None:
        found = items(frame)
        at_once = most_at_once(concurrency, frame, execution.quotas.inline_concurrency)
        frame.previous = frame.log.add("MapStateStarted", frame.previous, execution.now(), len(found))
        frame.fork = fork = Fork(found, at_once)
        fork.last_event = frame.previous
        return pump(execution, frame)

    def pump(execution: Execution, frame: Frame) -> State | None:
        fork = frame.fork
        assert fork is not None
        if fork.error is not None:
            raise failed_with(fork)
        index = fork.next
        if index < fork.total and len(fork.running) < fork.limit:
            item = fork.items[index]
            data = item if select is None else select(frame, index, item)
            size = frame.size if select is None else UNKNOWN
            child = begin_child(execution, frame, index, start, frame.log, data, size)
            fork.next = index + 1
            child.item = (index, item)
            child.previous = frame.log.add("MapIterationStarted", frame.previous, execution.now(), name, index)
            return None
        if fork.running:
            frame.phase = FORK
            return None
        frame.fork = None
        frame.log.add("MapStateSucceeded", fork.last_event, execution.now())
        frame.previous = fork.last_event
        conclude(execution, frame, fork.results, UNKNOWN)
        return following

    state.perform, state.pump = perform, pump


def most_at_once(concurrency: Number | None, frame: Frame, most: int) -> int:
    """How many children may run at the same time; MaxConcurrency 0 means as many as possible."""
    wanted = 0 if concurrency is None else whole("MaxConcurrency", concurrency(frame))
    return min(wanted, most) if wanted > 0 else most


# ---- items -------------------------------------------------------------------------------------


def compile_items(spec: Mapping[str, Any], jsonata: bool) -> Items:
    """The array that the state goes over."""
    return _jsonata_items(spec) if jsonata else _jsonpath_items(spec)


def _jsonpath_items(spec: Mapping[str, Any]) -> Items:
    from asl.expressions.jsonpath import compile_flow_path

    enter = compile_input_path(spec)
    path = spec.get("ItemsPath", "$")
    find = None if path == "$" else compile_flow_path(path).evaluate
    shown = path.removeprefix("$") if path.startswith("$$") else path  # AWS names a context path by what follows `$`

    def items(frame: Frame) -> list[Any]:
        data = frame.data if enter is None else enter.evaluate(frame.data, frame)
        found = data if find is None else find(data, frame)
        if not isinstance(found, list):
            raise RuntimeFailure(f'Reference path "{shown}" must point to array.')
        return found

    return items


def _jsonata_items(spec: Mapping[str, Any]) -> Items:
    from asl.expressions.jsonata import States, compile_jsonata_template, compile_typed

    if "Items" not in spec:
        return _input_items
    if isinstance(spec["Items"], str):
        typed = compile_typed(spec["Items"], "Items", "array").evaluate
        return lambda frame: typed(States(frame.data), frame)
    evaluate = compile_jsonata_template(spec["Items"], "Items").evaluate
    return lambda frame: _array(evaluate(States(frame.data), frame))


def _input_items(frame: Frame) -> list[Any]:
    return _array(frame.data)


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise QueryEvaluationError(f"Map state input must be an array but was: {compact(value)}")
    return value


def compile_selection(spec: Mapping[str, Any], jsonata: bool) -> Select | None:
    """ItemSelector (or, as it was called, Parameters): what a child gets for its item; None: the item."""
    template = spec.get("ItemSelector", None if jsonata else spec.get("Parameters"))
    if template is None:
        return None
    evaluate = _selector(template, spec, jsonata)

    def select(frame: Frame, index: int, item: Any) -> Any:
        outer, frame.item = frame.item, (index, item)
        try:
            return evaluate(frame)
        finally:
            frame.item = outer

    return select


def _selector(template: Any, spec: Mapping[str, Any], jsonata: bool) -> Callable[[Frame], Any]:
    if jsonata:
        from asl.expressions.jsonata import States, compile_jsonata_template

        by_jsonata = compile_jsonata_template(template, "ItemSelector").evaluate
        return lambda frame: by_jsonata(States(frame.data), frame)
    from asl.expressions.templates import compile_template

    by_path = compile_template(template, "ItemSelector").evaluate
    enter = compile_input_path(spec)
    if enter is None:
        return lambda frame: by_path(frame.data, frame)
    return lambda frame: by_path(enter.evaluate(frame.data, frame), frame)
