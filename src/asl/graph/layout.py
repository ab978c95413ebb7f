"""Where everything of a graph is drawn: in layers from top to bottom, with graphs within states. Units are pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from asl.graph.layers import Route, Slot, layers
from asl.graph.links import Link
from asl.graph.marks import Mark, mark_of
from asl.graph.model import Graph, Node
from asl.graph.places import place, separated
from asl.graph.taken import Taken
from asl.graph.text import width_of, wrapped

NAME_SIZE = 13.0
DETAIL_SIZE = 11.0
LABEL_SIZE = 11.0
LINE = 15.0
LABEL_LINE = 14.0
ICON = 34.0
PADDING = 16.0
_SHORTEST_CARD = 150.0
_LONGEST_TEXT = 250.0
_MARK = 26.0
_ROW_GAP = 20.0
_BRANCH_GAP = 14.0
_PORT_GAP = 16.0
_PORT_MARGIN = 18.0
_CORNER = 10.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Card:
    """A state as a box: left, top, width, height; the lines of its text; `inner` the scopes within it."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    name: tuple[str, ...]
    detail: tuple[str, ...]
    inner: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: SVG path commands as (command, points), and where its label stands."""

    link: Link | None
    steps: tuple[tuple[str, tuple[Point, ...]], ...]
    target: str
    labels: tuple[str, ...] = ()
    middle: Point = (0.0, 0.0)
    label_width: float = 0.0


@dataclass(slots=True)
class Scope:
    """A graph, laid out in a box whose corner is (0, 0); it is drawn at (x, y) of what is around it."""

    graph: Graph
    width: float = 0.0
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0
    start: Point | None = None
    cards: list[Card] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)


def layout(graph: Graph, taken: Taken | None = None) -> Scope:
    """The drawing of a graph; `taken` only adds room for the marks."""
    drawn = layers(graph)
    sizes = {id(slot): _sized(slot, taken) for row in drawn.rows for slot in row if slot.node}
    for row in drawn.rows:
        for slot in row:
            _label_size(slot)
    place(drawn.rows)
    scope = Scope(graph)
    bottoms = _vertical(drawn.rows, scope)
    for row in drawn.rows:
        for slot in row:
            if slot.node:
                scope.cards.append(_card(slot, sizes[id(slot)]))
            elif slot.link is None:
                scope.start = scope.start or ((slot.x, slot.y + 6.0) if slot.row == 0 else None)
    ports = _Ports(drawn.routes)
    scope.curves = [_curve(route, ports, bottoms) for route in drawn.routes]
    return scope


# ---- sizes ----


@dataclass(frozen=True, slots=True)
class _Size:
    name: tuple[str, ...]
    detail: tuple[str, ...]
    inner: tuple[Scope, ...]


def card_detail(node: Node, taken: Taken | None) -> Iterator[str]:
    """The small lines of a card: type and detail, retries, how often it was entered."""
    yield " · ".join(part for part in (node.type, node.detail) if part)
    passage = taken.states.get(node.id) if taken else None
    counts = []
    if passage and passage.entered > 1:
        counts.append(f"{passage.entered} times")
    if passage and passage.retried:
        counts.append(f"{passage.retried} retried")
    if counts:
        yield ", ".join(counts)


def _sized(slot: Slot, taken: Taken | None) -> _Size:
    node = slot.node
    if node is None:
        raise ValueError("only a state has a size of its own")
    name = wrapped(node.name, _LONGEST_TEXT, NAME_SIZE, name=True)
    detail = [line for text in card_detail(node, taken) for line in wrapped(text, _LONGEST_TEXT, DETAIL_SIZE)]
    text = max(
        [width_of(line, NAME_SIZE, bold=True) for line in name] + [width_of(line, DETAIL_SIZE) for line in detail]
    )
    mark: Mark | None = mark_of(node, taken)
    slot.width = max(_SHORTEST_CARD, ICON + text + 12.0 + (_MARK if mark or node.retriers else 0.0))
    slot.height = 16.0 + len(name) * (LINE + 1) + len(detail) * LINE
    inner = tuple(layout(graph, taken) for graph in node.graphs)
    if inner:
        _around(slot, inner)
    return _Size(tuple(name), tuple(detail), inner)


def _around(slot: Slot, inner: tuple[Scope, ...]) -> None:
    """Makes a card big enough for what it holds, and places that within it, side by side below the card's text."""
    total = sum(scope.width + 2 * PADDING for scope in inner) + _BRANCH_GAP * (len(inner) - 1)
    slot.width = max(slot.width, total + 2 * PADDING)
    x = (slot.width - total) / 2
    for scope in inner:
        scope.x, scope.y = x + PADDING, slot.height + PADDING
        x += scope.width + 2 * PADDING + _BRANCH_GAP
    slot.height += max(scope.height for scope in inner) + 3 * PADDING


def _label_size(slot: Slot) -> None:
    if slot.labels:
        slot.width = max(width_of(line, LABEL_SIZE) for line in slot.labels) + 14.0
        slot.height = len(slot.labels) * LABEL_LINE + 4.0


# ---- places ----


def _vertical(rows: list[list[Slot]], scope: Scope) -> list[float]:
    """Sets every slot's `y` and the scope's size; gives each row's bottom. The drawing starts at (0, 0)."""
    slots = [slot for row in rows for slot in row]
    left = min((slot.x - slot.width / 2 for slot in slots), default=0.0)
    scope.width = max((slot.x + slot.width / 2 - left for slot in slots), default=0.0)
    y, bottoms = 0.0, []
    for row in rows:
        height = max((slot.height for slot in row), default=0.0)
        for slot in row:
            slot.x, slot.y = slot.x - left, y
        bottoms.append(y + height)
        y += height + _ROW_GAP
    last = rows[-1] if rows else []
    scope.height = bottoms[-1] + (_ROW_GAP / 2 if last and len(rows) % 2 == 0 else 0.0) if bottoms else 0.0
    return bottoms


def _card(slot: Slot, size: _Size) -> Card:
    if slot.node is None:
        raise ValueError("only a state is a card")
    left = slot.x - slot.width / 2
    return Card(slot.node, left, slot.y, slot.width, slot.height, size.name, size.detail, size.inner)


class _Ports:
    """Where lines leave the lower edge of a card and enter the upper one: beneath their next slot, but apart."""

    def __init__(self, routes: list[Route]) -> None:
        leaving: dict[int, list[Slot]] = {}
        entering: dict[int, list[Slot]] = {}
        cards: dict[int, Slot] = {}
        for route in routes:
            first, last = route.slots[0], route.slots[-1]
            cards[id(first)], cards[id(last)] = first, last
            leaving.setdefault(id(first), []).append(route.slots[1])
            if route.slots[-2] not in entering.setdefault(id(last), []):
                entering[id(last)].append(route.slots[-2])
        self._leaving = {key: _ports(cards[key], slots) for key, slots in leaving.items()}
        self._entering = {key: _ports(cards[key], slots) for key, slots in entering.items()}

    def leaving(self, route: Route) -> float:
        return self._leaving[id(route.slots[0])][id(route.slots[1])]

    def entering(self, route: Route) -> float:
        return self._entering[id(route.slots[-1])][id(route.slots[-2])]


def _ports(card: Slot, slots: list[Slot]) -> dict[int, float]:
    ordered = sorted(slots, key=lambda slot: slot.x)
    half = max(card.width / 2 - _PORT_MARGIN, 0.0)
    gap = min(_PORT_GAP, 2 * half / max(len(ordered) - 1, 1))
    wishes = [min(max(_wish(card, slot), card.x - half), card.x + half) for slot in ordered]
    found = separated(wishes, [1.0] * len(wishes), [gap] * (len(wishes) - 1))
    last = len(found) - 1
    found = [min(x, card.x + half - gap * (last - index)) for index, x in enumerate(found)]
    found = [max(x, card.x - half + gap * index) for index, x in enumerate(found)]
    return {id(slot): x for slot, x in zip(ordered, found, strict=True)}


def _wish(card: Slot, slot: Slot) -> float:
    """Beneath the next slot; a catcher's line not in the middle, where a state's end is drawn."""
    aside = card.node is not None and card.node.end and slot.row > card.row and abs(slot.x - card.x) < _PORT_GAP
    return card.x + 2 * _PORT_GAP if aside else slot.x


# ---- lines ----


def _curve(route: Route, ports: _Ports, bottoms: list[float]) -> Curve:
    first, last = route.slots[0], route.slots[-1]
    steps: _Steps = [("M", ((ports.leaving(route), first.y + first.height),))]
    if first.y + first.height < bottoms[first.row]:
        steps.append(("L", ((ports.leaving(route), bottoms[first.row]),)))
    draw = _climb if route.back else _fall
    draw(steps, route.slots[1:-1], (ports.entering(route), last.y), bottoms)
    label = route.slots[1]
    middle = (label.x, (label.y + bottoms[label.row]) / 2)
    target = last.node.id if last.node else ""
    return Curve(route.link, tuple(steps), target, label.labels, middle, label.width)


_Steps = list[tuple[str, tuple[Point, ...]]]


def _fall(steps: _Steps, slots: tuple[Slot, ...], end: Point, bottoms: list[float]) -> None:
    for slot in slots:
        _bend(steps, (slot.x, slot.y))
        if bottoms[slot.row] > slot.y:
            steps.append(("L", ((slot.x, bottoms[slot.row]),)))
    _bend(steps, end)


def _climb(steps: _Steps, slots: tuple[Slot, ...], end: Point, bottoms: list[float]) -> None:
    """Down into the gap below, across under the label, up along the lane, and across the gap above into the target."""
    turn, *lane, over = slots
    _across(steps, (turn.y + bottoms[turn.row]) / 2, (lane[0].x, bottoms[lane[0].row]))
    for slot in lane:
        _bend(steps, (slot.x, bottoms[slot.row]))
        if bottoms[slot.row] > slot.y:
            steps.append(("L", ((slot.x, slot.y),)))
    _across(steps, (over.y + bottoms[over.row]) / 2 - _ROW_GAP / 4, end)


def _bend(steps: _Steps, end: Point) -> None:
    """On to a point below or above, leaving and arriving vertically."""
    (x, y), (to_x, to_y) = steps[-1][1][-1], end
    if abs(x - to_x) < 0.5:
        steps.append(("L", (end,)))
        return
    middle = (y + to_y) / 2
    steps.append(("C", ((x, middle), (to_x, middle), end)))


def _across(steps: _Steps, height: float, end: Point) -> None:
    """Vertically to a height, horizontally, vertically to the end, with round corners."""
    (x, y), (to_x, to_y) = steps[-1][1][-1], end
    side = 1.0 if to_x > x else -1.0
    r = min(_CORNER, abs(to_x - x) / 2)
    rise, fall = (r if height > y else -r), (r if to_y > height else -r)
    steps.append(("L", ((x, height - rise),)))
    steps.append(("Q", ((x, height), (x + side * r, height))))
    steps.append(("L", ((to_x - side * r, height),)))
    steps.append(("Q", ((to_x, height), (to_x, height + fall))))
    steps.append(("L", (end,)))
