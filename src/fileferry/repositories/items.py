"""Python values ⇄ DynamoDB items."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize

Item = dict[str, Any]


def to_item(values: Mapping[str, Any]) -> Item:
    """An item in DynamoDB's form; floats are not allowed (store documents that have them as JSON text)."""
    return {name: _serialize(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values; numbers become int where they are whole."""
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: Any) -> Any:
    # Written out for what our items hold: boto3's own is five times slower, which a listing feels.
    ((kind, inner),) = value.items()
    if kind == "S" or kind == "BOOL":
        return inner
    if kind == "N":
        return int(inner) if inner.isdigit() else _number(inner)
    if kind == "M":
        return {name: _plain(each) for name, each in inner.items()}
    if kind == "L":
        return [_plain(each) for each in inner]
    return None if kind == "NULL" else _deserialize(value)


def _number(text: str) -> int | float:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def condition_failed(error: ClientError) -> bool:
    """Whether a write was refused by its own condition."""
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def cancellation_codes(error: ClientError) -> list[str]:
    """The reason code of every item of a cancelled transaction (`None` for those that were fine)."""
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return []
    reasons: Any = error.response.get("CancellationReasons", [])
    return [str(reason.get("Code", "None")) for reason in reasons]
