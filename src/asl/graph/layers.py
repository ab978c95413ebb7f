"""Which row every state stands in, and through which places each line passes (the first half of a layered drawing).

States stand in even rows; odd rows are the gaps between them, where the lines' labels stand. A line that passes a row
has a slot there. A line that leads back up leaves downwards like all others, turns in the gap below, climbs beside the
rows and turns into its target from the gap above.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from asl.graph.links import Link, links
from asl.graph.model import Graph, Node

_WEIGHTS = {"next": 8.0, "choice": 4.0, "default": 4.0, "catch": 1.0}
_STRAIGHT = 4.0  # how much more two slots of one line pull at each other than a state and a slot


@dataclass(eq=False, slots=True)
class Slot:
    """A place in a row: a state, a passing line, perhaps with its label, or (without `node` and `link`) the start's dot
    and line.

    `x` is the middle; `y` and `height` of a state, for others the row's.
    """

    row: int
    node: Node | None = None
    link: Link | None = None
    width: float = 0.0
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0
    labels: tuple[str, ...] = ()
    turn: bool = False
    """Here a line that leads back up turns round: it runs horizontally."""
    above: list[tuple[Slot, float]] = field(default_factory=list)
    below: list[tuple[Slot, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Route:
    """A line: the slots from its source to its target in its direction; `back` if it leads to the same row or up."""

    link: Link | None
    slots: tuple[Slot, ...]
    back: bool = False


@dataclass(slots=True)
class Layers:
    rows: list[list[Slot]] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)

    def add(self, slot: Slot) -> Slot:
        while len(self.rows) <= slot.row:
            self.rows.append([])
        self.rows[slot.row].append(slot)
        return slot


def layers(graph: Graph) -> Layers:
    """The rows of one graph, each in a first order, and the routes of its lines."""
    lines = links(graph)
    order = _depth_first(graph, lines)
    backward = _backward(order, lines)
    rows = _rows(order, [line for line in lines if line not in backward])
    result = Layers()
    places = {name: result.add(Slot(2 + 2 * rows[name], node)) for name, node in order.items()}
    if graph.start is not None:
        start = result.add(Slot(0, width=12.0, height=12.0))
        way = [result.add(Slot(row)) for row in range(1, places[graph.start].row)]
        result.routes.append(_joined(Route(None, (start, *way, places[graph.start]))))
    lanes: dict[tuple[str, int], Slot] = {}
    for line in sorted(lines, key=lambda line: line.kind == "catch"):
        source, target = places[line.source], places[line.target]
        down = target.row > source.row
        slots = _down(line, source, target, lanes, result) if down else _back(line, source, target, result)
        result.routes.append(_joined(Route(line, tuple(slots), not down)))
    return result


def _depth_first(graph: Graph, lines: list[Link]) -> dict[str, Node]:
    """The states in the order in which a walk from the start enters them; those out of reach last."""
    nodes = {node.id: node for node in graph.nodes}
    after: dict[str, list[str]] = {name: [] for name in nodes}
    for line in lines:
        after[line.source].append(line.target)
    found: dict[str, Node] = {}
    for root in [graph.start, *nodes] if graph.start is not None else [*nodes]:
        stack = [root]
        while stack:
            name = stack.pop()
            if name not in found:
                found[name] = nodes[name]
                stack += reversed(after[name])
    return found


def _backward(order: dict[str, Node], lines: list[Link]) -> set[Link]:
    """The lines that close a cycle: those that lead to a state from which the walk has not yet returned."""
    after: dict[str, list[Link]] = {name: [] for name in order}
    for line in lines:
        after[line.source].append(line)
    found: set[Link] = set()
    done: set[str] = set()
    for root in order:
        stack: list[tuple[str, Iterator[Link]]] = [(root, iter(after[root]))] if root not in done else []
        path = {root}
        while stack:
            name, rest = stack[-1]
            onward = next(rest, None)
            if onward is None:
                stack.pop()
                path.discard(name)
                done.add(name)
            elif onward.target in path:
                found.add(onward)
            elif onward.target not in done:
                path.add(onward.target)
                stack.append((onward.target, iter(after[onward.target])))
    return found


def _rows(order: dict[str, Node], forward: list[Link]) -> dict[str, int]:
    """For every state the longest way to it."""
    waiting = dict.fromkeys(order, 0)
    after: dict[str, list[str]] = {name: [] for name in order}
    for line in forward:
        waiting[line.target] += 1
        after[line.source].append(line.target)
    rows = dict.fromkeys(order, 0)
    ready = [name for name, count in waiting.items() if not count]
    while ready:
        name = ready.pop()
        for target in after[name]:
            rows[target] = max(rows[target], rows[name] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return rows


def _down(line: Link, source: Slot, target: Slot, lanes: dict[tuple[str, int], Slot], into: Layers) -> Iterator[Slot]:
    """Catchers' lines with the same target share their slots after the first: they join into one lane."""
    yield source
    yield into.add(Slot(source.row + 1, link=line, labels=line.labels))
    for row in range(source.row + 2, target.row):
        key = (line.target, row)
        if line.kind != "catch":
            yield into.add(Slot(row, link=line))
            continue
        if key not in lanes:
            lanes[key] = into.add(Slot(row, link=line))
        yield lanes[key]
    yield target


def _back(line: Link, source: Slot, target: Slot, into: Layers) -> Iterator[Slot]:
    yield source
    yield into.add(Slot(source.row + 1, link=line, labels=line.labels, turn=True))
    for row in range(source.row, target.row - 1, -1):
        yield into.add(Slot(row, link=line))
    yield into.add(Slot(target.row - 1, link=line, turn=True))
    yield target


def _joined(route: Route) -> Route:
    """Tells neighbouring slots of each other."""
    weight = _WEIGHTS[route.link.kind] if route.link else _WEIGHTS["next"]
    for one, other in pairwise(route.slots):
        upper, lower = (one, other) if one.row < other.row else (other, one)
        if any(slot is lower for slot, _ in upper.below):
            continue
        free = bool(one.turn or other.turn or (one.labels and one.link and one.link.kind == "catch"))
        pull = weight * (_STRAIGHT if one.link and other.link and not free else 1.0)
        upper.below.append((lower, pull))
        lower.above.append((upper, pull))
    return route
