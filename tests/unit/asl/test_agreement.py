"""The engine and the naive evaluator agree on every random definition and input."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import assume, given, note
from hypothesis import strategies as st

import asl
from tests.unit.asl.reference import evaluator
from tests.unit.asl.reference.chance import Chance
from tests.unit.asl.reference.definitions import definitions
from tests.unit.asl.reference.expressions import inputs
from tests.unit.asl.reference.profile import PROFILE
from tests.unit.asl.reference.tasks import perform
from tests.unit.asl.reference.values import CAUSE

LOCATED = re.compile(r"An error occurred while executing the state .*\(entered at the event id #\d+\)\. .*", re.DOTALL)
WORDED = ("The specified tolerated failure threshold was exceeded",)


def run(definition: Mapping[str, Any], data: Any, **options: Any) -> asl.Execution:
    return asl.load(definition).run(data, perform, clock=asl.VirtualClock(), randomness=Chance(), **options)


def without_words(value: Any) -> Any:
    """The value with every cause that the engine worded itself replaced by the reference's mark."""
    if isinstance(value, dict):
        return {key: without_words(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_words(part) for part in value]
    return CAUSE if isinstance(value, str) and (LOCATED.fullmatch(value) or value in WORDED) else value


def quotes_a_cause(value: Any) -> bool:
    """Whether the reference's mark went into a longer text: then the texts cannot be compared."""
    if isinstance(value, dict):
        return any(quotes_a_cause(part) for part in value.values())
    if isinstance(value, list):
        return any(quotes_a_cause(part) for part in value)
    return isinstance(value, str) and CAUSE in value and value != CAUSE


@PROFILE
@given(definitions(), inputs())
def test_the_engine_ends_as_the_reference_does(definition: dict[str, Any], data: Any) -> None:
    note(json.dumps(definition))
    expected = evaluator.evaluate(definition, copy.deepcopy(data))
    assume(not expected.tied and not quotes_a_cause(expected.output) and not quotes_a_cause(expected.error))

    execution = run(definition, data, quotas=asl.UNLIMITED)

    assert (execution.status, without_words(execution.output), execution.error) == (
        expected.status,
        expected.output,
        expected.error,
    ), execution.cause
    assert without_words(execution.cause) == expected.cause or quotes_a_cause(expected.cause)


@PROFILE
@given(definitions(), inputs())
def test_recording_no_history_changes_nothing(definition: dict[str, Any], data: Any) -> None:
    recorded, silent = run(definition, data), run(definition, data, history=False)

    assert ending(silent) == ending(recorded)
    assert silent.history() == []
    assert silent.log.count == len(recorded.history())


@PROFILE
@given(definitions(), inputs())
def test_quotas_change_nothing_below_them(definition: dict[str, Any], data: Any) -> None:
    limited, free = run(definition, data), run(definition, data, quotas=asl.UNLIMITED)

    assert ending(free) == ending(limited)
    assert free.history() == limited.history()


@PROFILE
@given(definitions(), inputs())
def test_neither_the_input_nor_the_definition_changes(definition: dict[str, Any], data: Any) -> None:
    machine, before, given = asl.load(definition), copy.deepcopy(definition), copy.deepcopy(data)

    first = run(definition, data)
    output = copy.deepcopy(first.output)
    second = run(definition, data)

    assert typed(data) == typed(given)
    assert typed(definition) == typed(before) == typed(machine.definition)
    assert ending(second) == ending(first)
    assert typed(first.output) == typed(output)


@PROFILE
@given(definitions(), inputs(), st.randoms())
def test_what_a_task_does_with_its_parameters_or_its_result_has_no_effect(
    definition: dict[str, Any], data: Any, random: Any
) -> None:
    """GIVEN tasks that wreck what they were given and what they gave, THEN the execution ends as with decent ones."""
    given: list[Any] = []

    def wreck(request: asl.TaskRequest) -> Any:
        for value in given:
            value.clear()
        answer = copy.deepcopy(perform(request))
        for value in (request.parameters, answer):
            if isinstance(value, (dict, list)) and value is not answer:
                value.clear()
            elif isinstance(value, (dict, list)):
                given.append(value)
        return answer

    expected = run(definition, data)
    execution = asl.load(definition).run(data, wreck, clock=asl.VirtualClock(), randomness=Chance())

    assert ending(execution) == ending(expected)


def ending(execution: asl.Execution) -> tuple[Any, ...]:
    return execution.status, execution.output, execution.error, execution.cause


def typed(value: Any) -> str:
    """Equal only for values that are equal in type too: 1 is not 1.0 and not true."""
    return json.dumps(value)
