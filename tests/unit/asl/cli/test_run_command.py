from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.asl.cli.conftest import Run

Written = Callable[[str, Any], str]
GREETING = {"Call": {"Payload": {"text": "Grüezi"}}}


@pytest.fixture
def definition(written: Written, machine: dict[str, Any]) -> str:
    return written("machine.json", machine)


def test_an_execution_that_succeeds_shows_its_output(command: Run, written: Written, definition: str) -> None:
    assert command("run", definition, "--mock", written("mock.json", GREETING)) == (
        0,
        'SUCCEEDED\n{\n  "text": "Grüezi"\n}\n',
        "",
    )


def test_an_execution_that_fails_shows_its_error_and_is_exit_code_one(
    command: Run, written: Written, definition: str
) -> None:
    mock = written("mock.json", {"Call": [{"Throw": {"Error": "Busy"}}, {"Throw": {"Error": "Refused"}}]})
    assert command("run", definition, "--mock", mock) == (1, "FAILED\nRefused\nThey said no.\n", "")


def test_the_history_is_a_table(command: Run, written: Written, definition: str) -> None:
    _, out, _ = command("run", definition, "--history", "--mock", written("mock.json", GREETING))
    lines = out.splitlines()
    assert lines[0].split() == ["id", "time", "type", "state", "detail"]
    assert lines[3].split()[:4] == ["3", "1:00:00", "WaitStateExited", "Rest"]


def test_json_output_holds_the_history_which_graph_reads(command: Run, written: Written, definition: str) -> None:
    mock = written("mock.json", GREETING)
    _, out, _ = command("run", definition, "--mock", mock, "--format", "json", "--history", "json")
    result = json.loads(out)
    assert (result["status"], result["output"]) == ("SUCCEEDED", {"text": "Grüezi"})
    assert result["history"][0]["timestamp"] == "2025-01-01T00:00:00+00:00"
    code, drawn, _ = command("graph", definition, "--history", written("history.json", out))
    assert (code, "✓ Call" in drawn) == (0, True)


@pytest.mark.parametrize("form", ["text", "file", "stdin"])
def test_the_input_may_be_text_a_file_or_standard_input(command: Run, written: Written, form: str) -> None:
    definition = written("m.json", {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    given = {"text": '{"n": 1}', "file": "@" + written("input.json", '{"n": 1}'), "stdin": "-"}[form]
    assert command("run", definition, "--input", given, stdin='{"n": 1}')[1] == 'SUCCEEDED\n{\n  "n": 1\n}\n'


def test_a_test_case_of_a_mock_file_of_step_functions_local(command: Run, written: Written, definition: str) -> None:
    mocks = {
        "StateMachines": {"M": {"TestCases": {"Happy": {"Call": "Fine"}, "Sad": {"Call": "No"}}}},
        "MockedResponses": {
            "Fine": {"0": {"Return": {"Payload": 1}}},
            "No": {"0": {"Throw": {"Error": "Refused", "Cause": "x"}}},
        },
    }
    name = written("MockConfigFile.json", mocks)
    assert [command("run", definition, "--mock", f"{name}#M/{case}")[0] for case in ("Happy", "Sad")] == [0, 1]
    code, _, err = command("run", definition, "--mock", name)
    assert code == 2
    assert "say which test case: Happy, Sad; a test case is chosen by MockConfigFile.json#MACHINE/CASE" in err


def test_tasks_come_from_a_module_in_this_folder(
    command: Run, written: Written, definition: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    written("my_tasks.py", "def perform(request):\n    return {'Payload': request.parameters['FunctionName']}\n")
    assert command("run", definition, "--tasks", "my_tasks:perform")[1] == 'SUCCEEDED\n"greet"\n'


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("json", "give MODULE:NAME, for example my_tasks:perform"),
        ("no_such_module:x", "the module must be importable from here"),
        ("json:nothing", "the module must be importable from here"),
        ("json:__name__", "it is no callable, but str"),
    ],
)
def test_tasks_that_cannot_be_had_are_explained(command: Run, definition: str, option: str, message: str) -> None:
    code, _, err = command("run", definition, "--tasks", option)
    assert (code, message in err) == (2, True)


def test_a_task_that_nobody_does_is_named(command: Run, written: Written, definition: str) -> None:
    code, _, err = command("run", definition)
    assert (code, "'Call'" in err, "Give --mock FILE or --tasks MODULE:NAME" in err) == (2, True, True)
    code, _, err = command("run", definition, "--mock", written("mock.json", {}))
    assert (code, "state 'Call' is not mocked" in err) == (2, True)


def test_input_that_is_no_json_is_refused_with_its_place(command: Run, written: Written, definition: str) -> None:
    assert command("run", definition, "--input", "{n: 1}")[2].startswith("asl: --input:1:2: expected a name in quotes")
    name = written("input.json", '{\n"n": 1,}')
    assert command("run", definition, "--input", f"@{name}")[2].startswith("asl: input.json:2:8: a comma before '}'")


def test_a_definition_that_is_refused_names_the_line_of_its_first_error(
    command: Run, written: Written, machine: dict[str, Any]
) -> None:
    machine["States"]["Rest"]["Next"] = "Nowhere"
    code, _, err = command("run", written("bad.json", machine))
    assert (code, err.startswith("asl: bad.json:7:7: MISSING_TRANSITION_TARGET: ")) == (2, True), err
    assert err.endswith("`validate bad.json` lists all that is wrong\n")


def test_the_wall_clock_takes_its_time(command: Run, written: Written) -> None:
    wait = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}}
    _, out, _ = command("run", written("m.json", wait), "--wall-clock", "--history")
    assert float(out.splitlines()[3].split()[1]) >= 1
