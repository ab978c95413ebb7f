"""Fixtures of the confirm step: deliver's world and partners, and the whole step with its token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tasks.confirm.app import run
from tasks.deliver.app import deliver
from tests.unit.tasks.deliver.conftest import bank, partner, world  # noqa: F401 - fixtures
from tests.unit.tasks.deliver.https_partner import HttpsPartner, https_partner
from tests.unit.tasks.deliver.world import DeliveryWorld


@dataclass
class ConfirmStep:
    """The step as the workflow invokes it; `completed` are the tokens that it completed, with their results."""

    world: DeliveryWorld
    completed: list[tuple[str, Any]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)

    def delivered(self, content: bytes = b"id\n1\n", name: str = "orders.csv") -> None:
        """Deliver the file and record it as the deliver step does."""
        self.world.file(content, name)
        result = deliver(self.world.work())
        self.world.file(content, name, {"deliver": result})

    def __call__(self, token: str = "token-1", attempt: int = 0) -> dict[str, Any]:
        work = self.world.work()
        self.world.services.config.route_revision = lambda *_: work.route  # type: ignore[method-assign]
        event = {"job": self.world.job.model_dump(), "attempt": attempt, "task_token": token}
        complete = lambda token, result: self.completed.append((token, dict(result)))  # noqa: E731
        return run(event, replace(work.home, complete_task=complete), self.world.services)


@pytest.fixture
def step(world: DeliveryWorld, monkeypatch: pytest.MonkeyPatch) -> ConfirmStep:  # noqa: F811
    step = ConfirmStep(world)
    notifier = world.services.notifier
    for name in ("step_succeeded", "step_failed"):
        record = lambda *event, name=name: step.events.append((name, *event))  # noqa: E731
        monkeypatch.setattr(notifier, name, record)
    return step


@pytest.fixture
def api(world: DeliveryWorld, tmp_path: Path) -> Iterator[HttpsPartner]:  # noqa: F811
    with https_partner(tmp_path) as endpoint:
        world.destination("api", endpoint.target())
        yield endpoint
