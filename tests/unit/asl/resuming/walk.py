"""An execution driven one transition at a time, so that it can be put away and taken out again after each.

What is outside (tasks that were begun, results that are on their way) is kept in a `World`, a JSON value as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import asl

Perform = Callable[[asl.TaskRequest], Any]
Store = Callable[[asl.Execution], asl.Execution]
"""Puts an execution away and gives the one to go on with."""


@dataclass
class World:
    """`begun` are the ids of tasks that were begun; `arrivals` are [moment, id, whether it failed, what it gave]."""

    begun: list[str] = field(default_factory=list)
    arrivals: list[list[Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def unchanged(execution: asl.Execution) -> asl.Execution:
    """A `Store` that does nothing."""
    return execution


def reloading(machine: asl.Machine, **ports: Any) -> Store:
    """A `Store` that writes the execution as JSON text and resumes it from there, with a clock that was reset."""

    def store(execution: asl.Execution) -> asl.Execution:
        text = json.dumps(execution.context(), allow_nan=False)
        return machine.resume(json.loads(text), clock=asl.VirtualClock(0.0), randomness=execution.randomness, **ports)

    return store


def walk(
    execution: asl.Execution, tasks: Perform, store: Store = unchanged, world: World | None = None
) -> asl.Execution:
    """Drive an execution to its end, or until only a callback that nobody sends could move it."""
    world = world or World()
    while not execution.done and advance(execution, tasks, world):
        execution = store(execution)
    return execution


def advance(execution: asl.Execution, tasks: Perform, world: World) -> bool:
    """One transition, and what is to be done outside after it. False if nothing here can move the execution."""
    requests = execution.step(transitions=1)
    new = [request for request in requests if isinstance(request, asl.TaskRequest) and request.id not in world.begun]
    for request in new:
        world.begun.append(request.id)
        begin(execution, request, tasks, world)
    if execution.done or execution.ready or new:
        return True
    moments = [request.until for request in requests if isinstance(request, asl.Timer)]
    moments += [arrival[0] for arrival in world.arrivals]
    if not moments:
        return False
    execution.clock.pass_until(min(moments))
    deliver(execution, world)
    return True


def begin(execution: asl.Execution, request: asl.TaskRequest, tasks: Perform, world: World) -> None:
    if ":activity:" in request.resource:
        execution.started(request.id)
    try:
        outcome = tasks(request)
    except asl.TaskFailed as failure:
        outcome = failure
    now = execution.now()
    if isinstance(outcome, asl.Later):
        arrive(world, now + outcome.seconds, request.id, outcome.result)
    elif isinstance(outcome, asl.Submitted):
        execution.submitted(request.id, outcome.response)
        if outcome.has_result:
            arrive(world, now + outcome.after, request.id, outcome.result)
    else:
        arrive(world, now, request.id, outcome)
        deliver(execution, world)


def arrive(world: World, moment: float, task: str, outcome: Any) -> None:
    if isinstance(outcome, asl.TaskFailed):
        world.arrivals.append([moment, task, True, [outcome.error, outcome.cause]])
    else:
        world.arrivals.append([moment, task, False, outcome])


def deliver(execution: asl.Execution, world: World) -> None:
    """Report what has arrived by now, in the order of time."""
    due = sorted(
        (arrival for arrival in world.arrivals if arrival[0] <= execution.now()), key=lambda arrival: arrival[0]
    )
    world.arrivals = [arrival for arrival in world.arrivals if arrival not in due]
    for _moment, task, failed, outcome in due:
        try:
            if failed:
                execution.fail(task, *outcome)
            else:
                execution.succeed(task, outcome)
        except asl.UnknownTask:
            continue  # it timed out, or its branch was ended
