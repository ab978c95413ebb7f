"""DynamoDB: getItem, putItem, deleteItem, updateItem. Source: connect-ddb and recorded events."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from asl.errors import TaskFailed
from asl.integrations.reply import (
    JSON_1_0,
    Call,
    content_headers,
    exception_name,
    optimised_error,
    with_metadata,
)
from asl.json_values import compact


def response(result: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """The answer around what DynamoDB gave: `{"Item": …}`, `{"Attributes": …}` or nothing, in DynamoDB's own JSON."""
    headers = content_headers(result, JSON_1_0, Connection="keep-alive", Server="Server")
    headers["x-amz-crc32"] = str(zlib.crc32(compact(result).encode()))
    return with_metadata(result, call, headers)


def error(code: str, message: str, status: int, request_id: str) -> TaskFailed:
    """An error of DynamoDB: `ResourceNotFoundException` gives `DynamoDB.ResourceNotFoundException`."""
    return optimised_error(f"DynamoDB.{exception_name(code)}", message, "AmazonDynamoDBv2", status, code, request_id)


def table_not_found(request_id: str) -> TaskFailed:
    """A table that does not exist."""
    return error("ResourceNotFoundException", "Requested resource not found", 400, request_id)
