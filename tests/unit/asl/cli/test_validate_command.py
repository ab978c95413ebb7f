from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.unit.asl.cli.conftest import Run

Written = Callable[[str, Any], str]


def test_a_good_definition_is_exit_code_zero(command: Run, written: Written, machine: dict[str, Any]) -> None:
    assert command("validate", written("a.json", machine)) == (0, "1 file: nothing found\n", "")


def test_findings_are_told_with_file_and_line(command: Run, written: Written, machine: dict[str, Any]) -> None:
    del machine["States"]["Call"]["Resource"]
    code, out, _ = command("validate", written("a.json", machine), written("b.json", machine))
    first, second, summary = out.splitlines()
    assert code == 1
    assert first.startswith("a.json:9:5: error ") and first.endswith(" (at /States/Call)")
    assert second.startswith("b.json:9:5: error ")
    assert summary == "2 files: 2 errors, 0 warnings"


def test_text_that_is_no_json_is_a_finding_with_its_place(command: Run) -> None:
    code, out, _ = command("validate", "-", stdin='{\n  "a" 1}')
    assert code == 1
    assert out.startswith("standard input:2:7: error INVALID_JSON_DESCRIPTION: expected ':' after the name")


def test_json_output_is_a_list(command: Run, written: Written, machine: dict[str, Any]) -> None:
    machine["StartAt"] = "Nowhere"
    code, out, _ = command("validate", "--format", "json", written("a.json", machine))
    found = json.loads(out)
    assert (code, {entry["severity"] for entry in found} >= {"ERROR"}) == (1, True)
    assert {"file", "line", "column", "severity", "code", "message", "location"} == set(found[0])


def test_warnings_count_only_when_they_are_asked_to(command: Run, written: Written, machine: dict[str, Any]) -> None:
    machine["States"]["Call"]["Retry"] = [{"ErrorEquals": ["Busy"]}, {"ErrorEquals": ["Busy"]}]
    name = written("a.json", machine)
    code, out, _ = command("validate", name)
    strict, _, _ = command("validate", "--strict", name)
    assert (code, strict, "warning" in out.splitlines()[0]) == (0, 1, True)
