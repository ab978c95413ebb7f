"""What the evaluator's modules share: failures, and what an expression may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CAUSE = "«cause»"
"""Stands for every text that an engine words itself: the reference knows when a state fails, not what is said of it."""

PATH_FAILURE = "States.Runtime"


class Failure(Exception):
    """A state fails with an ASL error."""

    def __init__(self, error: str | None, cause: str | None = CAUSE) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


@dataclass(frozen=True)
class View:
    """What an expression sees: its data (`$`), the context object (`$$`), the variables, every random number."""

    data: Any
    context: Any
    variables: dict[str, Any]
    chance: float = 0.5
