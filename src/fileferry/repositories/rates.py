"""The learned rates of destinations in the `keys` table: how fast each one took our bytes lately.

A rate is an estimate for the router, so a lost sample does no harm: nothing here is fenced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.repositories.items import condition_failed, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NEWEST = 0.3
"""Weight of the newest sample in the exponentially weighted mean; the first samples have the plain mean's."""
_BATCH = 100
"""Keys of one BatchGetItem (DynamoDB API reference)."""
_TRIES = 5


@dataclass(frozen=True)
class Rate:
    """Exponentially weighted mean of `samples` deliveries, the latest of them at `at` (ISO 8601)."""

    bytes_per_second: float
    samples: int
    at: str

    def with_sample(self, bytes_per_second: float, at: str) -> Rate:
        """The mean after one more delivery."""
        weight = max(NEWEST, 1 / (self.samples + 1))
        mean = self.bytes_per_second + weight * (bytes_per_second - self.bytes_per_second)
        return Rate(mean, self.samples + 1, at)


class RateRepository:
    """One item per tenant and destination; whole bytes/s, since DynamoDB takes no floats."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def record(self, tenant: str, destination: str, size: int, seconds: float) -> None:
        """Take a delivery of `size` bytes in `seconds` into the mean.

        A sample that meets others at the same moment again and again is dropped.
        """
        sample = size / max(seconds, 0.001)
        for _ in range(_TRIES):
            known = self._get(tenant, destination)
            if self._replace(tenant, destination, known, known.with_sample(sample, timestamp())):
                return

    def of(self, tenant: str, destinations: Sequence[str]) -> dict[str, Rate]:
        """The rates of those destinations that have one."""
        found: dict[str, Rate] = {}
        names = sorted(set(destinations))
        for start in range(0, len(names), _BATCH):
            keys = [to_item(_key(tenant, name)) for name in names[start : start + _BATCH]]
            request: Any = {self._table: {"Keys": keys}}
            while request:
                answer = self._dynamodb.batch_get_item(RequestItems=request)
                items = [from_item(item) for item in answer["Responses"].get(self._table, [])]
                found |= {item["sk"]: _rate(item) for item in items}
                request = answer.get("UnprocessedKeys")
        return found

    def _get(self, tenant: str, destination: str) -> Rate:
        key = to_item(_key(tenant, destination))
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _rate(from_item(answer["Item"])) if "Item" in answer else Rate(0, 0, "")

    def _replace(self, tenant: str, destination: str, known: Rate, rate: Rate) -> bool:
        """False when another sample has come in between."""
        values: dict[str, Any] = {":mean": round(rate.bytes_per_second), ":samples": rate.samples, ":at": rate.at}
        condition = "attribute_not_exists(samples)"
        if known.samples:
            values[":known"] = known.samples
            condition = "samples = :known"
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=to_item(_key(tenant, destination)),
                UpdateExpression="SET bytes_per_second = :mean, samples = :samples, #at = :at",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues=to_item(values),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True


def _key(tenant: str, destination: str) -> dict[str, str]:
    return {"pk": f"RATE#{tenant}", "sk": destination}


def _rate(item: Mapping[str, Any]) -> Rate:
    return Rate(float(item["bytes_per_second"]), item["samples"], item["at"])
