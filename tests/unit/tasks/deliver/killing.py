"""A process that is killed, as far as one process can show it: no `except Exception` sees it."""

from __future__ import annotations

import pytest

from tests.unit.tasks.deliver.world import DeliveryWorld


class Killed(BaseException):
    """The process is gone here."""


def kill_at_record(monkeypatch: pytest.MonkeyPatch, world: DeliveryWorld, *, number: int) -> None:
    """Kill at the `number`th record of a delivery: 1 is made, the last thing before the file becomes visible;
    2 is not, right after it became so."""
    record = world.services.runs.record_delivery
    calls = 0

    def recording(*arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls == number == 1:
            record(*arguments)  # type: ignore[arg-type]
        if calls == number:
            raise Killed
        record(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(world.services.runs, "record_delivery", recording)
