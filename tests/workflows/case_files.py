"""The workflows' case files: `workflows/NAME/cases/VERSION/*.json`, described by `workflows/cases.schema.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from asl.testing import Case, read_case

WORKFLOWS = Path(__file__).parents[2] / "workflows"


def definition_of(workflow: str) -> dict[str, Any]:
    """The ASL of a workflow version, its substitutions still in it."""
    definition: dict[str, Any] = json.loads((WORKFLOWS / f"{workflow}.asl.json").read_text("utf-8"))
    return definition


def case_paths() -> list[Path]:
    return sorted(WORKFLOWS.glob("*/cases/*/*.json"))


def workflow_of(case: Case) -> str:
    """The name of the case's workflow as routes write it: `transfer/v1`."""
    return f"{case.definition.parent.name}/{case.definition.name.removesuffix('.asl.json')}"


def load(path: Path) -> Case:
    """The case that a file describes; the file must be valid by the schema."""
    return read_case(path)
