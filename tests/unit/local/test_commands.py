"""Other programs, and what an error of ours looks like on the command line."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.cli import app
from local.commands import CommandFailed, run_logged


def test_a_programs_lines_are_told_and_kept(tmp_path: Path) -> None:
    said: list[str] = []
    run_logged([sys.executable, "-c", "print('a'); print('b')"], tmp_path / "log", cwd=tmp_path, say=said.append)
    assert [line.strip() for line in said] == ["a", "b"]
    assert (tmp_path / "log").read_text().splitlines()[1:] == ["a", "b"]


def test_a_failure_shows_the_end_of_the_output_and_where_all_of_it_is(tmp_path: Path) -> None:
    script = "print('\\n'.join(f'line {n}' for n in range(100))); raise SystemExit('no such bucket')"
    with pytest.raises(CommandFailed) as failed:
        run_logged([sys.executable, "-c", script], tmp_path / "log", cwd=tmp_path)
    assert "no such bucket" in failed.value.what
    assert "line 99" in failed.value.what
    assert "line 10\n" not in failed.value.what
    assert failed.value.where == str(tmp_path / "log")


@pytest.mark.parametrize(
    "command", [["demo"], ["follow"], ["send", "x"], ["logs", "router"], ["invoke", "router", "x"]]
)
def test_a_system_that_does_not_run_is_told_with_what_to_do(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERRY_HOME", str(tmp_path))
    started = time.monotonic()
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "not running" in result.output
    assert "ferry up" in result.output
    assert time.monotonic() - started < 20


def test_down_is_content_when_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERRY_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["down"])
    assert result.exit_code == 0
    assert "nothing was running" in result.output


def test_a_bad_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERRY_PORT", "http")
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert "FERRY_PORT" in result.output
