"""An execution as one JSON value, and back.

A value that stands in several places (an output is the next state's input, and both stand in the history) is written
once: `values` holds them, `{"value": N}` refers to them. So the text does not grow faster than what the execution
really holds, and a resumed execution shares what the first one shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from asl.clock import Clock, VirtualClock
from asl.errors import AslError
from asl.execution import Execution
from asl.expressions.expression import Randomness
from asl.frame import FAIL, TASK, Fork, Frame
from asl.history import Event, Log
from asl.identity import Identity
from asl.items.tolerance import Tolerance
from asl.quotas import Quotas
from asl.requests import TaskRequest

if TYPE_CHECKING:
    from asl.items.ports import ItemReader, ResultWriter
    from asl.machine import Machine

VERSION = 1


class WrongMachine(AslError):
    """A context of another definition, or written by a version of this package that this one does not understand."""


def taken(execution: Execution, history: bool) -> dict[str, Any]:
    """The context of an execution; see `Execution.context`."""
    values = _Values()
    frames = list(_tree(execution.root)) if not execution.done else []
    places = {id(frame): place for place, frame in enumerate(frames)}
    log = execution.log
    return {
        "version": VERSION,
        "machine": execution.machine.digest,
        "identity": asdict(execution.identity),
        "quotas": asdict(execution.quotas),
        "now": execution.now(),
        "status": execution.status,
        "input": values.put(execution.input),
        "output": values.put(execution.result),
        "error": execution.error,
        "cause": execution.cause,
        "startedAt": execution.started_at,
        "stoppedAt": execution.stopped_at,
        "tasksBegun": execution.tasks_begun,
        "eventCount": log.count,
        "recorded": log.events is not None,
        "events": [[*event[:3], *map(values.put, event[3:])] for event in log.events or ()] if history else None,
        "frames": [_frame_taken(frame, places, values) for frame in frames],
        "ready": [places[id(frame)] for frame in execution.ready if id(frame) in places],
        "timers": [[moment, places[id(frame)], phase] for moment, frame, phase in execution.timers.all()],
        "values": values.all,
    }


def restored(
    machine: Machine,
    context: Mapping[str, Any],
    clock: Clock,
    randomness: Randomness,
    reader: ItemReader | None,
    writer: ResultWriter | None,
) -> Execution:
    """The execution of a context; see `Machine.resume`."""
    if context.get("version") != VERSION or context.get("machine") != machine.digest:
        raise WrongMachine(
            f"The context is of machine {context.get('machine')}, form {context.get('version')}; this is machine "
            f"{machine.digest}, form {VERSION}. Load the definition that the execution was started with."
        )
    if isinstance(clock, VirtualClock):
        clock.pass_until(context["now"])
    identity, quotas = Identity(**context["identity"]), Quotas(**context["quotas"])
    execution = Execution(machine, identity, clock, randomness, quotas, reader, writer)
    get = _reading(context["values"])
    execution.input, execution.result = get(context["input"]), get(context["output"])
    execution.status, execution.error, execution.cause = context["status"], context["error"], context["cause"]
    execution.started_at, execution.stopped_at = context["startedAt"], context["stoppedAt"]
    execution.log = _log(execution, context, get)
    execution.tasks_begun = context["tasksBegun"]
    execution.set_deadline()
    frames: list[Frame] = []
    for record in context["frames"]:
        frames.append(_frame_restored(execution, record, frames, get))
    if frames:
        execution.root = frames[0]
    execution.ready.extend(frames[place] for place in context["ready"])
    execution.tasks.update({frame.task.id: frame for frame in frames if frame.phase == TASK and frame.task is not None})
    for moment, place, phase in context["timers"]:
        execution.timers.add(moment, frames[place], phase)
    return execution


# ---- values ------------------------------------------------------------------------------------


class _Values:
    """Objects and arrays, each once."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._places: dict[int, int] = {}

    def put(self, value: Any) -> Any:
        """A scalar as it is; an object or array as a reference."""
        if not isinstance(value, (dict, list)):
            return value
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self.all)
            self.all.append(value)
        return {"value": place}


def _reading(values: list[Any]) -> Any:
    def get(value: Any) -> Any:
        return values[value["value"]] if isinstance(value, dict) else value

    return get


# ---- frames ------------------------------------------------------------------------------------


def _tree(frame: Frame) -> Any:
    """A frame and all below it, parents first."""
    yield frame
    if frame.fork is not None:
        for child in frame.fork.running.values():
            yield from _tree(child)


def _has_own_log(frame: Frame) -> bool:
    return frame.parent is not None and frame.log is not frame.parent.log


def _frame_taken(frame: Frame, places: Mapping[int, int], values: _Values) -> dict[str, Any]:
    result = frame.result if frame.phase == FAIL else values.put(frame.result)
    record = {
        "parent": None if frame.parent is None else places[id(frame.parent)],
        "index": frame.index,
        "state": frame.state.place,
        "phase": frame.phase,
        "data": values.put(frame.data),
        "size": frame.size,
        "variables": values.put(frame.variables),
        "previous": frame.previous,
        "enteredAt": getattr(frame, "entered_at", None),
        "enteredId": getattr(frame, "entered_id", None),
        "enteredFrom": frame.event_before_entry() if hasattr(frame, "entered_id") else None,
        "retries": None if frame.retries is None else list(frame.retries.items()),
        "item": None if frame.item is None else [frame.item[0], values.put(frame.item[1])],
        "token": frame.token,
        "until": frame.until,
        "heartbeatUntil": frame.heartbeat_until,
        "resultSize": frame.result_size,
        "result": result,
        "task": None if frame.task is None else frame.task._asdict(),
        "fork": None if frame.fork is None else _fork_taken(frame.fork, values),
        "ownLog": [frame.log.count, frame.log.started_at] if _has_own_log(frame) else None,
    }
    return {name: value for name, value in record.items() if value is not None}


def _frame_restored(execution: Execution, record: Mapping[str, Any], frames: list[Frame], get: Any) -> Frame:
    parent = frames[record["parent"]] if "parent" in record else None
    log = execution.log if parent is None else parent.log
    if "ownLog" in record:
        count, started_at = record["ownLog"]
        log = Log(False, execution.log.limit, started_at)
        log.count = count
    state = execution.machine.state_at(record["state"])
    frame = Frame(execution, parent, state, get(record.get("data")), record["size"], log)
    frame.index, frame.phase, frame.previous = record["index"], record["phase"], record["previous"]
    frame.variables = get(record["variables"])
    frame.retries = dict(record["retries"]) if "retries" in record else None
    frame.item = (record["item"][0], get(record["item"][1])) if "item" in record else None
    frame.token, frame.until = record.get("token"), record.get("until")
    frame.heartbeat_until = record.get("heartbeatUntil")
    frame.result_size = record["resultSize"]
    frame.result = tuple(record["result"]) if frame.phase == FAIL else get(record.get("result"))
    frame.task = TaskRequest(**record["task"]) if "task" in record else None
    frame.fork = _fork_restored(record["fork"], get) if "fork" in record else None
    if "enteredId" in record:
        frame.entered_at, frame.entered_id = record["enteredAt"], record["enteredId"]
        frame.entered_from = record["enteredFrom"]
    if parent is not None and parent.fork is not None:
        parent.fork.running[frame.index] = frame
    return frame


def _fork_taken(fork: Fork, values: _Values) -> dict[str, Any]:
    return {
        "items": values.put(fork.items),
        "limit": fork.limit,
        "results": values.put(fork.results[: fork.next]),
        "next": fork.next,
        "error": fork.error,
        "failures": list(fork.failures),
        "tolerance": None if fork.tolerance is None else asdict(fork.tolerance),
        "lastEvent": fork.last_event,
        "run": fork.run,
    }


def _fork_restored(record: Mapping[str, Any], get: Any) -> Fork:
    fork = Fork(get(record["items"]), record["limit"])
    results = get(record["results"])
    fork.results[: len(results)] = results
    fork.next = record["next"]
    fork.error = None if record["error"] is None else tuple(record["error"])
    fork.failures = list(record["failures"])
    fork.tolerance = None if record["tolerance"] is None else Tolerance(**record["tolerance"])
    fork.last_event, fork.run = record["lastEvent"], record["run"]
    return fork


# ---- history -----------------------------------------------------------------------------------


def _log(execution: Execution, context: Mapping[str, Any], get: Any) -> Log:
    log = execution.new_log(context["recorded"])
    log.count = context["eventCount"]
    if log.events is not None:
        stored = context["events"] or ()
        log.missing = log.count - len(stored)
        log.events.extend(_event(event, get) for event in stored)
    return log


def _event(event: list[Any], get: Any) -> Event:
    return (*event[:3], *map(get, event[3:]))
