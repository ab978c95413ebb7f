"""Histories for tests, written as short lines."""

from __future__ import annotations

from typing import Any


def history(*lines: str) -> list[dict[str, Any]]:
    """Events in GetExecutionHistory's form from lines `Type [name or error] [<previous id]`; a second apart.

    The event before is the previous one unless the line says otherwise.
    """
    return [_event(number, line) for number, line in enumerate(lines, start=1)]


def _event(number: int, line: str) -> dict[str, Any]:
    words, _, previous = line.partition(" <")
    kind, _, word = words.partition(" ")
    event: dict[str, Any] = {
        "id": number,
        "previousEventId": int(previous) if previous else (0 if number <= 2 else number - 1),
        "timestamp": f"2026-01-01T00:00:{number - 1:02}+00:00",
        "type": kind,
    }
    if word:
        event |= {_details(kind): {_member(kind): word}}
    return event


def _details(kind: str) -> str:
    for suffix in ("StateEntered", "StateExited"):
        if kind.endswith(suffix):
            return f"{suffix[0].lower()}{suffix[1:]}EventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def _member(kind: str) -> str:
    if kind == "EvaluationFailed":
        return "state"
    return "name" if kind.endswith(("Entered", "Exited")) or kind.startswith("MapIteration") else "error"
