"""The graph of a definition as text, and the way that an execution took through it."""

from asl.graph.build import graph
from asl.graph.mermaid import to_mermaid
from asl.graph.model import Edge, EdgeKind, Graph, Node, Retrier
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
]
