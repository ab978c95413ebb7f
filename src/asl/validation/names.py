"""Names that must be unique or short: of states and of Map labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .findings import Findings

Machines = Iterable[tuple[dict[str, Any], str]]


def check_names(machines: Machines, findings: Findings) -> None:
    """States' names are unique in the whole definition and have at most 80 characters; labels are unique."""
    seen: set[str] = set()
    labels: set[str] = set()
    for machine, location in machines:
        for name, state in machine["States"].items():
            here = f"{location}/States/{name}"
            if len(name) > 80:
                findings.error(
                    f"Invalid State name: State '{name}' exceeds the 80-character limit allowed by the service",
                    here,
                    "INVALID_STATE_NAME",
                )
            if name in seen:
                findings.error(f"Duplicate State name: {name}", here, "DUPLICATE_STATE_NAME")
            seen.add(name)
            if type(state) is dict:
                _check_label(state, here, labels, findings)


def _check_label(state: Mapping[str, Any], location: str, labels: set[str], findings: Findings) -> None:
    label = state.get("Label")
    if type(label) is not str:
        return
    if label in labels:
        findings.error(f"Duplicate Label name: {label}", f"{location}/Label", "DUPLICATE_LABEL_NAME")
    labels.add(label)
