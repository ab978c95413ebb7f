"""An execution can be put away after any transition and go on elsewhere as if nothing had happened."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import asl
from tests.unit.asl.reference.chance import Chance
from tests.unit.asl.reference.definitions import definitions
from tests.unit.asl.reference.expressions import inputs
from tests.unit.asl.reference.profile import PROFILE
from tests.unit.asl.reference.tasks import perform
from tests.unit.asl.resuming.endings import ending, written_history
from tests.unit.asl.resuming.walk import World, advance, reloading, walk

PLACES = json.loads(Path(__file__).with_name("places.json").read_text("utf-8"))
INPUT = {"items": [1, 2, 3], "n": 2}


def start(definition: Any, data: Any = INPUT) -> asl.Execution:
    return asl.load(definition).start(data, clock=asl.VirtualClock(), randomness=Chance())


@pytest.mark.parametrize("place", PLACES)
def test_stopping_at_every_transition_changes_nothing_of(place: str) -> None:
    definition = PLACES[place]
    expected = walk(start(definition), perform)

    resumed = walk(start(definition), perform, reloading(asl.load(definition)))

    assert ending(resumed) == ending(expected)
    assert written_history(resumed) == written_history(expected)


@PROFILE
@given(definitions(), inputs())
def test_stopping_at_every_transition_changes_nothing_of_any_execution(definition: dict[str, Any], data: Any) -> None:
    expected = walk(start(definition, data), perform)

    resumed = walk(start(definition, data), perform, reloading(asl.load(definition)))

    assert ending(resumed) == ending(expected)
    assert written_history(resumed) == written_history(expected)


@pytest.mark.parametrize("place", PLACES)
def test_stepping_ends_as_running_does(place: str) -> None:
    definition = PLACES[place]

    stepped = walk(start(definition), perform)
    run = asl.load(definition).run(INPUT, perform, clock=asl.VirtualClock(), randomness=Chance())

    assert ending(stepped) == ending(run)
    assert sorted(event["type"] for event in stepped.history()) == sorted(event["type"] for event in run.history())


@pytest.mark.parametrize("place", PLACES)
def test_histories_stored_piece_by_piece_make_the_whole_history(place: str) -> None:
    """GIVEN contexts without history, and the events of each piece kept outside."""
    machine = asl.load(PLACES[place])
    expected = walk(start(PLACES[place]), perform)
    pieces: list[dict[str, Any]] = []

    def store(execution: asl.Execution) -> asl.Execution:
        pieces.extend(written_history(execution))
        context = json.loads(json.dumps(execution.context(history=False)))
        return machine.resume(context, clock=asl.VirtualClock(0.0), randomness=execution.randomness)

    resumed = walk(start(PLACES[place]), perform, store)

    pieces.extend(event for event in written_history(resumed) if event["id"] > len(pieces))
    assert ending(resumed) == ending(expected)
    assert pieces == written_history(expected)


@pytest.mark.parametrize(
    ("place", "transitions"), [("retry", 2), ("inline Map", 9), ("Parallel", 6), ("distributed Map", 5)]
)
def test_another_process_goes_on_where_this_one_stopped(place: str, transitions: int) -> None:
    definition, world = PLACES[place], World()
    expected = walk(start(definition), perform)
    execution = start(definition)
    for _ in range(transitions):
        advance(execution, perform, world)
    assert not execution.done

    given = {"definition": definition, "context": execution.context(), "world": world.as_json(), "begun": 0}
    given["begun"] = execution.randomness.given_out
    answer = subprocess.run(
        [sys.executable, "-m", "tests.unit.asl.resuming.elsewhere"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(answer.stdout) == {"ending": ending(expected), "history": written_history(expected)}


@pytest.mark.parametrize("place", PLACES)
def test_a_context_is_json_and_taking_it_changes_nothing(place: str) -> None:
    execution, world = start(PLACES[place]), World()
    while not execution.done:
        context = execution.context()
        assert json.loads(json.dumps(context)) == json.loads(json.dumps(execution.context()))
        advance(execution, perform, world)
    assert ending(execution) == ending(walk(start(PLACES[place]), perform))


def test_a_resumed_execution_gives_its_open_tasks_out_again() -> None:
    machine = asl.load(PLACES["open task"])
    execution = machine.start(INPUT, clock=asl.VirtualClock())
    (request,) = [request for request in execution.step() if isinstance(request, asl.TaskRequest)]

    resumed = machine.resume(execution.context(), clock=asl.VirtualClock())

    assert request in resumed.step()
    resumed.succeed(request.id, 7)
    assert resumed.step() == ()
    assert resumed.output == 7


def test_an_execution_that_is_done_can_be_stored_too() -> None:
    machine = asl.load(PLACES["wait"])
    execution = machine.run(INPUT)

    resumed = machine.resume(json.loads(json.dumps(execution.context())))

    assert (resumed.done, resumed.step(), ending(resumed)) == (True, (), ending(execution))
    assert resumed.history() == execution.history()


def test_a_context_of_another_machine_is_refused() -> None:
    context = asl.load(PLACES["wait"]).start().context()

    with pytest.raises(asl.AslError, match="Load the definition"):
        asl.load(PLACES["retry"]).resume(context)


def test_what_is_done_with_a_stored_context_has_no_effect_on_the_execution() -> None:
    machine = asl.load(PLACES["inline Map"])
    execution, world = machine.start(INPUT, clock=asl.VirtualClock()), World()
    for _ in range(4):
        advance(execution, perform, world)
    before = json.dumps(execution.context())

    resumed = walk(
        machine.resume(execution.context(), clock=asl.VirtualClock(), randomness=Chance()), perform, world=World()
    )

    assert resumed.status == "SUCCEEDED"
    assert json.dumps(execution.context()) == before
