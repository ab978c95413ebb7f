"""A graph as an SVG picture of its own, readable on light and dark pages (it has no background)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from asl.graph.layout import (
    DETAIL_SIZE,
    ICON,
    LABEL_LINE,
    LABEL_SIZE,
    LINE,
    NAME_SIZE,
    PADDING,
    Card,
    Curve,
    Scope,
    layout,
)
from asl.graph.marks import MARK_GLYPHS, mark_of
from asl.graph.model import Graph, Node
from asl.graph.taken import Taken

_MARGIN = 16.0
_STYLE = """
.asl-graph text { font-family: Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #1d2733; }
.asl-graph .card { fill: #f8fafc; stroke: #8794a6; stroke-width: 1.25; }
.asl-graph .holder { fill: #8794a6; fill-opacity: .1; stroke: #8794a6; stroke-width: 1.25; }
.asl-graph .head { fill: #f8fafc; }
.asl-graph .branch { fill: #8794a6; fill-opacity: .1; }
.asl-graph .missing .card { fill: #fde4e1; stroke: #c93c37; stroke-dasharray: 5 4; }
.asl-graph .name { font-size: 13px; font-weight: 600; }
.asl-graph .detail { font-size: 11px; fill: #56616f; }
.asl-graph .line { fill: none; stroke: #7d8896; stroke-width: 1.5; }
.asl-graph .tip, .asl-graph .dot { fill: #7d8896; stroke: none; }
.asl-graph .catch { stroke-dasharray: 5 4; }
.asl-graph .chip { fill: #f8fafc; stroke: #c5cdd8; stroke-width: 1; }
.asl-graph .label { font-size: 11px; text-anchor: middle; fill: #3c4755; }
.asl-graph .icon { fill: none; stroke: #56616f; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.asl-graph .icon.yes { stroke: #2e8555; }
.asl-graph .icon.no { stroke: #c93c37; }
.asl-graph .line.untaken, .asl-graph .tip.untaken, .asl-graph .dot.untaken { opacity: .55; }
.asl-graph .untaken > :is(.card, .head, .chip) { fill: #e6eaef; stroke: #aeb8c4; }
.asl-graph .untaken > :is(.head, .chip) { stroke: none; }
.asl-graph .untaken > .holder { stroke: #aeb8c4; stroke-opacity: .6; }
.asl-graph .untaken > text { fill: #6b7684; }
.asl-graph .untaken > .name { font-weight: 500; }
.asl-graph .untaken > .icon { stroke: #8f9aa8; }
.asl-graph .line.taken { stroke: #2e8555; stroke-width: 2.5; }
.asl-graph .tip.taken, .asl-graph .dot.taken { fill: #2e8555; }
.asl-graph .done > rect.card, .asl-graph .done > rect.holder { stroke: #2e8555; stroke-width: 2; }
.asl-graph .caught > rect.card, .asl-graph .caught > rect.holder { stroke: #b7791f; stroke-width: 2; }
.asl-graph .failed > rect.card, .asl-graph .failed > rect.holder { stroke: #c93c37; stroke-width: 2; }
.asl-graph .current > rect.card, .asl-graph .current > rect.holder { stroke: #2f6fde; stroke-width: 2.5; }
.asl-graph .badge { stroke: none; fill: #6b7684; }
.asl-graph .done > .badge { fill: #2e8555; }
.asl-graph .caught > .badge { fill: #b7791f; }
.asl-graph .failed > .badge { fill: #c93c37; }
.asl-graph .current > .badge { fill: #2f6fde; }
.asl-graph .glyph { font-size: 11px; font-weight: 700; text-anchor: middle; fill: #fff; }
"""
# Drawn in a box of 18 × 18, by type of state; what stands there otherwise is a plain square.
_ICONS = {
    "Task": "M3 3h12v12H3z M7.2 6.2v5.6l4.6-2.8z",
    "Choice": "M9 1.5L16.5 9 9 16.5 1.5 9z",
    "Wait": "M9 2a7 7 0 1 0 .01 0z M9 5v4l2.5 2",
    "Pass": "M2 9h13 M10.5 4.5L15 9l-4.5 4.5",
    "Succeed": "M9 2a7 7 0 1 0 .01 0z M6 9l2.2 2.2L12 7",
    "Fail": "M9 2a7 7 0 1 0 .01 0z M6.5 6.5l5 5 M11.5 6.5l-5 5",
    "Parallel": "M9 2v3 M3.5 13V8q0-3 5.5-3t5.5 3v5 M9 5v8 M1.5 13h4v3h-4z M7 13h4v3H7z M12.5 13h4v3h-4z",
    "Map": "M2 6h10v10H2z M5 6V3h11v10h-4",
    "Missing": "M9 2L17 16H1z M9 7v4 M9 13.5v.2",
}
_RETRY_ICON = "M13.5 9a4.5 4.5 0 1 1-1.4-3.3 M13.6 2.6v3.3h-3.3"
_SHADES = {"Succeed": " yes", "Fail": " no", "Missing": " no"}


def to_svg(graph: Graph, taken: Taken | None = None) -> str:
    """The text of an SVG document; with `taken` the visited states are marked, the way taken is thick, the rest pale.

    Every state is a `<g data-state="…">` with a tooltip. All styles are bound to the class `asl-graph`, and no ids are
    used, so that several pictures can stand in one HTML page.
    """
    scope = layout(graph, taken)
    width, height = scope.width + 2 * _MARGIN, scope.height + 2 * _MARGIN
    size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
    title = graph.comment or "State machine"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="asl-graph" role="img" {size}>',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        *_scope(scope, _MARGIN, _MARGIN, taken),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _scope(scope: Scope, x: float, y: float, taken: Taken | None) -> Iterator[str]:
    yield f'<g transform="translate({_n(x)} {_n(y)})">'
    ordered = sorted(scope.curves, key=lambda curve: _taken(curve, taken))
    drawn: set[object] = set()
    for curve in ordered:
        yield from _line(curve, taken, drawn)
    if scope.start:
        yield _dot(_classes("dot", _entered(scope, taken), taken), *scope.start, 6)
    for card in scope.cards:
        yield from _card(card, taken)
    for curve in ordered:
        yield from _label(curve, taken)
    yield "</g>"


def _entered(scope: Scope, taken: Taken | None) -> bool:
    return taken is not None and scope.graph.start in taken.states


def _taken(curve: Curve, taken: Taken | None) -> bool:
    if curve.link is None:
        return taken is not None and curve.target in taken.states
    return curve.link.is_taken(taken)


def _classes(kind: str, was_taken: bool, taken: Taken | None) -> str:
    if taken is None:
        return kind
    return f"{kind} taken" if was_taken else f"{kind} untaken"


# ---- lines ----


def _line(curve: Curve, taken: Taken | None, drawn: set[object]) -> Iterator[str]:
    """Draws the curve up to where it joins one that is drawn already: dashes drawn twice would run into each other."""
    was_taken = _taken(curve, taken)
    kind = "line catch" if curve.link and curve.link.kind == "catch" else "line"
    path: list[str] = []
    here = curve.steps[0][1][-1]
    for command, points in curve.steps:
        if (was_taken, here, points) in drawn:
            break
        drawn.add((was_taken, here, points))
        path.append(command + " ".join(f"{_n(x)} {_n(y)}" for x, y in points))
        here = points[-1]
    yield f'<path class="{_classes(kind, was_taken, taken)}" d="{" ".join(path)}"/>'
    if here == curve.steps[-1][1][-1]:
        yield f'<path class="{_classes("tip", was_taken, taken)}" d="M{_n(here[0])} {_n(here[1])}l-4.5 -8h9z"/>'


def _label(curve: Curve, taken: Taken | None) -> Iterator[str]:
    if not curve.labels:
        return
    (x, y), height = curve.middle, len(curve.labels) * LABEL_LINE + 4
    yield f'<g class="{_classes("text", _taken(curve, taken), taken)}">'
    yield _rect("chip", x - curve.label_width / 2, y - height / 2, curve.label_width, height, 7)
    for index, text in enumerate(curve.labels):
        yield _text("label", x, y - height / 2 + 2 + index * LABEL_LINE + LABEL_SIZE - 0.5, text)
    yield "</g>"


# ---- states ----


def _card(card: Card, taken: Taken | None) -> Iterator[str]:
    node, mark = card.node, mark_of(card.node, taken)
    untaken = "untaken" if taken is not None and mark is None else ""
    names = " ".join(filter(None, ("state", node.type.lower(), mark or untaken)))
    place = f"translate({_n(card.x)} {_n(card.y)})"
    yield f'<g class={quoteattr(names)} data-state={quoteattr(node.name)} transform="{place}">'
    yield f"<title>{escape(_tooltip(node))}</title>"
    head = 16 + len(card.name) * (LINE + 1) + len(card.detail) * LINE
    round_ = card.height / 2 if node.type in ("Succeed", "Fail") and len(card.name) == 1 else 8.0
    if card.inner:
        yield _rect("holder", 0, 0, card.width, card.height, 10)
        yield _rect("head", 1, 1, card.width - 2, head - 2, 9)
    else:
        yield _rect("card", 0, 0, card.width, card.height, round_)
    yield _icon(_ICONS.get(node.type, "M3 3h12v12H3z"), 11, head / 2 - 9, _SHADES.get(node.type, ""))
    for index, text in enumerate(card.name):
        yield _text("name", ICON, 8 + NAME_SIZE + index * (LINE + 1), text)
    top = 8 + len(card.name) * (LINE + 1)
    for index, text in enumerate(card.detail):
        yield _text("detail", ICON, top + DETAIL_SIZE + index * LINE, text)
    yield from _badges(card, mark and MARK_GLYPHS[mark], head)
    yield from _inner(card, taken)
    yield "</g>"


def _badges(card: Card, glyph: str | None, head: float) -> Iterator[str]:
    if glyph:
        yield _dot("badge", card.width - 16, head / 2, 8.5)
        yield _text("glyph", card.width - 16, head / 2 + 4, glyph)
    elif card.node.retriers:
        yield _icon(_RETRY_ICON, card.width - 26, head / 2 - 9, "")
    if card.node.end and card.node.type not in ("Succeed", "Fail"):
        yield _dot("dot", card.width / 2, card.height, 4.5)


def _inner(card: Card, taken: Taken | None) -> Iterator[str]:
    if not card.inner:
        return
    height = max(scope.height for scope in card.inner) + 2 * PADDING
    for scope in card.inner:
        if len(card.inner) > 1:
            yield _rect("branch", scope.x - PADDING, scope.y - PADDING + 8, scope.width + 2 * PADDING, height, 8)
        yield from _scope(scope, scope.x, scope.y, taken)


def _tooltip(node: Node) -> str:
    lines = [f"{node.name} ({' · '.join(part for part in (node.type, node.detail) if part)})", node.comment]
    lines += [f"Retry {', '.join(retrier.errors)}: {retrier.attempts} times" for retrier in node.retriers]
    return "\n".join(line for line in lines if line)


# ---- elements ----


def _rect(kind: str, x: float, y: float, width: float, height: float, round_: float) -> str:
    return f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="{_n(round_)}"/>'


def _dot(kind: str, x: float, y: float, radius: float) -> str:
    return f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"/>'


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def _icon(path: str, x: float, y: float, shade: str) -> str:
    return f'<path class="icon{shade}" transform="translate({_n(x)} {_n(y)})" d="{path}"/>'


def _n(number: float) -> str:
    return f"{round(number, 1):g}"
