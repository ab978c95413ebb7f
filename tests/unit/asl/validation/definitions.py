"""Definitions with what is to be said of them: a data file for each part of the language.

A file is `{"given": {…}, "cases": [{"case", "machine" | "state", "type"?, "findings": […]}]}`, a finding being
`CODE: message at /place` (`…` for words of a parser). `state` stands as the only state `A`, over the fields of
`given`; `machine` is a whole definition.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Case = tuple[str, Any, dict[str, Any]]


def cases() -> list[Case]:
    """(name, definition, case) for each case of each file."""
    found: list[Case] = []
    for file in sorted(Path(__file__).parent.glob("*.json")):
        data = json.loads(file.read_text())
        for case in data["cases"]:
            found.append((f"{file.stem}: {case['case']}", _definition(data.get("given", {}), case), case))
    return found


def _definition(given: dict[str, Any], case: dict[str, Any]) -> Any:
    if "state" not in case:
        return case["machine"]
    state = {name: value for name, value in (given | case["state"]).items() if value != "<absent>"}
    return {"StartAt": "A", "States": {"A": state}}
