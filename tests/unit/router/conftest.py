"""The router's world on moto. Clients live as long as a module, since making them takes longest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

from fileferry.services import Services
from tests.unit.router.world import SETTINGS, Faults, RouterWorld


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[Services, Faults]]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        services, faults = Services(SETTINGS), Faults()
        faults.watch(services.session)
        yield services, faults


@pytest.fixture
def world(aws: tuple[Services, Faults]) -> RouterWorld:
    """Empty AWS, and a tenant `acme` without routes."""
    clients, faults = aws
    moto_api_backend.reset()
    faults.clear()
    services = Services(SETTINGS, clients.session)
    services.s3, services.dynamodb = clients.s3, clients.dynamodb
    world = RouterWorld(services, faults)
    world.create()
    return world
