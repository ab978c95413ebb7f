"""The command line, called in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asl.cli.main import main

Ran = tuple[int, str, str]
"""Exit code, standard output, standard error."""
Run = Callable[..., Ran]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in an empty folder; `stdin` is what standard input holds."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, Any], str]:
    """Writes a file (text, or a value as JSON) into the folder; returns its name."""

    def write(name: str, content: Any) -> str:
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


@pytest.fixture
def machine() -> dict[str, Any]:
    """A task between two states; its Retry and Catch name errors that the tests throw."""
    return {
        "StartAt": "Rest",
        "States": {
            "Rest": {"Type": "Wait", "Seconds": 3600, "Next": "Call"},
            "Call": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "greet", "Payload.$": "$"},
                "OutputPath": "$.Payload",
                "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}],
                "Catch": [{"ErrorEquals": ["Refused"], "Next": "Give up"}],
                "End": True,
            },
            "Give up": {"Type": "Fail", "Error": "Refused", "Cause": "They said no."},
        },
    }
