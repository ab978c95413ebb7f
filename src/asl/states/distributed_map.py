"""The distributed mode of Map: a Map Run whose items are executions of their own.

The children run in this process; they leave no events in the parent's history, see none of its variables, and a child's
failure counts against the tolerance. Items come from the state's input or from the supplied reader, results go into the
state's result or to the supplied writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from asl.clock import iso
from asl.errors import ExceedToleratedFailureThreshold, ItemReaderFailed, ResultWriterFailed, StateError
from asl.forking import begin_child
from asl.frame import FORK, Fork
from asl.history import Log
from asl.items.batching import batches
from asl.items.reading import map_items
from asl.items.tolerance import Tolerance, float_at, integer_at, tolerated_count, tolerated_percentage
from asl.items.writing import FAILED, SUCCEEDED, Child, ResultFiles, WriterConfig, preview
from asl.json_values import copied, taken
from asl.states.data_flow import UNKNOWN, Conclude
from asl.states.fields import Number, compile_number, whole
from asl.states.state import Block, State

if TYPE_CHECKING:
    from asl.execution import Execution
    from asl.frame import Frame

MOST_AT_ONCE = 10_000
"""Child executions of a Map Run that run at the same time (Developer Guide, "Quotas related to Map Runs")."""

Items = Callable[["Frame"], list[Any]]
Select = Callable[["Frame", int, Any], Any]
Field = Callable[["Frame"], Any]


def compile_map_run(
    state: State,
    spec: Mapping[str, Any],
    jsonata: bool,
    processor: Block,
    items: Items,
    select: Select | None,
    concurrency: Number | None,
    conclude: Conclude,
) -> None:
    """Compile a distributed Map."""
    read = _compile_reader(spec["ItemReader"], jsonata) if "ItemReader" in spec else None
    reader_fields = compile_reader_config(spec["ItemReader"], jsonata) if "ItemReader" in spec else None
    batch = compile_batcher(spec["ItemBatcher"], jsonata) if "ItemBatcher" in spec else None
    write = _compile_writer(spec["ResultWriter"], jsonata) if "ResultWriter" in spec else None
    tolerance = compile_tolerance(spec, jsonata)
    label = spec.get("Label") or state.name

    def perform(execution: Execution, frame: Frame) -> State | None:
        found = [] if read is not None else items(frame)
        frame.previous = frame.log.add("MapStateStarted", frame.previous, execution.now(), len(found))
        tolerated = tolerance(frame)
        at_once = whole("MaxConcurrency", concurrency(frame)) if concurrency is not None else 0
        fields = {} if reader_fields is None else reader_fields(frame)
        arn = _map_run_arn(execution, label)
        frame.previous = frame.log.add("MapRunStarted", frame.previous, execution.now(), arn)
        try:
            inputs = _inputs(execution, frame, read(execution, frame, fields) if read else iter(found), select, batch)
        except StateError as failure:
            raise _run_failed(execution, frame, failure) from None
        frame.fork = fork = Fork(inputs, at_once or MOST_AT_ONCE)
        fork.tolerance = tolerated
        fork.run = arn
        return pump(execution, frame)

    def pump(execution: Execution, frame: Frame) -> State | None:
        fork = frame.fork
        assert fork is not None
        if fork.tolerance.exceeded(len(fork.failures), fork.total):
            raise _run_failed(execution, frame, ExceedToleratedFailureThreshold())
        if fork.next < fork.total and len(fork.running) < fork.limit:
            _begin(execution, frame, fork, processor)
            return None
        if fork.running:
            frame.phase = FORK
            return None
        return finish(execution, frame, fork)

    def finish(execution: Execution, frame: Frame, fork: Fork) -> State | None:
        try:
            result = _results(execution, frame, fork, write)
        except StateError as failure:
            raise _run_failed(execution, frame, failure) from None
        frame.fork = None
        succeeded = frame.log.add("MapRunSucceeded", frame.previous, execution.now())
        frame.log.add("MapStateSucceeded", succeeded, execution.now())
        frame.previous = succeeded
        conclude(execution, frame, result, UNKNOWN)
        return state.next

    state.perform, state.pump = perform, pump


def _map_run_arn(execution: Execution, label: str) -> str:
    identity = execution.identity
    run = execution.randomness.uuid()
    return f"arn:aws:states:{identity.region}:{identity.account}:mapRun:{identity.machine}/{label}:{run}"


def _run_failed(execution: Execution, frame: Frame, failure: StateError) -> StateError:
    frame.previous = frame.log.add("MapRunFailed", frame.previous, execution.now(), failure.error, failure.cause)
    return failure


def _begin(execution: Execution, frame: Frame, fork: Fork, processor: Block) -> None:
    """Start the next child: an execution with a log of its own, which is counted and not kept."""
    index = fork.next
    data = fork.items[index]
    log = Log(False, execution.log.limit, execution.now())
    log.count = 1
    child = begin_child(execution, frame, index, processor.start, log, data, UNKNOWN)
    fork.next = index + 1
    child.previous = 0
    child.variables = {}


# ---- what goes in ------------------------------------------------------------------------------


def _inputs(
    execution: Execution, frame: Frame, items: Iterator[Any], select: Select | None, batch: Callable[..., Any] | None
) -> list[Any]:
    del execution
    selected = items if select is None else (select(frame, index, item) for index, item in enumerate(items))
    return list(selected if batch is None else batch(frame, selected))


def _item(value: Any) -> Any:
    """A reader's item as a value of our own."""
    try:
        return taken(value)[0]
    except (TypeError, ValueError) as problem:
        raise ItemReaderFailed(f"An item that was read is no JSON value: {problem}") from None


def compile_reader_config(spec: Mapping[str, Any], jsonata: bool) -> Callable[[Frame], Mapping[str, Any]]:
    """The fields of an ItemReader's ReaderConfig, with MaxItems evaluated."""
    config = spec.get("ReaderConfig", {})
    most = compile_number(config, "MaxItems", jsonata, integer_at)
    fixed = {name: value for name, value in config.items() if name not in ("MaxItems", "MaxItemsPath")}
    return lambda frame: fixed if most is None else fixed | {"MaxItems": most(frame)}


def _compile_reader(
    spec: Mapping[str, Any], jsonata: bool
) -> Callable[[Execution, Frame, Mapping[str, Any]], Iterator[Any]]:
    parameters = _compile_fields(spec, "Arguments" if jsonata else "Parameters", "ItemReader", jsonata)
    resource = spec["Resource"]

    def read(execution: Execution, frame: Frame, fields: Mapping[str, Any]) -> Iterator[Any]:
        if execution.reader is None:
            raise ItemReaderFailed(f"No item reader was supplied for {resource}: give one as `reader`.")
        items = map_items(execution.reader, resource, copied(parameters(frame) or {}), fields)
        return map(_item, items)

    return read


def compile_batcher(spec: Mapping[str, Any], jsonata: bool) -> Callable[[Frame, Iterator[Any]], Iterator[Any]]:
    """What an ItemBatcher makes of the items: batches, as the children get them."""
    most_items = compile_number(spec, "MaxItemsPerBatch", jsonata, integer_at)
    most_bytes = compile_number(spec, "MaxInputBytesPerBatch", jsonata, integer_at)
    batch_input = _compile_fields(spec, "BatchInput", "ItemBatcher", jsonata)

    def batch(frame: Frame, items: Iterator[Any]) -> Iterator[Any]:
        at_most = 0 if most_items is None else int(most_items(frame))
        at_most_bytes = 0 if most_bytes is None else int(most_bytes(frame))
        return batches(items, at_most, at_most_bytes, batch_input(frame))

    return batch


def compile_tolerance(spec: Mapping[str, Any], jsonata: bool) -> Callable[[Frame], Tolerance]:
    """ToleratedFailureCount and ToleratedFailurePercentage of a Map."""
    count = compile_number(spec, "ToleratedFailureCount", jsonata, integer_at)
    percentage = compile_number(spec, "ToleratedFailurePercentage", jsonata, float_at)
    return lambda frame: Tolerance(
        None if count is None else tolerated_count(whole("ToleratedFailureCount", count(frame))),
        None if percentage is None else tolerated_percentage(percentage(frame)),
    )


def _compile_fields(spec: Mapping[str, Any], field: str, inside: str, jsonata: bool) -> Field:
    if field not in spec:
        return lambda _frame: None
    if jsonata:
        from asl.expressions.jsonata import States, compile_jsonata_template

        by_jsonata = compile_jsonata_template(spec[field], f"{inside}/{field}").evaluate
        return lambda frame: by_jsonata(States(frame.data), frame)
    from asl.expressions.templates import compile_template

    by_path = compile_template(spec[field], field).evaluate
    return lambda frame: by_path(frame.data, frame)


# ---- what comes out ----------------------------------------------------------------------------


def _compile_writer(spec: Mapping[str, Any], jsonata: bool) -> tuple[Field, Mapping[str, Any] | None, bool]:
    parameters = _compile_fields(spec, "Arguments" if jsonata else "Parameters", "ResultWriter", jsonata)
    return parameters, spec.get("WriterConfig"), "Resource" in spec


def _results(
    execution: Execution, frame: Frame, fork: Fork, write: tuple[Field, Mapping[str, Any] | None, bool] | None
) -> Any:
    if write is None:
        failed = set(fork.failures)
        return [result for index, result in enumerate(fork.results) if index not in failed] if failed else fork.results
    parameters, fields, exported = write
    config = WriterConfig.of(fields, exported=exported)
    children = (_child(execution, fork, index) for index in range(fork.total))
    if not exported:
        return preview(children, config)
    if execution.writer is None:
        raise ResultWriterFailed("No result writer was supplied: give one as `writer`.")
    where = parameters(frame) or {}
    files = ResultFiles(execution.writer, where["Bucket"], where.get("Prefix"), fork.run, config)
    for child in children:
        files.add(child)
    return files.close()


def _child(execution: Execution, fork: Fork, index: int) -> Child:
    failed = index in fork.failures
    result = fork.results[index]
    identity = execution.identity.child_of(fork.run, index)
    moment = iso(execution.now())
    return Child(
        fork.items[index],
        FAILED if failed else SUCCEEDED,
        None if failed else result,
        result.get("Error") if failed else None,
        result.get("Cause") if failed else None,
        name=identity.execution,
        execution_arn=identity.execution_arn,
        state_machine_arn=identity.machine_arn,
        start_date=moment,
        stop_date=moment,
    )
