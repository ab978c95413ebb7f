"""The audit log: entries in the `keys` table, a partition for each tenant and one for the platform, kept for a time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

from fileferry.clock import timestamp
from fileferry.model.job import Frozen
from fileferry.repositories.items import from_item, to_item
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DAY = 86_400
_AFTER_ALL = "~"
"""Sorts after every time."""


class AuditEntry(Frozen):
    """One request that was more than reading. `status` is HTTP's; 0 while the request is under way, or was cut off."""

    at: str = Field(description="When it began, ISO 8601 in UTC.")
    request_id: str
    tenant: str = Field(description="Empty for what belongs to no tenant.")
    caller: str = Field(description="Stable id: the token's subject, or an ARN.")
    caller_name: str
    caller_kind: str = Field(description="person, machine or iam.")
    source_ip: str
    operation: str = Field(description="operationId of the OpenAPI description.")
    target: dict[str, str] = Field(description="Parts of the address, such as the job's or route's id.")
    status: int = 0
    details: dict[str, Any] = Field(default_factory=dict)


class AuditLog:
    def __init__(self, dynamodb: DynamoDBClient, table: str, retention_days: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._retention = retention_days * _DAY

    def begin(self, entry: AuditEntry) -> None:
        item = {**_key(entry), "doc": entry.model_dump_json(), "expires_at": int(time.time()) + self._retention}
        self._dynamodb.put_item(TableName=self._table, Item=to_item(item))

    def end(self, entry: AuditEntry, status: int, details: Mapping[str, Any]) -> None:
        ended = entry.model_copy(update={"status": status, "details": json.loads(json.dumps(details, default=str))})
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item(_key(entry)),
            UpdateExpression="SET doc = :doc",
            ExpressionAttributeValues=to_item({":doc": ended.model_dump_json()}),
        )

    def page(
        self, tenant: str, since: datetime | None, until: datetime | None, limit: int, cursor: str | None
    ) -> Page[AuditEntry]:
        """Entries of a tenant, or with "" of the platform, the newest first, before `until`. Raises BadCursor."""
        listing = f"audit/{tenant}"
        low = timestamp(since) if since else "0"
        high = timestamp(until) if until else _AFTER_ALL
        if cursor is not None:
            high = min(high, decode_cursor(listing, cursor, frozenset({"before"}))["before"])
        if low > high:
            return Page(())
        answer = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues=to_item({":pk": f"AUDIT#{tenant}", ":low": low, ":high": high}),
            ScanIndexForward=False,
            Limit=limit + 2,
        )
        # BETWEEN takes its bounds in; the cursor's entry and one exactly at `until` were not asked for.
        items = [item for item in map(from_item, answer["Items"]) if item["sk"] < high]
        entries = tuple(AuditEntry.model_validate_json(item["doc"]) for item in items[:limit])
        more = len(items) > limit
        return Page(entries, encode_cursor(listing, {"before": items[limit - 1]["sk"]}) if more else None)


def _key(entry: AuditEntry) -> dict[str, str]:
    return {"pk": f"AUDIT#{entry.tenant}", "sk": f"{entry.at}#{entry.request_id}"}
