"""Straight lines: slots that one line joins are stacked into blocks, which move as one.

After Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001): segments that are stacked never
cross, so the blocks have an order from left to right. Unlike there, a slot's heaviest segment is stacked, not the
median one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from asl.graph.layers import Slot

_ROUNDS = 60


@dataclass(eq=False, slots=True)
class _Block:
    """Slots with the same x. `right` and `left` are the next blocks on each side, with their least distance."""

    slots: list[Slot]
    x: float = 0.0
    right: dict[_Block, float] = field(default_factory=dict)
    left: dict[_Block, float] = field(default_factory=dict)


def straighten(rows: list[list[Slot]], gap: Callable[[Slot, Slot], float]) -> None:
    """Moves every slot's `x` so that heavy lines are vertical. `gap` is the least distance of two middles."""
    blocks = _blocks(rows)
    of = {id(slot): block for block in blocks for slot in block.slots}
    for row in rows:
        for one, other in pairwise(row):
            upper, lower = of[id(one)], of[id(other)]
            distance = max(gap(one, other), upper.right.get(lower, 0.0))
            upper.right[lower] = lower.left[upper] = distance
    _settle(blocks)
    for _ in range(_ROUNDS):
        for block in blocks:
            _move(block, of)
    for block in blocks:
        for slot in block.slots:
            slot.x = block.x


def _blocks(rows: list[list[Slot]]) -> list[_Block]:
    place = {id(slot): index for row in rows for index, slot in enumerate(row)}
    segments = [(upper, lower, pull) for row in rows for upper in row for lower, pull in upper.below]
    segments = [segment for segment in segments if not _bends(*segment[:2])]
    segments.sort(key=lambda segment: (-segment[2], abs(segment[0].x - segment[1].x)))
    above: dict[int, Slot] = {}
    below: dict[int, Slot] = {}
    stacked: list[list[tuple[int, int]]] = [[] for _ in rows]
    for upper, lower, _ in segments:
        pair = (place[id(upper)], place[id(lower)])
        if id(upper) not in below and id(lower) not in above and not _crosses(stacked[upper.row], pair):
            below[id(upper)], above[id(lower)] = lower, upper
            insort(stacked[upper.row], pair)
    return [_Block(_stack(slot, below)) for row in rows for slot in row if id(slot) not in above]


def _bends(upper: Slot, lower: Slot) -> bool:
    """A line that turns round; and a catcher's, which goes off to the side also where it is the only one."""
    caught = upper.node is not None and lower.link is not None and lower.link.kind == "catch"
    return caught or upper.turn or lower.turn


def _crosses(stacked: list[tuple[int, int]], pair: tuple[int, int]) -> bool:
    """Stacked segments do not cross each other, so only the two beside the new one can cross it."""
    index = bisect_left(stacked, pair)
    before, after = stacked[index - 1 : index] if index else [], stacked[index : index + 1]
    return any(other[1] >= pair[1] for other in before) or any(other[1] <= pair[1] for other in after)


def _stack(slot: Slot, below: dict[int, Slot]) -> list[Slot]:
    found = [slot]
    while id(found[-1]) in below:
        found.append(below[id(found[-1])])
    return found


def _settle(blocks: list[_Block]) -> None:
    """Gives each block a place near its slots' that keeps the distances: between pushed right and pushed left."""
    wish = {block: sum(slot.x for slot in block.slots) / len(block.slots) for block in blocks}
    order = _sorted(blocks)
    rightmost: dict[_Block, float] = {}
    for block in order:
        rightmost[block] = max([wish[block], *(rightmost[other] + gap for other, gap in block.left.items())])
    leftmost: dict[_Block, float] = {}
    for block in reversed(order):
        leftmost[block] = min([wish[block], *(leftmost[other] - gap for other, gap in block.right.items())])
    for block in blocks:
        block.x = (rightmost[block] + leftmost[block]) / 2


def _sorted(blocks: Iterable[_Block]) -> list[_Block]:
    """From left to right: each block after all that stand on its left."""
    waiting = {block: len(block.left) for block in blocks}
    ready = [block for block, count in waiting.items() if not count]
    found: list[_Block] = []
    while ready:
        block = ready.pop()
        found.append(block)
        for other in block.right:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return found


def _move(block: _Block, of: dict[int, _Block]) -> None:
    """Moves a block to where its lines pull it, as far as its neighbours leave room."""
    near = [pair for slot in block.slots for pair in (*slot.above, *slot.below) if of[id(pair[0])] is not block]
    if not near:
        return
    wish = sum(of[id(slot)].x * pull for slot, pull in near) / sum(pull for _, pull in near)
    lowest = max((other.x + gap for other, gap in block.left.items()), default=-inf)
    highest = min((other.x - gap for other, gap in block.right.items()), default=inf)
    block.x = min(max(wish, lowest), highest)
