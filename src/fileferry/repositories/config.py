"""Reading the `config` table: tenants, users, routes with their revisions, destinations, key rings.

Every item holds the whole record as JSON text in `doc`; what indexes and conditions need stands beside it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from fileferry.errors import ConfigurationError
from fileferry.model.destination import Destination
from fileferry.model.expectation import Expectation
from fileferry.model.key_ring import KeyRing
from fileferry.model.route import Route
from fileferry.model.subscription import Subscription
from fileferry.model.tenant import Tenant, User
from fileferry.repositories.config_keys import (
    activation_key,
    destination_key,
    expectation_key,
    key_ring_key,
    login_key,
    revision_key,
    route_key,
    subscription_key,
    tenant_key,
    user_key,
)
from fileferry.repositories.items import to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = [
    "CACHE_SECONDS",
    "ConfigRepository",
    "destination_key",
    "login_key",
    "revision_key",
    "route_key",
    "tenant_key",
    "user_key",
]

CACHE_SECONDS = 5.0
"""How long a warm function may go on with active routes and tenants that were changed meanwhile."""


class ConfigRepository:
    """The read side that the data plane needs."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._revisions: dict[tuple[str, str, int], Route] = {}
        self._active: dict[str, tuple[float, tuple[Route, ...]]] = {}
        self._tenants: dict[str, tuple[float, Tenant | None]] = {}
        self._subscriptions: dict[str, tuple[float, tuple[Subscription, ...]]] = {}

    def tenant(self, tenant: str) -> Tenant | None:
        """The tenant, or None if there is none of this id; may be CACHE_SECONDS old.

        Raises ConfigurationError when it cannot be read.
        """
        cached = self._tenants.get(tenant)
        if cached and cached[1] and cached[0] > time.monotonic():
            return cached[1]
        doc = self._doc(tenant_key(tenant))
        try:
            found = Tenant.model_validate_json(doc) if doc else None
        except ValueError as error:
            raise ConfigurationError(f"Tenant {tenant!r} cannot be read: {error}") from error
        self._tenants[tenant] = (time.monotonic() + CACHE_SECONDS, found)
        return found

    def user(self, tenant: str, user: str) -> User | None:
        doc = self._doc(user_key(tenant, user))
        return User.model_validate_json(doc) if doc else None

    def user_by_login(self, login: str) -> User | None:
        """The user whom an SFTP login belongs to, whatever the tenant."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(login_key(login)), ConsistentRead=True)
        tenant = answer.get("Item", {}).get("tenant", {}).get("S")
        return self.user(tenant, login) if tenant else None

    def route_revision(self, tenant: str, route: str, revision: int) -> Route:
        """One immutable revision, kept for the life of the process.

        Raises ConfigurationError when it is missing or cannot be read.
        """
        key = (tenant, route, revision)
        if key not in self._revisions:
            doc = self._doc(revision_key(tenant, route, revision))
            if doc is None:
                raise ConfigurationError(f"Route {route!r} of tenant {tenant!r} has no revision {revision}.")
            self._revisions[key] = _route(tenant, route, doc)
        return self._revisions[key]

    def active_routes(self, tenant: str, *, fresh: bool = False) -> tuple[Route, ...]:
        """All routes of a tenant in their active revision, unordered; `fresh` goes past the cache.

        Raises ConfigurationError that names the route that cannot be read.
        """
        cached = self._active.get(tenant)
        if not fresh and cached and cached[0] > time.monotonic():
            return cached[1]
        routes = tuple(
            _route(tenant, item["sk"]["S"].removeprefix("ROUTE#"), item["doc"]["S"])
            for item in self._query(tenant, "ROUTE#")
        )
        self._active[tenant] = (time.monotonic() + CACHE_SECONDS, routes)
        return routes

    def route_at(self, tenant: str, route: str, at: str) -> Route | None:
        """The revision of a route that was active at a time (ISO 8601 as `timestamp` writes it).

        None when there was none yet. Raises ConfigurationError when it cannot be read.
        """
        answer = self._dynamodb.query(
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=1,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": f"TENANT#{tenant}"},
                ":first": {"S": f"ACTIVATION#{route}#"},
                ":last": {"S": activation_key(tenant, route, at)["sk"]},
            },
        )
        if not answer["Items"]:
            return None
        return self.route_revision(tenant, route, int(answer["Items"][0]["revision"]["N"]))

    def destination(self, tenant: str, destination: str) -> Destination:
        """Raises ConfigurationError when it is missing or cannot be read."""
        doc = self._doc(destination_key(tenant, destination))
        if doc is None:
            raise ConfigurationError(
                f"Tenant {tenant!r} has no destination {destination!r}.",
                todo="create it, or take it out of the route.",
            )
        try:
            return Destination.model_validate_json(doc)
        except ValueError as error:
            raise ConfigurationError(f"Destination {destination!r} of tenant {tenant!r}: {error}") from error

    def key_ring(self, tenant: str, ring: str) -> KeyRing:
        """The ring as it is now. Raises ConfigurationError when it is missing or cannot be read."""
        doc = self._doc(key_ring_key(tenant, ring))
        if doc is None:
            raise ConfigurationError(
                f"Tenant {tenant!r} has no key ring {ring!r}.", todo="create it, or take it out of the route."
            )
        try:
            return KeyRing.model_validate_json(doc)
        except ValueError as error:
            raise ConfigurationError(f"Key ring {ring!r} of tenant {tenant!r}: {error}") from error

    def expectation(self, tenant: str, expectation: str) -> Expectation | None:
        """The expectation as it is now, or None if there is none. Raises ConfigurationError when it cannot be read."""
        doc = self._doc(expectation_key(tenant, expectation))
        try:
            return Expectation.model_validate_json(doc) if doc else None
        except ValueError as error:
            raise ConfigurationError(f"Expectation {expectation!r} of tenant {tenant!r}: {error}") from error

    def subscription(self, tenant: str, subscription: str) -> Subscription | None:
        """The subscription as it is now, or None if there is none."""
        doc = self._doc(subscription_key(tenant, subscription))
        return Subscription.model_validate_json(doc) if doc else None

    def subscriptions(self, tenant: str) -> tuple[Subscription, ...]:
        """All of a tenant's; may be CACHE_SECONDS old."""
        cached = self._subscriptions.get(tenant)
        if cached and cached[0] > time.monotonic():
            return cached[1]
        items = self._query(tenant, "SUBSCRIPTION#")
        found = tuple(Subscription.model_validate_json(item["doc"]["S"]) for item in items)
        self._subscriptions[tenant] = (time.monotonic() + CACHE_SECONDS, found)
        return found

    def _doc(self, key: dict[str, str]) -> str | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
        return answer["Item"]["doc"]["S"] if "Item" in answer else None

    def _query(self, tenant: str, prefix: str) -> list[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": f"TENANT#{tenant}"}, ":prefix": {"S": prefix}},
        )
        return [item for page in pages for item in page["Items"]]


def _route(tenant: str, route: str, doc: str) -> Route:
    try:
        return Route.model_validate_json(doc)
    except ValueError as error:
        raise ConfigurationError(
            f"Route {route!r} of tenant {tenant!r} cannot be read: {error}", todo="write it again through the API."
        ) from error
