from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.asl.cli.conftest import Run

pytest.importorskip("asl.single_state")

Written = Callable[[str, Any], str]


@pytest.fixture
def definition(written: Written, machine: dict[str, Any]) -> str:
    return written("machine.json", machine)


def test_a_state_of_a_definition_is_tried_with_a_mocked_result(command: Run, definition: str) -> None:
    mock = json.dumps({"result": {"Payload": {"n": 1}}, "fieldValidationMode": "NONE"})
    assert command("test-state", definition, "--state", "Call", "--mock", mock) == (
        0,
        'SUCCEEDED\n{\n  "n": 1\n}\n',
        "",
    )


def test_a_caught_error_names_the_next_state(command: Run, definition: str) -> None:
    mock = json.dumps({"errorOutput": {"error": "Refused", "cause": "no"}})
    code, out, _ = command("test-state", definition, "--state", "Call", "--mock", mock)
    assert (code, out.splitlines()[:3]) == (1, ["CAUGHT_ERROR, next: Give up", "Refused", "no"])


def test_a_single_state_is_tried_alone_and_inspected(command: Run, written: Written) -> None:
    name = written("state.json", {"Type": "Pass", "InputPath": "$.a", "End": True})
    code, out, _ = command(
        "test-state", name, "--input", '{"a": {"b": 2}}', "--inspection-level", "DEBUG", "--format", "json"
    )
    response = json.loads(out)
    assert (code, response["output"], response["inspectionData"]["afterInputPath"]) == (0, {"b": 2}, {"b": 2})


def test_the_input_may_be_a_string(command: Run, written: Written) -> None:
    name = written("state.json", {"Type": "Pass", "End": True})
    assert command("test-state", name, "--input", '"a"')[1] == 'SUCCEEDED\n"a"\n'


def test_tasks_may_do_the_work(command: Run, definition: str, written: Written) -> None:
    written("task_of_state.py", "def perform(request):\n    return {'Payload': request.state}\n")
    code, out, _ = command("test-state", definition, "--state", "Call", "--tasks", "task_of_state:perform")
    assert (code, out) == (0, 'SUCCEEDED\n"Call"\n')


def test_a_definition_without_a_state_chosen_is_wrong_use(command: Run, definition: str) -> None:
    code, _, err = command("test-state", definition)
    assert (code, err.startswith("asl: machine.json: "), "--state NAME chooses a state" in err) == (2, True, True), err
