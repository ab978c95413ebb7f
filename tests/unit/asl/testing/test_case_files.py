"""Case files: how they are read, how a case runs and what is told of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import asl
from asl.testing import Answer, BadCase, Completion, Expected, TooManyCalls, differences, read_case, read_definition
from asl.testing import run_answers as run

ORDERS = asl.load(read_definition(Path(__file__).with_name("orders.asl.json")))
SMALL = {"Check": [Answer({"size": 1})]}
CASE: dict[str, Any] = {
    "description": "A small order is packed.",
    "definition": "orders.asl.json",
    "input": {"items": []},
    "tasks": {"Check": [{"result": {"size": 1}}]},
    "expected": {"path": ["Check", "Size", "Pack"], "status": "SUCCEEDED", "output": []},
}


def written(tmp_path: Path, **changes: Any) -> Path:
    path = tmp_path / "small.json"
    path.write_text(json.dumps({**CASE, **changes}), "utf-8")
    return path


# ---- reading -----------------------------------------------------------------------------------


def test_a_case_file_names_its_definition_or_lies_where_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "orders" / "cases" / "v1").mkdir(parents=True)
    definition = tmp_path / "orders" / "v1.asl.json"
    definition.write_text("{}")
    beside = {name: value for name, value in CASE.items() if name != "definition"}
    (tmp_path / "orders" / "cases" / "v1" / "small.json").write_text(json.dumps(beside))

    assert read_case(written(tmp_path)).definition == (tmp_path / "orders.asl.json").resolve()
    assert read_case(tmp_path / "orders" / "cases" / "v1" / "small.json").definition == definition.resolve()


def test_an_answer_may_stand_for_several(tmp_path: Path) -> None:
    tasks = {"Check": [{"error": "Busy", "times": 2}, {"result": 1, "completion": {"error": "No"}}]}

    assert read_case(written(tmp_path, tasks=tasks)).answers == {
        "Check": [Answer(error="Busy"), Answer(error="Busy"), Answer(1, completion=Completion(error="No"))]
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expect": {}}, "unknown: expect"),
        ({"tasks": {"Check": {"result": 1}}}, r"tasks.Check: there must be an array"),
        ({"tasks": {"Check": [{"result": 1, "error": "x"}]}}, r"tasks.Check\[0\]: there must be either"),
        ({"tasks": {"Check": [{"result": 1, "completion": {"result": 1}}]}}, "unknown: result"),
        ({"expected": {"status": "DONE"}}, "status must be one of"),
        ({"definition": None}, "its workflow is not at"),
    ],
)
def test_a_malformed_case_is_refused_with_the_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadCase, match=said):
        read_case(written(tmp_path, **changes))


def test_text_that_is_no_json_is_refused_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")

    with pytest.raises(BadCase, match=r"broken\.json: this is no JSON"):
        read_case(tmp_path / "broken.json")


def test_substitutions_of_functions_and_of_awss_parameters_are_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "v1.asl.json"
    path.write_text(json.dumps({"Resource": "${Pay.Arn}", "Role": "arn:${AWS::Partition}:x", "Topic": "${Topic}"}))

    assert json.loads(read_definition(path)) == {
        "Resource": "arn:aws:lambda:us-east-1:123456789012:function:Pay",
        "Role": "arn:aws:x",
        "Topic": "${Topic}",
    }


# ---- running -----------------------------------------------------------------------------------


def test_a_case_goes_the_way_that_its_answers_lead() -> None:
    outcome = run(ORDERS, {"items": [1, 2]}, {"Check": [Answer(error="Busy"), Answer({"size": 60})]})

    assert outcome.path[:4] == ("Check", "Check", "Size", "Pack")
    assert sorted(outcome.path[4:]) == ["Tired", "Tired", "Wrap", "Wrap"]
    assert (outcome.status, outcome.output) == ("SUCCEEDED", [1, 2])
    assert [call.payload for call in outcome.calls] == [{"items": [1, 2]}] * 2


def test_a_token_is_completed_fails_or_times_out() -> None:
    def approved(completion: Completion | None) -> tuple[str, str | None]:
        outcome = run(
            ORDERS,
            {"items": []},
            {"Check": [Answer({"size": 101})], "Approve": [Answer({"MessageId": "m"}, completion=completion)]},
        )
        return outcome.status, outcome.error

    assert approved(Completion({"ok": True})) == ("SUCCEEDED", None)
    assert approved(Completion(error="Rejected")) == ("FAILED", "Rejected")
    assert approved(None) == ("FAILED", "States.Timeout")


def test_a_call_that_the_case_does_not_answer_is_an_error() -> None:
    with pytest.raises(TooManyCalls, match="Check was called once more"):
        run(ORDERS, {"items": []}, {})


def test_the_history_is_there_to_look_at() -> None:
    execution = run(ORDERS, {"items": []}, SMALL).execution

    assert execution is not None
    assert execution.history()[-1]["type"] == "ExecutionSucceeded"


def test_differences_are_told_one_by_one() -> None:
    outcome = run(ORDERS, {"items": []}, {**SMALL, "Approve": [Answer()]})

    assert differences(Expected(None, "SUCCEEDED", []), run(ORDERS, {"items": []}, SMALL)) == []
    assert differences(Expected(("Check", "Sorry"), "FAILED", error="NoDeal"), outcome) == [
        "The path was Check → Size → Pack,\n  expected Check → Sorry.",
        'The status was "SUCCEEDED",\n  expected "FAILED".',
        "The output was [],\n  expected null.",
        'The error was null,\n  expected "NoDeal".',
        "Approve was not asked for 1 of its answers.",
    ]
