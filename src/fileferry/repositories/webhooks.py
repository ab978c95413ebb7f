"""How deliveries to HTTPS subscriptions went: in the `keys` table.

`WEBHOOK#tenant#id / STATE` counts failures in a row, `WEBHOOK#tenant#id / ATTEMPT#at#…` is one attempt, kept for KEEP.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from fileferry.clock import parse_time
from fileferry.model.job import Frozen
from fileferry.repositories.items import condition_failed, from_item, to_item
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP = timedelta(days=14)
_STATE = "STATE"
_ATTEMPT = "ATTEMPT#"


@dataclass(frozen=True)
class WebhookState:
    """Failures since the last success; `failing_since` is the first one's. `disabled_at`: nothing is sent now."""

    failures: int = 0
    failing_since: str = ""
    disabled_at: str = ""


class Attempt(Frozen):
    """One try to deliver an event; `status` is HTTP's, None where there was no answer."""

    at: str
    event_id: str
    event_type: str
    attempt: int
    outcome: Literal["DELIVERED", "RETRY", "GIVEN_UP"]
    status: int | None = None
    error: str = ""
    milliseconds: int = 0


class WebhookRepository:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def state(self, tenant: str, subscription: str) -> WebhookState:
        key = to_item(_key(tenant, subscription, _STATE))
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _state(from_item(answer.get("Item", {})))

    def succeeded(self, tenant: str, subscription: str) -> None:
        """End the row of failures, unless the subscription is disabled."""
        self._update(tenant, subscription, "REMOVE failures, failing_since", {}, "attribute_not_exists(disabled_at)")

    def failed(self, tenant: str, subscription: str, at: str) -> WebhookState:
        """Count one more failure."""
        expression = "SET failing_since = if_not_exists(failing_since, :at) ADD failures :one"
        return self._update(tenant, subscription, expression, {":at": at, ":one": 1}) or WebhookState()

    def disable(self, tenant: str, subscription: str, at: str) -> None:
        expression = "SET disabled_at = if_not_exists(disabled_at, :at)"
        self._update(tenant, subscription, expression, {":at": at})

    def enable(self, tenant: str, subscription: str) -> None:
        """Forget failures: deliveries begin anew."""
        self._dynamodb.delete_item(TableName=self._table, Key=to_item(_key(tenant, subscription, _STATE)))

    def record(self, tenant: str, subscription: str, attempt: Attempt) -> None:
        item = {
            **_key(tenant, subscription, f"{_ATTEMPT}{attempt.at}#{secrets.token_hex(4)}"),
            "doc": attempt.model_dump_json(),
            "expires_at": int((parse_time(attempt.at) + KEEP).timestamp()),
        }
        self._dynamodb.put_item(TableName=self._table, Item=to_item(item))

    def attempts(self, tenant: str, subscription: str, limit: int, cursor: str | None = None) -> Page[Attempt]:
        """The attempts of the last days, the latest first. Raises BadCursor."""
        pk = _key(tenant, subscription, "")["pk"]
        start: Any = {}
        if cursor is not None:
            after = decode_cursor(pk, cursor, frozenset({"after"}))["after"]
            start = {"ExclusiveStartKey": to_item({"pk": pk, "sk": f"{_ATTEMPT}{after}"})}
        answer = self._dynamodb.query(
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit + 1,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": pk, ":prefix": _ATTEMPT}),
            **start,
        )
        items = answer["Items"][:limit]
        found = tuple(Attempt.model_validate_json(item["doc"]["S"]) for item in items)
        more = len(answer["Items"]) > limit or ("LastEvaluatedKey" in answer and items)
        after = items[-1]["sk"]["S"].removeprefix(_ATTEMPT) if more else ""
        return Page(found, encode_cursor(pk, {"after": after}) if more else None)

    def _update(
        self, tenant: str, subscription: str, expression: str, values: Mapping[str, Any], condition: str = ""
    ) -> WebhookState | None:
        """The new state; None when the condition does not hold."""
        given: Any = {"ExpressionAttributeValues": to_item(values)} if values else {}
        if condition:
            given["ConditionExpression"] = condition
        try:
            answer = self._dynamodb.update_item(
                TableName=self._table,
                Key=to_item(_key(tenant, subscription, _STATE)),
                UpdateExpression=expression,
                ReturnValues="ALL_NEW",
                **given,
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return None
        return _state(from_item(answer["Attributes"]))


def _state(item: Mapping[str, Any]) -> WebhookState:
    return WebhookState(item.get("failures", 0), item.get("failing_since", ""), item.get("disabled_at", ""))


def _key(tenant: str, subscription: str, sk: str) -> dict[str, str]:
    return {"pk": f"WEBHOOK#{tenant}#{subscription}", "sk": sk}
