"""The router's world on moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from fileferry.services import Services
from tests.unit.router.world import SETTINGS, RouterWorld


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[RouterWorld]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        world = RouterWorld(Services(SETTINGS))
        world.create()
        yield world
