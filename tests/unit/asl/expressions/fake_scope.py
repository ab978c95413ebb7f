"""A scope for the tests of expressions: given variables, a fixed context object and fixed chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class FixedRandomness:
    """Always the same number and UUID."""

    def random(self) -> float:
        return 0.25

    def uuid(self) -> str:
        return "b9fb2c3a-0000-4000-8000-000000000000"


@dataclass
class FakeScope:
    """What `asl.expressions.expression.Scope` asks for; counts how often the context object was asked for."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    context_object: Mapping[str, Any] = field(default_factory=dict)
    randomness: FixedRandomness = field(default_factory=FixedRandomness)
    contexts: int = 0

    def now(self) -> float:
        return 1_735_689_600.0

    def context(self) -> Mapping[str, Any]:
        self.contexts += 1
        return self.context_object
