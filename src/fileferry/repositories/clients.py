"""Machine clients in the `config` table: each lies there twice, in its tenant's list and under its principal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fileferry.clock import timestamp
from fileferry.errors import Conflict
from fileferry.model.client import Client, ClientSpec
from fileferry.repositories.config_keys import client_key, principal_key
from fileferry.repositories.items import to_item
from fileferry.repositories.pages import Page
from fileferry.repositories.records import Changed, Put, Records, Stored, busy, fields_of, item_of, stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CACHE_SECONDS = 5.0
"""How long a warm function may go on with a client that was changed meanwhile."""


class ClientRepository:
    """Who a principal is, for every request of a machine."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._found: dict[str, tuple[float, Client]] = {}

    def find(self, principal: str) -> Client | None:
        """The client whose principal (`principal_of`) it is, enabled or not; None if there is none.

        One GetItem; what was found may be CACHE_SECONDS old.
        """
        cached = self._found.get(principal)
        if cached and cached[0] > time.monotonic():
            return cached[1]
        self._found.pop(principal, None)
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=to_item(principal_key(principal)), ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        client = Client.model_validate_json(answer["Item"]["doc"]["S"])
        self._found[principal] = (time.monotonic() + CACHE_SECONDS, client)
        return client


class ClientWriter(Records):
    """Creates, replaces, reads and lists the clients of a tenant; errors as Records'."""

    def client(self, tenant: str, client: str) -> Stored[Client]:
        return self._read(Client, client_key(tenant, client), f"Tenant {tenant!r} has no client {client!r}.")

    def clients(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Client]:
        return self._list(Client, tenant, "CLIENT#", limit, cursor)

    def create_client(self, tenant: str, client: str, spec: ClientSpec) -> Stored[Client]:
        """Also claims the principal, which is unique over all tenants."""
        at = timestamp()
        value = Client(**fields_of(spec), tenant=tenant, id=client, created_at=at, updated_at=at)
        self._create(
            _items(value),
            [
                f"Tenant {tenant!r} has a client {client!r} already.",
                f"The principal {spec.principal!r} is taken; principals are unique over all tenants.",
            ],
        )
        return stored(value)

    def replace_client(self, tenant: str, client: str, spec: ClientSpec, if_match: str | None = None) -> Stored[Client]:
        """Raises Conflict when the principal is another than before."""
        for current in self._attempts(lambda: self.client(tenant, client), if_match):
            if spec.principal != current.value.principal:
                raise Conflict(
                    f"The principal of client {client!r} is {current.value.principal!r} and cannot be changed.",
                    todo="create another client, and disable this one.",
                )
            at = current.value.created_at
            value = Client(**fields_of(spec), tenant=tenant, id=client, created_at=at, updated_at=timestamp())
            try:
                self._write([Put(item, current.doc) for item in _items(value)])
            except Changed:
                continue
            return stored(value)
        raise busy(f"client {client!r}")


def _items(client: Client) -> list[dict[str, object]]:
    """The item of the tenant's list, and the one that `find` reads."""
    return [
        item_of(client_key(client.tenant, client.id), "CLIENT", client),
        item_of(principal_key(client.principal), "PRINCIPAL", client),
    ]
