"""A history as a table of plain text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_NARROWEST_DETAIL = 20
_HEADER = ("id", "time", "type", "state", "detail")


def history_table(history: Iterable[Mapping[str, Any]], width: int | None = None) -> str:
    """The events as rows of id, time since the first, type, state and a short detail; ends with a line feed.

    `history` is a list of events as GetExecutionHistory gives them, with timestamps as datetimes, ISO texts or seconds.
    States within a Map or Parallel are indented. Rows are cut to `width` columns (None: not at all).
    """
    events = sorted(history, key=lambda event: int(event.get("id", 0)))
    places = _places(events)
    begin = _seconds(events[0].get("timestamp")) if events else None
    rows = [
        (str(event.get("id", "")), _offset(event, begin), str(event.get("type", "")), place.label, _detail(event))
        for event, place in zip(events, places, strict=True)
    ]
    return _table([_HEADER, *rows], width)


# ---- the state of each event ----


@dataclass(frozen=True, slots=True)
class _Place:
    """A state that was entered, and what it is in."""

    name: str = ""
    type: str = ""
    around: _Place | None = None

    @property
    def label(self) -> str:
        depth, place = 0, self.around
        while place is not None and place.name:
            depth, place = depth + 1, place.around
        return "  " * depth + self.name

    def climb(self, fits: Callable[[_Place], bool]) -> _Place:
        """The nearest place, this one first, that fits; if none does, this one."""
        place: _Place | None = self
        while place is not None:
            if fits(place):
                return place
            place = place.around
        return self


_NOWHERE = _Place()


def _places(events: list[Mapping[str, Any]]) -> list[_Place]:
    """Where each event happened. Events of one branch are chained by `previousEventId`."""
    after: dict[Any, _Place] = {}
    found: list[_Place] = []
    for event in events:
        kind, name = str(event.get("type", "")), str(_details(event).get("name") or _details(event).get("state") or "")
        before = after.get(event.get("previousEventId"), _NOWHERE)
        place, onward = _place(kind, name, before)
        found.append(place)
        after[event.get("id")] = onward
    return found


def _place(kind: str, name: str, before: _Place) -> tuple[_Place, _Place]:
    """The place of an event, and the place in which the events after it are."""
    if kind.endswith("StateEntered"):
        place = _Place(name, kind.removesuffix("StateEntered"), before)
        return place, place
    if kind.endswith("StateExited"):
        place = before.climb(lambda around: around.name == name)
        return place, place.around or _NOWHERE
    if kind.startswith("Execution"):
        return _NOWHERE, before
    if kind.startswith(("MapIteration", "MapState", "MapRun", "ParallelState")):
        wanted = "Parallel" if kind.startswith("Parallel") else "Map"
        place = before.climb(lambda around: around.type == wanted and (not name or around.name == name))
        return place, place
    return (before if before.name else _Place(name)), before


# ---- time and detail ----


def _offset(event: Mapping[str, Any], begin: float | None) -> str:
    now = _seconds(event.get("timestamp"))
    if begin is None or now is None:
        return ""
    passed = now - begin
    if passed < 3600:
        return f"{passed:.3f}"
    minutes, seconds = divmod(round(passed), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _seconds(timestamp: Any) -> float | None:
    if isinstance(timestamp, datetime):
        return timestamp.timestamp()
    if isinstance(timestamp, int | float):
        return float(timestamp)
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except (TypeError, ValueError):
        return None


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((value for name, value in event.items() if name.endswith("EventDetails") and value), {})


def _detail(event: Mapping[str, Any]) -> str:
    details = _details(event)
    if "error" in details or "cause" in details:
        where = f" in {details['location']}" if "location" in details else ""
        return ": ".join(filter(None, [f"{details.get('error') or 'no error'}{where}", details.get("cause")]))
    parts = [_what(details), _size(details)]
    parts += [_json(details[field]) for field in ("parameters", "input", "output") if details.get(field) is not None]
    if details.get("assignedVariables"):
        parts.append("assigned " + _json(details["assignedVariables"]))
    return " ".join(filter(None, parts))


def _what(details: Mapping[str, Any]) -> str:
    """The resource that is called, or the Map Run that was started."""
    resource = str(details.get("resource") or details.get("mapRunArn") or "")
    if "resourceType" in details:
        return f"{details['resourceType']}:{resource}"
    return resource.rpartition(":function:")[2]


def _size(details: Mapping[str, Any]) -> str:
    if "index" in details:
        return f"#{details['index']}"
    return f"{details['length']} items" if "length" in details else ""


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


# ---- the table ----


def _table(rows: list[tuple[str, ...]], width: int | None) -> str:
    cells = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(columns_of(row[index]) for row in cells) for index in range(len(_HEADER) - 1)]
    used = sum(widths) + 2 * len(widths)
    left = None if width is None else max(width - used, _NARROWEST_DETAIL)
    lines = []
    for row in cells:
        fixed = [
            _filled(cell, size, right=index < 2) for index, (cell, size) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append("  ".join([*fixed, row[-1] if left is None else cut(row[-1], left)]).rstrip())
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """On one line, without what would move the cursor."""
    return "".join(char if char.isprintable() else " " for char in text)


def _filled(text: str, size: int, right: bool) -> str:
    space = " " * (size - columns_of(text))
    return space + text if right else text + space


def columns_of(text: str) -> int:
    """How many columns a terminal takes for the text: East Asian wide signs take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, columns: int) -> str:
    """The text, its end replaced by `…` if it takes more columns."""
    if columns_of(text) <= columns:
        return text
    taken, kept = 1, []
    for char in text:
        taken += _columns(char)
        if taken > columns:
            break
        kept.append(char)
    return "".join(kept) + "…"
