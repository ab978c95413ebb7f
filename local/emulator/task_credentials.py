"""Credentials of a task's role for a process that runs as the task's container would.

AWS: ECS's agent serves them to the container at `169.254.170.2`, below `/v2/credentials/`, and renews them; the role's
trust policy names `ecs-tasks.amazonaws.com` and may insist on `aws:SourceAccount` and `aws:SourceArn` (ECS developer
guide, "Amazon ECS task IAM role"). AWS's SDKs ask there, or at the loopback address in
AWS_CONTAINER_CREDENTIALS_FULL_URI. MiniStack 1.5.33 serves this path too, with credentials of no role that exists.

Here the id at the path's end is the role's name.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import imds

from .service_session import ServiceCall, service_session

PATH = "/v2/credentials/"
SESSION_SECONDS = 3600.0
"""AWS's SDKs ask anew some minutes before the end."""

Answer = tuple[int, dict[str, str], bytes]


def credentials_of(role: str, account: str, region: str) -> Answer:
    """The agent's answer for a role's name: 200 with the document, or 400 when ECS could not assume it."""
    arn = f"arn:aws:iam::{account}:role/{role}"
    call = ServiceCall(
        service="ecs-tasks.amazonaws.com",
        source_arn=f"arn:aws:ecs:{region}:{account}:*",
        session="worker",
    )
    given = service_session(call, arn, SESSION_SECONDS)
    if given is None:
        return _answer(400, {"code": "InvalidIdInRequest", "message": f"ECS cannot assume {arn}"})
    document = {
        "RoleArn": arn,
        "AccessKeyId": given.access_key,
        "SecretAccessKey": given.secret_key,
        "Token": given.token,
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(given.expires)),
    }
    return _answer(200, document)


def _answer(status: int, content: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


def close_gap() -> None:
    """Answer below `PATH` in MiniStack's place."""
    original = imds.handle_request

    async def handle(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        if method == "GET" and path.startswith(PATH):
            return credentials_of(path.removeprefix(PATH), get_account_id(), get_region())
        return await original(method, path, headers, body, query_params)

    imds.handle_request = handle
