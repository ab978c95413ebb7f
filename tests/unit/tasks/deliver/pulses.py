"""Homes whose pulse ends a transfer, and whose progress another try finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fileferry.steps import Work


@dataclass
class Pulses:
    """A home's pulse and progress: raises `error` once `at` bytes are safe, and notes what it was told."""

    error: BaseException | None = None
    at: int = 0
    told: list[int] = field(default_factory=list)
    saved: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    kept: bool = True

    def pulse(self, safe: int) -> None:
        self.told.append(safe)
        if self.error and safe >= self.at:
            raise self.error

    def load(self, name: str) -> Mapping[str, Any]:
        return self.saved.get(name, {})

    def save(self, name: str, value: Mapping[str, Any]) -> None:
        self.saved[name] = value

    def home_of(self, work: Work) -> Work:
        """The same work in a home with this pulse and progress."""
        return replace(work, home=replace(work.home, pulse=self.pulse, progress=self))
