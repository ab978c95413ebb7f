"""The shape of a state machine: states are nodes, transitions edges, branches and processors graphs within nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

EdgeKind = Literal["next", "choice", "default", "catch"]


@dataclass(frozen=True, slots=True)
class Retrier:
    """One entry of Retry: the errors it names and how often it repeats (AWS's default is 3)."""

    errors: tuple[str, ...]
    attempts: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition between two states of one graph; `source` and `target` are node ids.

    `label` is short text for people: a rule's condition, a catcher's errors, empty for Next.
    """

    source: str
    target: str
    kind: EdgeKind
    label: str = ""
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A state. `id` is its JSON pointer in the definition, so it is unique where names are not.

    `type` is the state's Type, or `Missing` for a name that a transition leads to and no state has.
    `detail` says in a few words what the state does (`lambda:invoke`, `30 s`); `graphs` are the branches of a Parallel
    or the processor of a Map.
    """

    id: str
    name: str
    type: str
    detail: str = ""
    comment: str = ""
    end: bool = False
    retriers: tuple[Retrier, ...] = ()
    graphs: tuple[Graph, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """One `States` object. `id` is the pointer of the object holding it ("" for the machine), `start` a node's id."""

    id: str
    start: str | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    comment: str = field(default="", compare=False)

    def walk(self) -> Iterator[tuple[Graph, Node, Node | None]]:
        """Every node at every depth, outer ones first: (its graph, the node, the Parallel or Map around it)."""
        yield from _walk(self, None)


def _walk(graph: Graph, around: Node | None) -> Iterator[tuple[Graph, Node, Node | None]]:
    for node in graph.nodes:
        yield graph, node, around
        for inner in node.graphs:
            yield from _walk(inner, node)
