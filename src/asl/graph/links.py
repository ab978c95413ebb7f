"""What is drawn as one line: the transitions between the same two states that are alike."""

from __future__ import annotations

from dataclasses import dataclass

from asl.graph.model import EdgeKind, Graph
from asl.graph.taken import Taken

MOST_LABELS = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A drawn line from state to state: `kind` of its first transition, `labels` the lines of its text."""

    source: str
    target: str
    kind: EdgeKind
    labels: tuple[str, ...]

    def is_taken(self, taken: Taken | None) -> bool:
        """The execution went this way. Rules and Default with one target are one line."""
        if taken is None:
            return False
        kinds: tuple[EdgeKind, ...] = ("choice", "default") if self.kind in ("choice", "default") else (self.kind,)
        return any((self.source, self.target, kind) in taken.edges for kind in kinds)


def links(graph: Graph) -> list[Link]:
    """The lines of one graph (without those of its inner graphs), in the order in which the definition has them."""
    labels: dict[tuple[str, str, str], list[str]] = {}
    kinds: dict[tuple[str, str, str], EdgeKind] = {}
    for edge in graph.edges:
        key = (edge.source, edge.target, "choice" if edge.kind == "default" else edge.kind)
        kinds.setdefault(key, edge.kind)
        labels.setdefault(key, [])
        if edge.label and edge.label not in labels[key]:
            labels[key].append(edge.label)
    return [Link(key[0], key[1], kinds[key], _few(texts)) for key, texts in labels.items()]


def _few(texts: list[str]) -> tuple[str, ...]:
    if len(texts) <= MOST_LABELS:
        return tuple(texts)
    return (*texts[: MOST_LABELS - 1], f"and {len(texts) - MOST_LABELS + 1} more")
