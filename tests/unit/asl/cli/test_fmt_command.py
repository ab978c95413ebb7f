from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.asl.cli.conftest import Run

Written = Callable[[str, Any], str]
UNTIDY = '{"States": {}, "StartAt": "Ä"}'
TIDY = '{\n  "StartAt": "Ä",\n  "States": {}\n}\n'


def test_without_an_option_the_text_goes_to_standard_output(command: Run, written: Written, tmp_path: Path) -> None:
    assert command("fmt", written("a.json", UNTIDY)) == (0, TIDY, "")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == UNTIDY


def test_check_names_what_is_not_formatted(command: Run, written: Written) -> None:
    untidy, tidy = written("a.json", UNTIDY), written("b.json", TIDY)
    assert command("fmt", "--check", untidy, tidy) == (1, "a.json: not formatted; `fmt --write a.json` does it\n", "")
    assert command("fmt", "--check", tidy) == (0, "", "")


def test_write_changes_only_what_is_not_formatted(command: Run, written: Written, tmp_path: Path) -> None:
    assert command("fmt", "--write", written("a.json", UNTIDY), written("b.json", TIDY)) == (0, "a.json\n", "")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == TIDY


def test_nothing_is_written_if_one_file_is_no_json(command: Run, written: Written, tmp_path: Path) -> None:
    code, _, err = command("fmt", "--write", written("a.json", UNTIDY), written("b.json", "{"))
    assert (code, err) == (2, "asl: b.json:1:2: the text ends too early; only JSON can be formatted\n")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == UNTIDY


def test_standard_input_is_formatted_to_standard_output(command: Run) -> None:
    assert command("fmt", "--write", "-", stdin=UNTIDY) == (0, TIDY, "")
