"""Coverage as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from asl.testing.coverage import Coverage, Way

_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("states", ("state",)),
    ("transitions", ("next", "end", "choice", "default")),
    ("catchers", ("catch",)),
    ("retriers", ("retry",)),
)
_WORDS = {"state": "is never entered", "end": "never ends well", "next": "never leads to", "retry": "never repeats on"}
_WIDEST = 72


def summary_lines(coverages: Mapping[str, Coverage]) -> list[str]:
    """A table with a line for each definition: how many of its states and ways were taken, in all and in percent."""
    rows = [["", *(name for name, _ in _GROUPS), "cover"]]
    for name, coverage in coverages.items():
        rows.append([name, *(_share(coverage, kinds) for _, kinds in _GROUPS), f"{coverage.percent:.0f} %"])
    return _aligned(rows)


def never_lines(coverage: Coverage) -> list[str]:
    """A table of what was never entered or taken, in the definition's order; of a state never entered, only that."""
    never = coverage.never
    unseen = {way.pointer for way in never if way.kind == "state"}
    shown = [way for way in never if way.kind == "state" or _state_pointer(way) not in unseen]
    return _aligned([[way.state, *_told(way)] for way in shown])


def _share(coverage: Coverage, kinds: Sequence[str]) -> str:
    ways = [way for way in coverage.ways if way.kind in kinds]
    return f"{sum(coverage.counts[way.pointer] > 0 for way in ways)}/{len(ways)}" if ways else "-"


def _state_pointer(way: Way) -> str:
    """`/States/Ask/Catch/0` → `/States/Ask`."""
    return way.pointer.rsplit("/", 1 if way.kind in ("next", "end", "default") else 2)[0]


def _told(way: Way) -> tuple[str, str]:
    label = way.label if len(way.label) <= _WIDEST else f"{way.label[: _WIDEST - 1]}…"
    if way.kind in ("choice", "catch", "default"):
        what = {"choice": "never chooses", "catch": "never catches for", "default": "never falls through to"}[way.kind]
        return f"{what} {way.target}", label
    if way.kind == "next":
        return f"{_WORDS['next']} {way.target}", ""
    return _WORDS[way.kind], label


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    rows = list(rows)
    widths = [max((len(cell) for cell in column), default=0) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
