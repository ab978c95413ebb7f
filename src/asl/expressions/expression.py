"""What all expressions compile to, and what they may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Randomness(Protocol):
    """Where chance comes from: intrinsic functions, JSONata and jitter take it from here, so that it can be fixed."""

    def random(self) -> float:
        """A float in [0, 1)."""

    def uuid(self) -> str:
        """A UUID of version 4 in its text form."""


class Scope(Protocol):
    """What an expression may look at besides its data."""

    @property
    def variables(self) -> Mapping[str, Any]:
        """Every variable that is visible, by its name without `$`; never changed, but replaced."""

    @property
    def randomness(self) -> Randomness: ...

    def now(self) -> float:
        """Seconds since the epoch, by the execution's clock."""

    def context(self) -> Mapping[str, Any]:
        """The context object (`$$`, `$states.context`)."""


Evaluate = Callable[[Any, Scope], Any]
"""(data, scope) → value. Neither is changed; the value may share parts with them. Raises `asl.errors.StateError`."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    `copies` and `constant` bound the value's size as JSON text in bytes: at most `copies` times the size of the data
    plus `constant`. `copies` is None where nothing is known (variables, the context object, most functions): then the
    value is measured.
    """

    evaluate: Evaluate
    copies: int | None = None
    constant: int = 0
