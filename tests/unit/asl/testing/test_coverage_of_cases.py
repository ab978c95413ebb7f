"""Coverage: which states, transitions, catchers and retriers executions reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import asl
from asl.testing import Answer, Completion, Coverage, read_definition, run_answers
from asl.testing.report import never_lines, summary_lines

ORDERS = read_definition(Path(__file__).with_name("orders.asl.json"))
BRANCHES = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "One", "States": {"One": {"Type": "Succeed"}}},
                {"StartAt": "a/b~c", "States": {"a/b~c": {"Type": "Pass", "End": True}}},
            ],
            "Retry": [{"ErrorEquals": ["States.ALL"]}],
            "Next": "Same",
        },
        "Same": {
            "Type": "Choice",
            "QueryLanguage": "JSONata",
            "Choices": [
                {"Condition": "{% $states.input[1].n = 1 %}", "Next": "Over", "Assign": {"n": 1}},
                {"Condition": "{% $states.input[1].n = 2 %}", "Next": "Over"},
            ],
            "Default": "Over",
        },
        "Over": {"Type": "Succeed"},
    },
}


def covered(*runs: tuple[Any, Mapping[str, Sequence[Answer]]], definition: Any = ORDERS) -> Coverage:
    coverage = Coverage(definition)
    for data, answers in runs:
        run_answers(coverage, data, answers)
    return coverage


def order(size: int, *before: Answer, items: int = 1) -> tuple[Any, Mapping[str, Sequence[Answer]]]:
    approval = [Answer({}, completion=Completion({}))] if size > 100 else []
    return {"items": [1] * items}, {"Check": [*before, Answer({"size": size})], "Approve": approval}


def never(coverage: Coverage) -> set[str]:
    return {way.pointer for way in coverage.never}


def test_everything_is_uncovered_before_anything_has_run() -> None:
    coverage = covered()

    assert (coverage.entered, coverage.percent) == ((), 0)
    assert len(coverage.never) == len(coverage.ways) == 20


def test_a_way_that_was_taken_is_counted() -> None:
    coverage = covered(order(1), order(1, Answer(error="Busy")))

    assert coverage.counts["/States/Check"] == 3
    assert coverage.counts["/States/Check/Retry/1"] == 1
    assert coverage.counts["/States/Check/Next"] == 2
    assert coverage.counts["/States/Pack/ItemProcessor/States/Tired/End"] == 2
    assert coverage.counts["/States/Pack/End"] == 2


def test_rules_with_the_same_target_and_the_default_are_told_apart() -> None:
    assert "/States/Size/Default" in never(covered(order(60), order(101)))
    assert "/States/Size/Choices/1" in never(covered(order(1), order(101)))
    assert not {"/States/Size/Default", "/States/Size/Choices/1"} & never(covered(order(1), order(60)))


@pytest.mark.parametrize(("n", "pointer"), [(1, "Choices/0"), (2, "Choices/1"), (3, "Default")])
def test_a_jsonata_choice_is_covered_rule_by_rule(n: int, pointer: str) -> None:
    coverage = covered(({"n": n}, {}), definition=BRANCHES)

    taken = {way.pointer for way in coverage.entered if way.state == "Same" and way.kind != "state"}
    assert taken == {f"/States/Same/{pointer}"}


def test_catchers_with_the_same_target_are_told_apart() -> None:
    coverage = covered(({"items": []}, {"Check": [Answer(error="Refused")]}))

    assert coverage.counts["/States/Check/Catch/0"] == 1
    assert {"/States/Check/Catch/1", "/States/Check/Next"} < never(coverage)


def test_a_retrier_that_allows_no_attempt_counts_when_an_error_meets_it() -> None:
    coverage = covered(({"items": []}, {"Check": [Answer(error="Refused")]}))

    assert coverage.counts["/States/Check/Retry/0"] == 1
    assert "/States/Check/Retry/1" in never(coverage)


def test_states_in_branches_are_covered_by_their_pointers() -> None:
    coverage = covered(({"n": 1}, {}), definition=BRANCHES)

    assert coverage.counts["/States/Both/Branches/1/States/a~1b~0c/End"] == 1
    assert never(coverage) == {"/States/Both/Retry/0", "/States/Same/Choices/1", "/States/Same/Default"}


def test_the_machine_of_a_coverage_runs_as_any_other() -> None:
    coverage, machine = Coverage(ORDERS), asl.load(ORDERS)
    tasks = asl.Tasks({"arn:aws:lambda:*:function:CheckFunction": lambda _order: {"size": 70}})
    runs = [
        each.run({"items": [1, 2]}, tasks, randomness=asl.SeededRandomness()) for each in (coverage.machine, machine)
    ]

    assert runs[0].history() == runs[1].history()


def test_only_what_runs_on_its_own_machine_counts() -> None:
    coverage = Coverage(asl.load(ORDERS))
    run_answers(asl.load(ORDERS), *order(1))

    assert coverage.percent == 0


def test_counts_of_another_process_are_added() -> None:
    here, there = covered(order(1)), covered(order(60))
    here.add({**there.counts, "/States/Gone": 1})

    assert never(here) == never(covered(order(1), order(60)))


def test_the_table_tells_shares_and_what_was_never_reached() -> None:
    coverage = covered(order(60))

    assert summary_lines({"orders": coverage}) == [
        "        states  transitions  catchers  retriers  cover",
        "orders  5/7     5/8          0/2       0/3       50 %",
    ]
    assert never_lines(coverage) == [
        "Check    never repeats on             Refused",
        "Check    never repeats on             Busy",
        "Check    never repeats on             States.Timeout",
        "Check    never catches for Sorry      Refused",
        "Check    never catches for Sorry      States.ALL",
        "Size     never chooses Approve        check.Payload.size > 100",
        "Size     never falls through to Pack  otherwise",
        "Approve  is never entered",
        "Sorry    is never entered",
    ]
