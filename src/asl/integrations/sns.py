"""SNS: `sns:publish`. Source: connect-sns and recorded events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asl.errors import TaskFailed
from asl.integrations.reply import Call, content_headers, exception_name, optimised_error, text_of, with_metadata

_LENGTH, _FIFO_LENGTH = 294, 352  # of the XML answers


def request(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as SNS gets them: a Message that is no text becomes JSON."""
    return {**parameters, "Message": text_of(parameters["Message"])} if "Message" in parameters else dict(parameters)


def check(parameters: Mapping[str, Any], request_id: str) -> None:
    """Raise `TaskFailed` for what SNS refuses: a FIFO topic needs a MessageGroupId."""
    if str(parameters.get("TopicArn", "")).endswith(".fifo") and "MessageGroupId" not in parameters:
        message = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
        raise error("InvalidParameter", message, 400, request_id)


def response(message_id: str, call: Call, sequence_number: str | None = None) -> dict[str, Any]:
    """The answer; `sequence_number` is given for FIFO topics."""
    members = {"MessageId": message_id}
    if sequence_number is not None:
        members["SequenceNumber"] = sequence_number
    length = _LENGTH if sequence_number is None else _FIFO_LENGTH
    return with_metadata(members, call, content_headers(members, "text/xml", length, connection="keep-alive"))


def error(code: str, message: str, status: int, request_id: str) -> TaskFailed:
    """An error of SNS: `NotFound` gives `SNS.NotFoundException`."""
    return optimised_error(f"SNS.{exception_name(code)}", message, "AmazonSNS", status, code, request_id)


def topic_not_found(request_id: str) -> TaskFailed:
    """A topic that does not exist."""
    return error("NotFound", "Topic does not exist", 404, request_id)
