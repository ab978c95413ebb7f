"""In which order the slots of every row stand, and at which x (the second half of a layered drawing)."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise

from asl.graph.blocks import straighten
from asl.graph.layers import Slot

_SWEEPS = 12
_ROUNDS = 24
_STATE_GAP = 36.0
_LINE_GAP = 18.0


def place(rows: list[list[Slot]]) -> None:
    """Orders the rows so that few lines cross, and sets every slot's `x` so that lines are short and straight."""
    _order(rows)
    _spread(rows)
    straighten(rows, _distance)


def _order(rows: list[list[Slot]]) -> None:
    """Sorts each row by its neighbours' mean places, downwards and upwards in turn, and keeps the best order seen."""
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        for index in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            fixed = {id(slot): place for place, slot in enumerate(rows[index - 1 if down else index + 1])}
            _sort(rows[index], fixed, down)
        if (count := _crossings(rows)) < fewest:
            best, fewest = [list(row) for row in rows], count
    rows[:] = best


def _sort(row: list[Slot], fixed: dict[int, int], down: bool) -> None:
    wish: dict[int, float] = {}
    for place, slot in enumerate(row):
        near = [fixed[id(other)] for other, _ in (slot.above if down else slot.below)]
        wish[id(slot)] = sum(near) / len(near) if near else float(place)
    row.sort(key=lambda slot: wish[id(slot)])


def _crossings(rows: list[list[Slot]]) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        place = {id(slot): index for index, slot in enumerate(lower)}
        seen: list[int] = []
        for slot in upper:
            ends = sorted(place[id(other)] for other, _ in slot.below)
            total += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _spread(rows: list[list[Slot]]) -> None:
    for row in rows:
        _settle(row, [0.0] * len(row), [1.0] * len(row))
    for turn in range(_ROUNDS):
        both = turn >= _ROUNDS - 4
        for index in range(len(rows)):
            _pull(rows[index], above=True, below=both)
        for index in range(len(rows) - 1, -1, -1):
            _pull(rows[index], above=both, below=True)


def _pull(row: list[Slot], above: bool, below: bool) -> None:
    """Moves the slots of a row to where their neighbours pull them, as far as they have room."""
    wishes, weights = [], []
    for slot in row:
        near = (slot.above if above else []) + (slot.below if below else [])
        weight = sum(pull for _, pull in near)
        wishes.append(sum(other.x * pull for other, pull in near) / weight if weight else slot.x)
        weights.append(weight or 0.01)
    _settle(row, wishes, weights)


def _settle(row: list[Slot], wishes: Sequence[float], weights: Sequence[float]) -> None:
    gaps = [_distance(one, other) for one, other in pairwise(row)]
    for slot, x in zip(row, separated(wishes, weights, gaps), strict=True):
        slot.x = x


def _distance(one: Slot, other: Slot) -> float:
    """How far apart the middles of two neighbours must be."""
    return (one.width + other.width) / 2 + (_STATE_GAP if one.node and other.node else _LINE_GAP)


def separated(wishes: Sequence[float], weights: Sequence[float], gaps: Iterable[float]) -> list[float]:
    """The positions nearest to the wishes (least weighted squares) that keep the order and at least the gaps.

    With the gaps subtracted this is isotonic regression, solved by pooling neighbours that violate the order.
    """
    shifts = [0.0]
    for gap in gaps:
        shifts.append(shifts[-1] + gap)
    pools: list[tuple[float, float, int]] = []  # (mean, weight, how many)
    for wish, weight, shift in zip(wishes, weights, shifts, strict=False):
        mean, total, count = wish - shift, weight, 1
        while pools and pools[-1][0] > mean:
            before, heavy, many = pools.pop()
            mean = (mean * total + before * heavy) / (total + heavy)
            total, count = total + heavy, count + many
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + shift for mean, shift in zip(means, shifts, strict=False)]
