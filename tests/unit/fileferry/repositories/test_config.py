"""The data plane's reads of the `config` table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fileferry.errors import ConfigurationError
from fileferry.repositories import config as module
from fileferry.repositories.config import ConfigRepository, destination_key, revision_key, route_key, tenant_key
from fileferry.repositories.items import to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUTE = (
    '{"tenant":"acme","id":"r","revision":1,"match":{"glob":"*"},"deliver":{"destinations":["d"]},"priority":PRIORITY}'
)


def _put(dynamodb: DynamoDBClient, key: dict[str, str], doc: str) -> None:
    dynamodb.put_item(TableName="config", Item=to_item({**key, "doc": doc}))


def test_a_revision_is_read_once_in_the_life_of_a_process(dynamodb: DynamoDBClient) -> None:
    config = ConfigRepository(dynamodb, "config")
    _put(dynamodb, revision_key("acme", "r", 1), ROUTE.replace("PRIORITY", "1"))
    assert config.route_revision("acme", "r", 1).priority == 1
    _put(dynamodb, revision_key("acme", "r", 1), ROUTE.replace("PRIORITY", "2"))
    assert config.route_revision("acme", "r", 1).priority == 1


def test_active_routes_are_kept_for_seconds_unless_fresh_ones_are_asked_for(dynamodb: DynamoDBClient) -> None:
    config = ConfigRepository(dynamodb, "config")
    assert config.active_routes("acme") == ()
    _put(dynamodb, route_key("acme", "r"), ROUTE.replace("PRIORITY", "1"))
    assert config.active_routes("acme") == ()
    assert [route.id for route in config.active_routes("acme", fresh=True)] == ["r"]


def test_active_routes_and_tenants_are_read_again_after_their_time(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ConfigRepository(dynamodb, "config")
    _put(dynamodb, tenant_key("acme"), '{"id":"acme","name":"Old"}')
    monkeypatch.setattr(module, "CACHE_SECONDS", -1.0)
    assert config.active_routes("acme") == ()
    assert (config.tenant("acme") or pytest.fail()).name == "Old"
    _put(dynamodb, route_key("acme", "r"), ROUTE.replace("PRIORITY", "1"))
    _put(dynamodb, tenant_key("acme"), '{"id":"acme","name":"New"}')
    assert len(config.active_routes("acme")) == 1
    assert (config.tenant("acme") or pytest.fail()).name == "New"


def test_a_tenant_that_was_missing_is_found_as_soon_as_it_exists(dynamodb: DynamoDBClient) -> None:
    config = ConfigRepository(dynamodb, "config")
    assert config.tenant("acme") is None
    _put(dynamodb, tenant_key("acme"), '{"id":"acme","name":"New"}')
    assert config.tenant("acme") is not None


def test_routes_of_a_tenant_whose_id_begins_alike_are_not_among_them(dynamodb: DynamoDBClient) -> None:
    _put(dynamodb, route_key("acme-eu", "r"), ROUTE.replace("PRIORITY", "1"))
    assert ConfigRepository(dynamodb, "config").active_routes("acme") == ()


def test_what_is_missing_or_cannot_be_read_is_named(dynamodb: DynamoDBClient) -> None:
    config = ConfigRepository(dynamodb, "config")
    with pytest.raises(ConfigurationError, match="'r' of tenant 'acme' has no revision 7"):
        config.route_revision("acme", "r", 7)
    with pytest.raises(ConfigurationError, match="no destination 'd'"):
        config.destination("acme", "d")
    _put(dynamodb, route_key("acme", "r"), "{}")
    with pytest.raises(ConfigurationError, match="Route 'r' of tenant 'acme' cannot be read"):
        config.active_routes("acme")
    _put(dynamodb, destination_key("acme", "d"), "{}")
    with pytest.raises(ConfigurationError, match="Destination 'd' of tenant 'acme'"):
        config.destination("acme", "d")
