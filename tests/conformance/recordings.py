"""Answers recorded from AWS, where they are at hand: a folder outside the repository, with its scorer `run.py`.

The folder is ASL_CORPUS, or `shared/asl_corpus` beside the repository.
"""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("ASL_CORPUS") or ROOT.parent / "shared" / "asl_corpus")
ADAPTER = Path(__file__).with_name("adapter.py")
EXCEPTIONS: dict[str, str] = json.loads(Path(__file__).with_name("exceptions.json").read_text("utf-8"))
"""Case → why the engine's answer differs from the recorded one."""


@dataclass(frozen=True)
class Score:
    """How a case went: `outcome` is status, output, error and cause; `full` is every event and field too."""

    id: str
    kind: str
    needs: str
    outcome: bool
    full: bool
    notes: list[str]


def scores() -> list[Score]:
    """Every recorded case that needs no endpoint, scored."""
    scorer, adapter = _module("asl_corpus_run", FOLDER / "run.py"), _module("asl_conformance_adapter", ADAPTER)
    return [_score(scorer, adapter, case) for case in scorer.load(FOLDER) if case["kind"] in scorer.SCORERS]


def _score(scorer: Any, adapter: Any, case: dict[str, Any]) -> Score:
    result = scorer.SCORERS[case["kind"]](case, adapter)
    outcome = bool(result["outcome"])
    full = outcome and bool(result.get("history", True))
    return Score(case["id"], case["kind"], scorer.needs(case), outcome, full, result["notes"])


def executions() -> list[dict[str, Any]]:
    """Every recorded execution."""
    scorer = _module("asl_corpus_run", FOLDER / "run.py")
    return [case for case in scorer.load(FOLDER) if case["kind"] in ("execution", "sync")]


def _module(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
