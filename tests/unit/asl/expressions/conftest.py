"""The scope in which the expressions of these tests are evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest


class FixedRandomness:
    """Always the middle, always the same UUID."""

    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


@dataclass
class FixedScope:
    variables: Mapping[str, Any] = field(default_factory=dict)
    context_object: Mapping[str, Any] = field(default_factory=dict)
    randomness: FixedRandomness = field(default_factory=FixedRandomness)

    def context(self) -> Mapping[str, Any]:
        return self.context_object


@pytest.fixture
def scope_of() -> Callable[[Mapping[str, Any]], FixedScope]:
    """Makes the scope from what a data file gives: its `variables` and `context`."""
    return lambda given: FixedScope(given.get("variables", {}), given.get("context", {}))
