"""What the engines run: a definition, its input, and the output that must come out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFINITIONS = Path(__file__).resolve().parent.parent / "asl_definitions"


@dataclass(frozen=True)
class Workload:
    """`transitions` is the number of states that one execution enters, those within Map and Parallel included."""

    name: str
    title: str
    transitions: int
    given: Any
    expected: Any
    answers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def definition(self) -> str:
        return definition(self.name)


def definition(name: str) -> str:
    return (DEFINITIONS / f"{name}.asl.json").read_text()


def items(count: int) -> list[dict[str, Any]]:
    """Input of the inline Map."""
    return [{"id": number, "file": {"name": f"file-{number}.csv", "size": 10 * number}} for number in range(count)]


def mapped(count: int) -> list[dict[str, Any]]:
    """Output of the inline Map."""
    return [{"id": number, "size": 10 * number, "state": {"ok": True}} for number in range(count)]


_ORDER = {"id": "A-1", "total": 12.5, "lines": [{"sku": "x", "count": 2}, {"sku": "y", "count": 1}]}

WORKLOADS = (
    Workload(
        "pass_chain",
        "20 Pass states",
        20,
        {"order": _ORDER},
        {"order": _ORDER, "first": {"sku": "x", "count": 2}, "seen": {"step": 20, "last": 17, "id": "A-1"}},
    ),
    Workload("choice_loop", "loop of 100", 201, {"count": 0, "limit": 100}, {"count": 100, "limit": 100}),
    Workload("inline_map", "Map of 1,000 × 2", 2001, {"items": items(1000)}, mapped(1000)),
    Workload(
        "parallel",
        "Parallel 10 × 3",
        31,
        {"id": "P-1"},
        [{"key": "P-1", "branch": number, "by": f"branch {number}"} for number in range(1, 11)],
    ),
    Workload(
        "jsonata_chain",
        "20 JSONata states",
        20,
        {"name": "run", "step": 2, "amount": 10, "lines": [{"price": 3}, {"price": 4.5}]},
        {"total": 30, "label": "run-30", "large": False, "price": 7.5, "last": 19},
    ),
    Workload(
        "tasks",
        "6 tasks, Retry, Catch",
        8,
        {"id": "T-1", "lines": [{"sku": "x", "count": 2}]},
        {
            "id": "T-1",
            "reservation": "R-1",
            "total": 120,
            "approved": "rule",
            "reason": "Declined",
            "notice": True,
        },
        json.loads((DEFINITIONS / "tasks.answers.json").read_text()),
    ),
)
