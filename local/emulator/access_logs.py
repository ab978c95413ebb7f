"""An HTTP API writes its stage's access log, and a request has one id.

AWS: a stage with AccessLogSettings writes one line for each request to the log group, refused requests included; `-`
stands for a variable without a value (Developer Guide, "Configure logging for HTTP APIs in API Gateway" and "Customize
HTTP API access logs"). `$context.requestId` is the id that the event and the header `apigw-requestid` hold. MiniStack
1.5.33 writes no access log, and event and header have different ids.
"""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack import app
from ministack.core.responses import request_scope
from ministack.services import apigateway, cloudwatch_logs

Response = tuple[int, dict[str, str], bytes]
_VARIABLE = re.compile(r"\$context((?:\.\w+)+)")
_ERRORS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


@dataclass
class Facts:
    """What is known of the request that is being answered."""

    id: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    iam: Mapping[str, Any] = field(default_factory=dict)
    authorizer_error: str = ""
    reached_integration: bool = False


_facts: ContextVar[Facts | None] = ContextVar("facts", default=None)


def rendered(text: str, values: Mapping[str, object]) -> str:
    """A line of the log: the format with the values of its variables (named without `$context.`)."""
    return _VARIABLE.sub(lambda found: str(values.get(found[1][1:], "-") or "-"), text)


def request_id() -> str:
    """As AWS writes them: 16 characters of base64."""
    return base64.b64encode(os.urandom(11)).decode()


def _values(facts: Facts, call: Mapping[str, Any], response: Response, milliseconds: int) -> dict[str, object]:
    status, _, body = response
    error = "" if facts.reached_integration else _ERRORS.get(status, "")
    values: dict[str, object] = {
        "requestId": facts.id,
        "requestTimeEpoch": int(time.time()),
        "apiId": call["api_id"],
        "stage": call["stage"],
        "httpMethod": call["method"],
        "path": call["path"],
        "protocol": "HTTP/1.1",
        "routeKey": call["route"],
        "status": status,
        "responseLatency": milliseconds,
        "responseLength": len(body),
        "error.message": error,
        "authorizer.error": facts.authorizer_error,
        "identity.sourceIp": "127.0.0.1",
        "identity.userAgent": call["headers"].get("user-agent", ""),
        "identity.userArn": facts.iam.get("userArn") or "",
        "identity.user": facts.iam.get("userId") or "",
        "identity.accountId": facts.iam.get("accountId") or "",
    }
    return {**values, **{f"authorizer.claims.{name}": value for name, value in facts.claims.items()}}


def _write(facts: Facts, call: dict[str, Any], response: Response, milliseconds: int) -> None:
    scope = apigateway.find_api_scope(call["api_id"])
    if scope is None:
        return
    with request_scope(*scope):
        stage = apigateway._stages.get(call["api_id"], {}).get(call["stage"]) or {}
        settings = stage.get("accessLogSettings") or {}
        if not settings.get("destinationArn") or not settings.get("format"):
            return
        route = apigateway._match_route(call["api_id"], call["method"], "/" + call["path"].lstrip("/"))
        values = _values(facts, {**call, "route": (route or {}).get("routeKey", "")}, response, milliseconds)
        group = settings["destinationArn"].split(":log-group:", 1)[1].removesuffix(":*")
        where = {"logGroupName": group, "logStreamName": f"{call['api_id']}-{call['stage'].strip('$')}"}
        event = {"timestamp": int(time.time() * 1000), "message": rendered(settings["format"], values)}
        cloudwatch_logs._create_log_stream(where)  # refused where there is one already
        cloudwatch_logs._put_log_events({**where, "logEvents": [event]})


def logged_execution(original: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """`handle_execute` that writes the line and gives the answer the request's id."""

    async def handle_execute(
        api_id: str, stage: str, path: str, method: str, headers: dict[str, str], *rest: Any, **named: Any
    ) -> Response:
        began, facts = time.monotonic(), Facts(request_id())
        token = _facts.set(facts)
        try:
            response = await original(api_id, stage, path, method, headers, *rest, **named)
        finally:
            _facts.reset(token)
        response[1].setdefault("apigw-requestid", facts.id)
        call = {"api_id": api_id, "stage": stage, "path": path, "method": method, "headers": headers}
        _write(facts, call, response, round((time.monotonic() - began) * 1000))
        return response

    return handle_execute


def logged_refusal(original: Callable[..., Response | None]) -> Callable[..., Response | None]:
    """The check of a signature, whose refusals never come to `handle_execute`."""

    def enforce(
        api_id: str, stage: str, method: str, path: str, headers: dict[str, str], *rest: Any, **named: Any
    ) -> Response | None:
        refused = original(api_id, stage, method, path, headers, *rest, **named)
        if refused:
            call = {"api_id": api_id, "stage": stage, "path": path, "method": method, "headers": headers}
            _write(Facts(request_id()), call, refused, 0)
        return refused

    return enforce


def _observe() -> None:
    """Keep what the authorizers find, and let the event have the request's id."""
    validate, identity = apigateway._validate_jwt_authorizer, apigateway._iam_caller_identity_v2
    invoke, new_id = apigateway._invoke_lambda_proxy, apigateway.new_uuid

    async def validate_jwt(*arguments: Any) -> Any:
        claims, scopes, refused = await validate(*arguments)
        if facts := _facts.get():
            facts.claims = claims or {}
            facts.authorizer_error = _ERRORS.get(refused[0], "") if refused else ""
        return claims, scopes, refused

    def caller_identity(*arguments: Any) -> Any:
        found = identity(*arguments)
        if facts := _facts.get():
            facts.iam = found or {}
        return found

    async def invoke_lambda(*arguments: Any, **named: Any) -> Any:
        if facts := _facts.get():
            facts.reached_integration = True
        return await invoke(*arguments, **named)

    apigateway._validate_jwt_authorizer = validate_jwt
    apigateway._iam_caller_identity_v2 = caller_identity
    apigateway._invoke_lambda_proxy = invoke_lambda
    apigateway.new_uuid = lambda: facts.id if (facts := _facts.get()) else new_id()


def close_gap() -> None:
    """MiniStack's dispatcher looks all of these functions up at each request."""
    _observe()
    apigateway.handle_execute = logged_execution(apigateway.handle_execute)
    app._enforce_execute_api = logged_refusal(app._enforce_execute_api)
