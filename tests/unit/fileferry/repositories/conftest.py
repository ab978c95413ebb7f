"""The `config` and `jobs` tables on moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INDEXES = {
    "config": {"kind": ("kind", "pk")},
    "jobs": {
        "tenant-created": ("tenant", "created_at"),
        "tenant-status": ("tenant_status", "created_at"),
        "tenant-route": ("tenant_route", "created_at"),
    },
}
_KEYS = {"config": ("pk", "sk"), "jobs": ("job_id",)}


@pytest.fixture(scope="module")
def client() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def dynamodb(client: DynamoDBClient) -> DynamoDBClient:
    for name in client.list_tables()["TableNames"]:
        client.delete_table(TableName=name)
    for name, indexes in _INDEXES.items():
        parts = {*_KEYS[name], *(part for index in indexes.values() for part in index)}
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in sorted(parts)],
            KeySchema=_schema(_KEYS[name]),
            GlobalSecondaryIndexes=[
                {"IndexName": index, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "ALL"}}
                for index, keys in indexes.items()
            ],
        )
    return client


def _schema(parts: tuple[str, ...]) -> Any:
    return [{"AttributeName": part, "KeyType": kind} for part, kind in zip(parts, ("HASH", "RANGE"), strict=False)]
