"""Bounds on what packed content may become."""

from __future__ import annotations

from dataclasses import dataclass

from fileferry.errors import ContentRefused

RATIO_FLOOR = 1024**2
"""Expanded bytes below which the ratio does not matter: a small file of spaces is no bomb."""


@dataclass
class Expansion:
    """Counts packed and expanded bytes; raises ContentRefused as soon as they are out of proportion."""

    max_size: int
    max_ratio: float
    packed: int = 0
    expanded: int = 0

    def add(self, *, packed: int = 0, expanded: int = 0) -> None:
        self.packed += packed
        self.expanded += expanded
        if self.expanded > self.max_size:
            raise refused("expanded_size", f"it expands to more than the {self.max_size} bytes allowed")
        if self.expanded > RATIO_FLOOR and self.expanded > self.max_ratio * max(self.packed, 1):
            raise refused("ratio", f"it expands to more than {self.max_ratio:g} times its size")


def refused(rule: str, message: str) -> ContentRefused:
    """The error for packed content that is broken or dangerous."""
    return ContentRefused(f"The file is refused: {message}.", [{"rule": f"transform.{rule}", "message": message}])
