"""A route with IAM authorization takes signed requests only.

AWS: an HTTP API answers 403 where a request to such a route is not signed with SigV4 (Developer Guide, "Control access
to HTTP APIs with IAM authorization in API Gateway"). MiniStack 1.5.33 invokes the function, without an identity, when
the Authorization header holds something else, such as a token.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack import app
from ministack.services import apigateway

Response = tuple[int, dict[str, str], bytes]
SIGNED = "AWS4-"


def signed_only(original: Callable[..., Response | None]) -> Callable[..., Response | None]:
    """`_enforce_execute_api`, which answers where a request is refused."""

    def enforce(
        api_id: str, stage: str, method: str, path: str, headers: Mapping[str, str], *rest: Any, **named: Any
    ) -> Response | None:
        authorization = headers.get("authorization", "")
        if authorization and not authorization.startswith(SIGNED) and _needs_signature(api_id, stage, method, path):
            return 403, {"Content-Type": "application/json"}, json.dumps({"message": "Forbidden"}).encode()
        return original(api_id, stage, method, path, headers, *rest, **named)

    return enforce


def _needs_signature(api_id: str, stage: str, method: str, path: str) -> bool:
    return bool(apigateway.route_authorization_type(api_id, stage, method, path) == "AWS_IAM")


def close_gap() -> None:
    """MiniStack's dispatcher looks the function up at each request."""
    app._enforce_execute_api = signed_only(app._enforce_execute_api)
