from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.asl.cli.conftest import Run
from tests.unit.asl.histories import history

Written = Callable[[str, Any], str]


@pytest.fixture
def definition(written: Written, machine: dict[str, Any]) -> str:
    return written("machine.json", machine)


def test_a_definition_is_drawn_as_mermaid_or_svg(command: Run, definition: str) -> None:
    assert command("graph", definition)[1].startswith("flowchart TD\n")
    assert ET.fromstring(command("graph", definition, "--format", "svg")[1]).get("role") == "img"


def test_the_name_of_the_output_chooses_the_format(command: Run, definition: str, tmp_path: Path) -> None:
    assert command("graph", definition, "-o", "out.svg") == (0, "", "")
    assert (tmp_path / "out.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_history_may_be_a_list_or_what_the_aws_command_line_writes(
    command: Run, written: Written, definition: str, wrapped: bool
) -> None:
    events = history("ExecutionStarted", "WaitStateEntered Rest")
    name = written("history.json", {"events": events} if wrapped else events)
    assert "● Rest" in command("graph", definition, "--history", name)[1]


def test_what_is_no_history_is_refused(command: Run, written: Written, definition: str) -> None:
    code, _, err = command("graph", definition, "--history", written("history.json", {"status": "SUCCEEDED"}))
    assert (code, err.startswith("asl: history.json: no history; give the output of")) == (2, True)


def test_an_output_that_cannot_be_written_is_named(command: Run, definition: str) -> None:
    code, _, err = command("graph", definition, "-o", "none/out.svg")
    assert (code, err.startswith("asl: none/out.svg: No such file or directory")) == (2, True)


def test_a_definition_that_is_no_object_is_refused(command: Run, written: Written) -> None:
    assert command("graph", written("m.json", []))[2] == "asl: m.json: a definition must be a JSON object\n"
