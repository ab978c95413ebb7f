"""The workflows' case files: `workflows/NAME/cases/VERSION/*.json`, described by `workflows/cases.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.workflows.engine import Answer, Completion, Mocks

WORKFLOWS = Path(__file__).parents[2] / "workflows"


@dataclass(frozen=True)
class Expected:
    """How the execution must go; a `cause` of None is not compared (engines word time-outs differently)."""

    path: tuple[str, ...]
    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Case:
    """One case of one workflow version; `workflow` is its name as routes write it: `transfer/v1`."""

    workflow: str
    name: str
    description: str
    input: Mapping[str, Any]
    mocks: Mocks
    expected: Expected


def definition_of(workflow: str) -> dict[str, Any]:
    """The ASL of a workflow version."""
    definition: dict[str, Any] = json.loads((WORKFLOWS / f"{workflow}.asl.json").read_text("utf-8"))
    return definition


def case_paths() -> list[Path]:
    return sorted(WORKFLOWS.glob("*/cases/*/*.json"))


def load(path: Path) -> Case:
    """The case that a file describes; the file must be valid by the schema."""
    plain = json.loads(path.read_text("utf-8"))
    expected = plain["expected"]
    return Case(
        workflow=f"{path.parents[2].name}/{path.parent.name}",
        name=path.stem,
        description=plain["description"],
        input=plain["input"],
        mocks={state: _answers(entries) for state, entries in plain["tasks"].items()},
        expected=Expected(**{**expected, "path": tuple(expected["path"])}),
    )


def _answers(entries: list[dict[str, Any]]) -> list[Answer]:
    return [_answer(entry) for entry in entries for _ in range(entry.get("times", 1))]


def _answer(entry: Mapping[str, Any]) -> Answer:
    completion = Completion(**entry["completion"]) if entry.get("completion") else None
    return Answer(entry.get("result"), entry.get("error"), entry.get("cause", ""), completion)
