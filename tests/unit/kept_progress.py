"""The progress of a home whose steps go on elsewhere, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fileferry.errors import RunClosed
from tests.unit.faults import Faults


class KeptProgress:
    """A save is a side effect that a test can be killed at; a replaced owner's is refused."""

    kept = True

    def __init__(self, faults: Faults | None = None) -> None:
        self._faults = faults or Faults()
        self.values: dict[str, Mapping[str, Any]] = {}
        self.replaced = False

    def load(self, name: str) -> Mapping[str, Any]:
        return self.values.get(name, {})

    def save(self, name: str, value: Mapping[str, Any]) -> None:
        self._faults.effect("progress.save", self._save, {"name": name, "value": value})

    def _save(self, name: str, value: Mapping[str, Any]) -> None:
        if self.replaced:
            raise RunClosed("The run belongs to another runner.")
        self.values[name] = value
