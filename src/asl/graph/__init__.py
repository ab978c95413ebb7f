"""Pictures of state machines: a definition's graph, as Mermaid or SVG, with the way that an execution took."""

from asl.graph.build import graph
from asl.graph.mermaid import to_mermaid
from asl.graph.model import Edge, EdgeKind, Graph, Node, Retrier
from asl.graph.svg import to_svg
from asl.graph.taken import Passage, Taken, path_taken

__all__ = [
    "Edge",
    "EdgeKind",
    "Graph",
    "Node",
    "Passage",
    "Retrier",
    "Taken",
    "graph",
    "path_taken",
    "to_mermaid",
    "to_svg",
]
