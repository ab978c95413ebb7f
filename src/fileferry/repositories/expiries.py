"""Which expiries were told, and where a sweep over the records stopped.

`EXPIRY#tenant / digest` in the `keys` table is forgotten some time after the key has expired.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fileferry.clock import parse_time
from fileferry.repositories.items import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from fileferry.expiries import Expiring

_KEEP = timedelta(days=7)


class ExpiryRepository:
    def __init__(self, dynamodb: DynamoDBClient, config_table: str, keys_table: str) -> None:
        self._dynamodb = dynamodb
        self._config = config_table
        self._keys = keys_table

    def records(self, kind: str, after: Mapping[str, str]) -> Iterator[tuple[dict[str, str], str]]:
        """All records of a kind, whatever the tenant, as (position, document); those after a position, if given."""
        start: Any = {"ExclusiveStartKey": to_item({**after, "kind": kind})} if after else {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._config,
                IndexName="kind",
                KeyConditionExpression="kind = :kind",
                ExpressionAttributeValues=to_item({":kind": kind}),
                **start,
            )
            for item in answer["Items"]:
                yield {"pk": item["pk"]["S"], "sk": item["sk"]["S"]}, item["doc"]["S"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def is_told(self, expiring: Expiring, days: int) -> bool:
        answer = self._dynamodb.get_item(TableName=self._keys, Key=to_item(_key(expiring, days)), ConsistentRead=True)
        return "Item" in answer

    def told(self, expiring: Expiring, days: int) -> None:
        until = int((parse_time(expiring.expires_at) + _KEEP).timestamp())
        self._dynamodb.put_item(TableName=self._keys, Item=to_item({**_key(expiring, days), "expires_at": until}))

    def position(self, region: str) -> dict[str, str]:
        """Where the last sweep stopped for want of time: `kind`, `pk`, `sk`; empty when it came to the end."""
        key = to_item(_position_key(region))
        answer = self._dynamodb.get_item(TableName=self._keys, Key=key, ConsistentRead=True)
        item = from_item(answer.get("Item", {}))
        return {name: item[f"at_{name}"] for name in ("kind", "pk", "sk") if f"at_{name}" in item}

    def keep_position(self, region: str, position: Mapping[str, str]) -> None:
        values = {f"at_{name}": value for name, value in position.items()}
        self._dynamodb.put_item(TableName=self._keys, Item=to_item({**_position_key(region), **values}))


def _key(expiring: Expiring, days: int) -> dict[str, str]:
    parts = (expiring.kind, expiring.owner, expiring.key, expiring.expires_at, str(days))
    return {"pk": f"EXPIRY#{expiring.tenant}", "sk": hashlib.sha256("\0".join(parts).encode()).hexdigest()}


def _position_key(region: str) -> dict[str, str]:
    return {"pk": f"EXPIRIES#{region}", "sk": "POSITION"}
