"""The control plane with empty tables for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from control_plane.config_service.app import handler as config_handler
from control_plane.sftp_identity.app import logins
from control_plane.status_service.app import handler as status_handler
from fileferry.services import services
from fileferry.settings import settings
from tests.unit.control_plane.world import ENVIRONMENT, ROUTE, S3, TENANT, USER, Api, empty_tables


@pytest.fixture(scope="module", autouse=True)
def _aws() -> Iterator[None]:
    """The environment of a function; its clients live as long as this, since making them takes longest."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        _forget()
        yield
        _forget()


def _forget() -> None:
    for cached in (settings, services, logins):
        cached.cache_clear()


@pytest.fixture(autouse=True)
def _tables(_aws: None) -> None:
    empty_tables(services().dynamodb)


@pytest.fixture
def api() -> Api:
    """config_service."""
    return Api(config_handler)


@pytest.fixture
def status() -> Api:
    """status_service."""
    return Api(status_handler)


@pytest.fixture
def acme(api: Api) -> Api:
    """config_service with a tenant that has a user, a destination and a route."""
    assert api.post("/v1/tenants", {"id": "acme", **TENANT}).status == 201
    assert api.post("/v1/tenants/acme/users", {"id": "bob", **USER}).status == 201
    assert api.post("/v1/tenants/acme/destinations", {"id": "bucket", **S3}).status == 201
    assert api.post("/v1/tenants/acme/routes", {"id": "orders", **ROUTE}).status == 201
    return api
