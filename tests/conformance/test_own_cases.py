"""The engine does in every one of the repository's own cases what the language's documentation says."""

from __future__ import annotations

from typing import Any

import pytest

import asl
from tests.conformance.own_cases import Answers, Case, cases, definition_of, options
from tests.unit.asl.reference.chance import Chance
from tests.unit.asl.resuming.endings import ending, written_history
from tests.unit.asl.resuming.walk import reloading, unchanged, walk

CASES = dict(cases())
VALID = [name for name, case in CASES.items() if "invalid" not in case["expected"]]
START = 1_735_689_600.0


@pytest.mark.parametrize("name", VALID)
def test_the_execution_goes_as_the_case_says(name: str) -> None:
    case = CASES[name]
    expected, answers = case["expected"], Answers(case)

    given = options(case)

    execution = asl.load(definition_of(case)).run(
        case.get("input", {}), answers, clock=asl.VirtualClock(START), randomness=Chance(), **given
    )

    check_ending(execution, expected)
    check_history(execution, expected)
    check_requests(answers, expected)
    assert given["writer"].written == expected.get("written", {})


def check_ending(execution: asl.Execution, expected: Case) -> None:
    status = expected.get("status", "SUCCEEDED")
    wanted = {"status": status} | {key: expected[key] for key in ("output", "error", "cause") if key in expected}
    assert {key: getattr(execution, key) for key in wanted} == wanted
    if status == "FAILED" and "error" not in expected:
        assert execution.error is None
    if "seconds" in expected:
        assert execution.stopped_at is not None
        assert execution.stopped_at - execution.started_at == expected["seconds"]


def check_history(execution: asl.Execution, expected: Case) -> None:
    history = execution.history()
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    assert all(event["previousEventId"] < event["id"] for event in history)
    if "events" in expected:
        assert [event["type"] for event in history] == expected["events"].split()
    for number, members in expected.get("details", {}).items():
        assert part_of(history[int(number) - 1], members) == members


def check_requests(answers: Answers, expected: Case) -> None:
    assert not answers.left
    if "requests" in expected:
        assert len(answers.requests) == len(expected["requests"])
        for request, members in zip(answers.requests, expected["requests"], strict=True):
            assert part_of(request._asdict(), members) == members


def part_of(value: Any, wanted: Any) -> Any:
    """What `value` has of the members that are wanted, at every depth."""
    if isinstance(value, dict) and isinstance(wanted, dict):
        return {key: part_of(value[key], wanted[key]) for key in wanted if key in value}
    return value


@pytest.mark.parametrize("name", sorted(CASES.keys() - VALID))
def test_the_definition_is_refused_in_the_words_of_the_case(name: str) -> None:
    case = CASES[name]
    with pytest.raises(asl.InvalidDefinition) as refusal:
        asl.load(definition_of(case))
    assert case["expected"]["invalid"] in str(refusal.value)


@pytest.mark.parametrize("name", VALID)
def test_stopping_at_every_transition_changes_nothing(name: str) -> None:
    case = CASES[name]
    machine, given = asl.load(definition_of(case)), options(case)
    ports = {"reader": given["reader"], "writer": given["writer"]}
    ends = []
    for store in (unchanged, reloading(machine, **ports)):
        begun = machine.start(
            case.get("input", {}), clock=asl.VirtualClock(START), randomness=Chance(), **options(case)
        )
        ends.append(walk(begun, Answers(case), store))

    assert ending(ends[1]) == ending(ends[0])
    assert written_history(ends[1]) == written_history(ends[0])


def test_every_case_has_a_name_of_its_own() -> None:
    assert len(CASES) == sum(1 for _ in cases())
