"""Where chance comes from: jitter, `States.MathRandom`, `States.UUID`, `$random`, `$uuid` and task tokens."""

from __future__ import annotations


class SystemRandomness:
    """The process's own generator."""

    def random(self) -> float:
        from random import random

        return random()  # noqa: S311 - jitter and MathRandom are no secrets

    def uuid(self) -> str:
        from uuid import uuid4

        return str(uuid4())


class SeededRandomness:
    """The same sequence for the same seed. Its state is not part of an execution's context."""

    def __init__(self, seed: int = 0) -> None:
        from random import Random

        self._random = Random(seed)  # noqa: S311 - meant to be repeatable

    def random(self) -> float:
        return self._random.random()

    def uuid(self) -> str:
        from uuid import UUID

        return str(UUID(int=self._random.getrandbits(128), version=4))
