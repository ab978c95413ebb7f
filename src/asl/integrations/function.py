"""Lambda functions: called by their own ARN, which gives the result as it is, or by `lambda:invoke`, which wraps it.

Source: "Invoke an AWS Lambda function with Step Functions" (connect-lambda), recorded events, and the error payload of
the Python runtime (awslambdaric).
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from typing import Any

from asl.errors import TaskFailed
from asl.integrations.reply import Call, content_headers, exception_name, optimised_error, with_metadata
from asl.json_values import compact


def event(parameters: Mapping[str, Any]) -> Any:
    """What the function gets from `lambda:invoke`'s parameters: the Payload, `{}` without one or if it is null."""
    payload = parameters.get("Payload")
    return {} if payload is None else payload


def response(payload: Any, call: Call, version: str = "$LATEST", trace_id: str = "Root=1-0-0") -> dict[str, Any]:
    """`lambda:invoke`'s answer: the envelope around a function's result.

    `{"ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"}`. `trace_id` is the header
    X-Amzn-Trace-Id.
    """
    length = len(json.dumps(payload, ensure_ascii=False).encode())  # with blanks, as the Python runtime writes it
    headers = content_headers(payload, "application/json", length, Connection="keep-alive") | {
        "X-Amz-Executed-Version": version,
        "X-Amzn-Trace-Id": trace_id,
        "x-amzn-Remapped-Content-Length": "0",
    }
    return with_metadata({"ExecutedVersion": version, "Payload": payload, "StatusCode": 200}, call, headers)


def error(exception: BaseException, request_id: str, skipped_frames: int = 1) -> TaskFailed:
    """What a Python function's exception becomes: its class's name, and the runtime's payload as the cause.

    `skipped_frames` are the outermost frames that are the caller's, not the function's.
    """
    frames = traceback.extract_tb(exception.__traceback__)[skipped_frames:]
    return function_error(
        {
            "errorMessage": str(exception),
            "errorType": type(exception).__name__,
            "requestId": request_id,
            "stackTrace": traceback.format_list(frames),
        }
    )


def function_error(payload: Mapping[str, Any]) -> TaskFailed:
    """The failure that a function's error payload (`errorType`, `errorMessage`, …) stands for, of whatever runtime."""
    return TaskFailed(str(payload.get("errorType", "Lambda.Unknown")), compact(payload))


def service_error(code: str, message: str, status: int, request_id: str) -> TaskFailed:
    """An error of Lambda itself: `TooManyRequestsException` gives `Lambda.TooManyRequestsException`."""
    return optimised_error(f"Lambda.{exception_name(code)}", message, "AWSLambda", status, code, request_id)


def not_found(function_arn: str, request_id: str) -> TaskFailed:
    """A function that does not exist. `function_arn` without a qualifier stands for `$LATEST`."""
    qualified = function_arn if function_arn.count(":") > 6 else f"{function_arn}:$LATEST"
    return service_error("ResourceNotFoundException", f"Function not found: {qualified}", 404, request_id)
