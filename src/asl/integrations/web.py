"""HTTP calls: `apigateway:invoke` and `http:invoke`.

Source: "Call API Gateway with Step Functions" (connect-api-gateway), "Call HTTPS APIs" (call-https-apis), recordings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from asl.errors import TaskFailed
from asl.integrations.reply import text_of

_FORBIDDEN = """
authorization connection content-md5 expect host max-forwards proxy-authenticate server te transfer-encoding trailer
upgrade via www-authenticate
"""
_FORBIDDEN_PREFIXES = ("x-forwarded", "x-amz", "x-amzn")


def gateway_url(parameters: Mapping[str, Any]) -> str:
    """The URL that `apigateway:invoke`'s ApiEndpoint, Stage, Path and QueryParameters make."""
    parts = [str(parameters["ApiEndpoint"])]
    parts += [part for name in ("Stage", "Path") if (part := str(parameters.get(name, "")).strip("/"))]
    query = urlencode(parameters.get("QueryParameters") or {}, doseq=True)
    return "https://" + "/".join(parts) + (f"?{query}" if query else "")


def forbidden_headers(parameters: Mapping[str, Any]) -> list[str]:
    """The Headers that API Gateway's integration does not let through."""
    names = parameters.get("Headers") or {}
    return [
        name for name in names if name.lower() in _FORBIDDEN.split() or name.lower().startswith(_FORBIDDEN_PREFIXES)
    ]


def body_text(parameters: Mapping[str, Any]) -> str | None:
    """The RequestBody as it is sent: a text as it is, anything else as JSON; None: no body."""
    body = parameters.get("RequestBody")
    return None if body is None else text_of(body)


def response(
    status: int, text: str, headers: Mapping[str, list[str]], status_text: str = "OK", *, service: str = "apigateway"
) -> dict[str, Any]:
    """The answer: `{"Headers", "ResponseBody", "StatusCode", "StatusText"}`, the body parsed if it is JSON.

    `service` is `apigateway` or `http`. Raises `TaskFailed` for a status other than 2xx.
    """
    if not 200 <= status < 300:
        raise error(status, text, service=service)
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    return {"Headers": dict(headers), "ResponseBody": body, "StatusCode": status, "StatusText": status_text}


def error(status: int, text: str, *, service: str = "apigateway") -> TaskFailed:
    """What an answer of this status becomes: `ApiGateway.403`, `States.Http.StatusCode.404`; the cause is its body."""
    name = f"ApiGateway.{status}" if service == "apigateway" else f"States.Http.StatusCode.{status}"
    return TaskFailed(name, text)


def unreachable(reason: str, *, service: str = "http", exception: str = "SdkClientException") -> TaskFailed:
    """A call that got no answer: `States.Http.Socket`, or `ApiGateway.` and the exception's name."""
    return TaskFailed("States.Http.Socket" if service == "http" else f"ApiGateway.{exception}", reason)
