"""SQS: `sqs:sendMessage`. Source: connect-sqs, the API's page on message digests, and recorded events."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from asl.errors import TaskFailed
from asl.integrations.reply import (
    JSON_1_0,
    Call,
    content_headers,
    exception_name,
    optimised_error,
    text_of,
    with_metadata,
)


def request(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as SQS gets them: a MessageBody that is no text becomes JSON."""
    if "MessageBody" not in parameters:
        return dict(parameters)
    return {**parameters, "MessageBody": text_of(parameters["MessageBody"])}


def response(
    parameters: Mapping[str, Any], message_id: str, call: Call, sequence_number: str | None = None
) -> dict[str, Any]:
    """The answer to `parameters`; `sequence_number` is given for FIFO queues."""
    attributes = parameters.get("MessageAttributes")
    members = {
        "MD5OfMessageBody": _md5(text_of(parameters["MessageBody"]).encode()),
        "MessageId": message_id,
    }
    if attributes:
        members["MD5OfMessageAttributes"] = attributes_digest(attributes)
    if sequence_number is not None:
        members["SequenceNumber"] = sequence_number
    return with_metadata(members, call, content_headers(members, JSON_1_0, connection="keep-alive"))


def error(code: str, message: str, status: int, request_id: str) -> TaskFailed:
    """An error of SQS: `QueueDoesNotExist` gives `SQS.QueueDoesNotExistException`."""
    return optimised_error(f"SQS.{exception_name(code)}", message, "AmazonSQS", status, code, request_id)


def unreachable(host: str) -> TaskFailed:
    """A QueueUrl whose host does not exist."""
    return TaskFailed("SQS.SdkClientException", f"Unable to execute HTTP request: {host}: Name or service not known")


def attributes_digest(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """SQS's MD5 of message attributes: name, type and value of each, lengths before them, sorted by name."""
    digested = bytearray()
    for name, attribute in sorted(attributes.items()):
        binary = str(attribute["DataType"]).startswith("Binary")
        value = base64.b64decode(attribute["BinaryValue"]) if binary else str(attribute["StringValue"]).encode()
        for part in (name.encode(), str(attribute["DataType"]).encode()):
            digested += len(part).to_bytes(4, "big") + part
        digested += (b"\x02" if binary else b"\x01") + len(value).to_bytes(4, "big") + value
    return _md5(digested)


def _md5(content: bytes | bytearray) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
