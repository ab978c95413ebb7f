"""What is marked on a state of a drawn execution."""

from __future__ import annotations

from typing import Literal

from asl.graph.model import Node
from asl.graph.taken import Taken

Mark = Literal["done", "caught", "failed", "current", "stopped"]

MARK_GLYPHS: dict[Mark, str] = {"done": "✓", "caught": "!", "failed": "✕", "current": "●", "stopped": "■"}


def mark_of(node: Node, taken: Taken | None) -> Mark | None:
    """The mark of a state, the worst that happened at any of its visits; None for a state that was not entered."""
    if taken is None or node.id not in taken.states:
        return None
    passage = taken.states[node.id]
    if passage.failed:
        return "failed"
    if node.id in taken.stopped:
        return "stopped"
    if node.id in taken.current or passage.entered > passage.left:
        return "current" if taken.status == "RUNNING" else "stopped"
    return "caught" if passage.caught else "done"
