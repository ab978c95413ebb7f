"""What Step Functions adds to a service's answer, and how it words a service's error.

Source: recorded TaskSucceeded, TaskSubmitted and TaskFailed events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asl.errors import TaskFailed
from asl.json_values import compact

JSON_1_0 = "application/x-amz-json-1.0"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a service: its request's id, and the answer's HTTP date."""

    request_id: str
    date: str = "Thu, 01 Jan 1970 00:00:00 GMT"


def with_metadata(members: Mapping[str, Any], call: Call, headers: Mapping[str, str]) -> dict[str, Any]:
    """An answer of an optimised integration: `members`, SdkHttpMetadata and SdkResponseMetadata, in AWS's order."""
    all_headers = {"Date": call.date, **headers, "x-amzn-RequestId": call.request_id}
    all_headers = dict(sorted(all_headers.items()))
    answer = {
        **members,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in all_headers.items()},
            "HttpHeaders": all_headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": call.request_id},
    }
    return dict(sorted(answer.items()))


def content_headers(members: Any, content_type: str, length: int | None = None, **more: str) -> dict[str, str]:
    """Content-Length (of `members` as compact JSON unless `length` is given) and Content-Type."""
    size = len(compact(members).encode()) if length is None else length
    return {"Content-Length": str(size), "Content-Type": content_type, **more}


def optimised_error(  # the error of an integration whose answers are those of the AWS SDK for Java 1
    error: str, message: str, service: str, status: int, code: str, request_id: str
) -> TaskFailed:
    """A service's error as an optimised integration words it: `SNS.NotFoundException`, and where it came from."""
    return TaskFailed(
        error,
        f"{message} (Service: {service}; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {request_id}; Proxy: null)",
    )


def exception_name(code: str) -> str:
    """An error code as an exception's name: `NotFound` → `NotFoundException`."""
    return code if code.endswith("Exception") else f"{code}Exception"


def text_of(value: Any) -> str:
    """A parameter that the service wants as text: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else compact(value)
