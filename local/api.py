"""The control plane's API, called with SigV4 as AWS_IAM demands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fileferry.errors import FerryError
from local.stack import Stack

_SECONDS = 30.0


class ApiRefused(FerryError):
    """The API answered with an error; the text is its problem's."""

    def __init__(self, what: str, *, status: int, where: str) -> None:
        super().__init__(what, where=where)
        self.status = status


class Api:
    """Requests to `/v1/…` on the stack's HTTP API."""

    def __init__(self, stack: Stack, http: httpx.Client | None = None) -> None:
        self._stack = stack
        self._http = http or httpx.Client(timeout=_SECONDS)
        environment = stack.emulator.environment()
        self._credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        self.url = local_url(stack["ApiUrl"], stack.emulator.endpoint)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's JSON. Raises ApiRefused for any status but 2xx."""
        content = json.dumps(body).encode() if body is not None else b""
        headers = {"content-type": "application/json"} if content else {}
        request = AWSRequest(method, f"{self.url}{path}", headers, content)
        SigV4Auth(self._credentials, "execute-api", self._stack.emulator.region).add_auth(request)
        answer = self._http.request(method, request.url or "", content=content, headers=dict(request.headers.items()))
        if not answer.is_success:
            where = f"{method} {path}"
            raise ApiRefused(problem_text(answer.status_code, answer.text), status=answer.status_code, where=where)
        return dict(answer.json()) if answer.content else {}

    def put_or_create(self, collection: str, name: str, spec: Mapping[str, Any]) -> str:
        """Create the record, or replace it when it exists; says `created` or `updated`."""
        try:
            self.call("POST", collection, {"id": name, **spec})
        except ApiRefused as refused:
            if refused.status != httpx.codes.CONFLICT:
                raise
            self.call("PUT", f"{collection}/{name}", spec)
            return "updated"
        return "created"


def local_url(api_url: str, endpoint: str) -> str:
    """The API's base URL on the emulator: `https://ID.execute-api.…` is served below its own endpoint."""
    host = urlsplit(api_url).hostname or ""
    api_id, dot, rest = host.partition(".")
    if dot and rest.startswith("execute-api."):
        return f"{endpoint.rstrip('/')}/_aws/execute-api/{api_id}"
    return api_url.rstrip("/")


def problem_text(status: int, text: str) -> str:
    """What went wrong, from an application/problem+json body or from any other."""
    try:
        problem = json.loads(text)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return f"The API answered {status}: {text[:500]}"
    told = problem.get("detail") or problem.get("title") or problem.get("message") or ""
    errors = f" {json.dumps(problem['errors'])[:1000]}" if problem.get("errors") else ""
    return f"The API answered {status}: {told}{errors}"
