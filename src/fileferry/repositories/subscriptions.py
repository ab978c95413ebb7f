"""Subscriptions in the `config` table: the control plane's reads and writes.

A queue or address belongs to one subscription of one tenant: SNS knows one subscription per topic and endpoint, whose
filter would let another tenant's events through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.errors import Conflict
from fileferry.model.subscription import EmailEndpoint, Endpoint, HttpsEndpoint, QueueEndpoint, Subscription
from fileferry.repositories.config_keys import endpoint_key, subscription_key
from fileferry.repositories.items import cancellation_codes, to_item
from fileferry.repositories.pages import Page
from fileferry.repositories.records import Records, Stored

MOST = 100
"""Of a tenant: each may make a message of every event."""
_KIND = "SUBSCRIPTION"


class SubscriptionRecords(Records):
    """Raises what Records raises."""

    def subscription(self, tenant: str, subscription: str) -> Stored[Subscription]:
        missing = f"Tenant {tenant!r} has no subscription {subscription!r}."
        return self._read(Subscription, subscription_key(tenant, subscription), missing)

    def subscriptions(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Subscription]:
        return self._list(Subscription, tenant, f"{_KIND}#", limit, cursor)

    def create_subscription(self, value: Subscription) -> Stored[Subscription]:
        """Raises Conflict also when the queue or address has a subscription already, whoever's it is."""
        if len(self.subscriptions(value.tenant, MOST).items) == MOST:
            raise Conflict(f"Tenant {value.tenant!r} has {MOST} subscriptions, which is the most.")
        claim = _claim(value)
        claims = [(claim, "This queue or address has a subscription already.")] if claim else []
        taken = f"Tenant {value.tenant!r} has a subscription {value.id!r} already."
        return self._create_record(subscription_key(value.tenant, value.id), _KIND, value, taken, claims)

    def change_subscription(
        self,
        tenant: str,
        subscription: str,
        changed: Callable[[Subscription], Subscription],
        if_match: str | None = None,
    ) -> Stored[Subscription]:
        """The subscription as `changed` makes it of what it is now; `changed` may be asked more than once."""

        def touched(current: Subscription) -> Subscription:
            return changed(current).model_copy(update={"updated_at": timestamp()})

        key = subscription_key(tenant, subscription)
        return self._replace(lambda: self.subscription(tenant, subscription), touched, key, _KIND, if_match)

    def delete_subscription(self, stored: Stored[Subscription]) -> None:
        """Raises Conflict when it was changed since it was read."""
        value = stored.value
        seen = {"ConditionExpression": "doc = :seen", "ExpressionAttributeValues": {":seen": {"S": stored.doc}}}
        key = to_item(subscription_key(value.tenant, value.id))
        deletes: list[Any] = [{"Delete": {"TableName": self._table, "Key": key, **seen}}]
        if claim := _claim(value):
            claimed = to_item({name: claim[name] for name in ("pk", "sk")})
            deletes.append({"Delete": {"TableName": self._table, "Key": claimed}})
        try:
            self._dynamodb.transact_write_items(TransactItems=deletes)
        except ClientError as error:
            if "ConditionalCheckFailed" in cancellation_codes(error):
                raise Conflict("The subscription was changed at this moment.", todo="try again.") from error
            raise


def _claim(value: Subscription) -> dict[str, str] | None:
    """The item that makes a queue or address unique; HTTPS endpoints may be shared."""
    if isinstance(value.target, HttpsEndpoint):
        return None
    digest = hashlib.sha256(_address(value.target).encode()).hexdigest()
    return {**endpoint_key(digest), "kind": "ENDPOINT", "tenant": value.tenant, "subscription": value.id}


def _address(target: Endpoint) -> str:
    if isinstance(target, EmailEndpoint):
        return target.address.lower()
    assert isinstance(target, QueueEndpoint)
    return target.queue_arn
