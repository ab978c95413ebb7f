"""A graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from asl.graph.labels import shortened
from asl.graph.links import Link, links
from asl.graph.marks import MARK_GLYPHS, Mark, mark_of
from asl.graph.model import Graph, Node, Retrier
from asl.graph.taken import Taken

_SHAPES = {
    "Choice": ("{", "}"),
    "Succeed": ("([", "])"),
    "Fail": ("([", "])"),
    "Wait": ("(", ")"),
    "Pass": ("(", ")"),
    "Missing": (">", "]"),
}
_STYLES: dict[Mark, str] = {
    "done": "fill:#e3f4e8,stroke:#2e8555,stroke-width:2px,color:#1d2733",
    "caught": "fill:#fdf0d5,stroke:#b7791f,stroke-width:2px,color:#1d2733",
    "failed": "fill:#fde4e1,stroke:#c93c37,stroke-width:2px,color:#1d2733",
    "current": "fill:#dfeafe,stroke:#2f6fde,stroke-width:3px,color:#1d2733",
    "stopped": "fill:#eceff3,stroke:#6b7684,stroke-width:2px,color:#1d2733",
}
_ESCAPED = {'"': "quot", "#": "35", "<": "lt", ">": "gt", "&": "amp", "`": "96", "\\": "92"}


def to_mermaid(graph: Graph, taken: Taken | None = None) -> str:
    """The text of a flowchart from top to bottom; with `taken` the visited states are coloured, the way taken is thick.

    Names are escaped, so that any state name gives valid syntax. Ends with a newline.
    """
    writer = _Writer(taken)
    writer.scope(graph, "    ")
    lines = ["flowchart TD", *writer.lines, *writer.edges]
    if writer.thick:
        lines.append(f"    linkStyle {','.join(map(str, writer.thick))} stroke:#2e8555,stroke-width:3px")
    for mark, nodes in writer.marked.items():
        lines += [f"    classDef {mark} {_STYLES[mark]}", f"    class {','.join(nodes)} {mark}"]
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class _Writer:
    taken: Taken | None
    lines: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    thick: list[int] = field(default_factory=list)
    marked: dict[Mark, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    starts: int = 0

    def scope(self, graph: Graph, indent: str) -> None:
        """Its states, then (after all states, where Mermaid counts them) its transitions."""
        for node in graph.nodes:
            self.names[node.id] = f"s{len(self.names)}"
        if graph.start is not None:
            start = f"start{self.starts}"
            self.starts += 1
            self.lines.append(f"{indent}{start}((( )))")
        for node in graph.nodes:
            self._node(node, indent)
        if graph.start is not None:
            entered = self.taken is not None and graph.start in self.taken.states
            self._edge(f"    {start} --> {self.names[graph.start]}", entered)
        for link in links(graph):
            self._edge(self._arrow(link), link.is_taken(self.taken))

    def _edge(self, line: str, taken: bool) -> None:
        if taken:
            self.thick.append(len(self.edges))
        self.edges.append(line)

    def _arrow(self, link: Link) -> str:
        arrow = "-.->" if link.kind == "catch" else "-->"
        label = f'|"{"<br/>".join(escaped(line) for line in link.labels)}"|' if link.labels else ""
        return f"    {self.names[link.source]} {arrow}{label} {self.names[link.target]}"

    def _node(self, node: Node, indent: str) -> None:
        name = self.names[node.id]
        mark = mark_of(node, self.taken)
        if mark:
            self.marked.setdefault(mark, []).append(name)
        between = " · " if node.graphs else "<br/>"  # the title of a subgraph has room for one line
        text = between.join(escaped(line) for line in _lines(node, mark, self.taken))
        if not node.graphs:
            before, after = _SHAPES.get(node.type, ("[", "]"))
            self.lines.append(f'{indent}{name}{before}"{text}"{after}')
            return
        self.lines.append(f'{indent}subgraph {name}["{text}"]')
        for index, inner in enumerate(node.graphs):
            self._inner(inner, f"{name}b{index}", len(node.graphs) > 1, indent + "    ")
        self.lines.append(f"{indent}end")

    def _inner(self, graph: Graph, name: str, boxed: bool, indent: str) -> None:
        if not boxed:
            self.scope(graph, indent)
            return
        self.lines.append(f'{indent}subgraph {name}["{escaped(graph.comment) or " "}"]')
        self.scope(graph, indent + "    ")
        self.lines.append(f"{indent}end")


def _lines(node: Node, mark: Mark | None, taken: Taken | None) -> Iterator[str]:
    yield f"{MARK_GLYPHS[mark]} {node.name}" if mark else node.name
    yield " · ".join(part for part in (node.type, node.detail) if part)
    passage = taken.states.get(node.id) if taken else None
    if passage and passage.retried:
        yield f"↻ {passage.retried} retried"
    elif node.retriers:
        yield "↻ " + shortened(", ".join(_retries(retrier) for retrier in node.retriers))


def _retries(retrier: Retrier) -> str:
    return f"{retrier.errors[0] if retrier.errors else '?'} ×{retrier.attempts}"


def escaped(text: str) -> str:
    """Text for a quoted Mermaid label: what has a meaning there as an entity, line breaks as spaces."""
    return "".join(f"#{_ESCAPED[char]};" if char in _ESCAPED else char for char in " ".join(text.split()))
