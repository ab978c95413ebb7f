"""Chance that is none: every random number is 0.5, every UUID the next one."""

from __future__ import annotations

import uuid

from tests.unit.asl.reference.error_handling import CHANCE


class Chance:
    """A `Randomness`. `given_out` counts the UUIDs; `begun` of them have been given out already."""

    def __init__(self, begun: int = 0) -> None:
        self.given_out = begun

    def random(self) -> float:
        return CHANCE

    def uuid(self) -> str:
        self.given_out += 1
        return str(uuid.UUID(int=self.given_out))
