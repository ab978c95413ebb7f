"""Where chance comes from: jitter, `States.MathRandom`, `States.UUID`, `$random`, `$uuid` and task tokens."""

from __future__ import annotations

import random
import uuid


class SystemRandomness:
    """The process's own generator."""

    def random(self) -> float:
        return random.random()  # noqa: S311 - jitter and MathRandom are no secrets

    def uuid(self) -> str:
        return str(uuid.uuid4())


class SeededRandomness:
    """The same sequence for the same seed. Its state is not part of an execution's context."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - meant to be repeatable

    def random(self) -> float:
        return self._random.random()

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
