"""The control plane's API as a client sees it: requests, and a kind of authorization for each of its two URLs."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fileferry.errors import FerryError
from local.stack import Stack

_SECONDS = 30.0
_PAGE = 200
Json = dict[str, Any]


class ApiRefused(FerryError):
    """The API answered with an error; the text is its problem's."""

    def __init__(self, what: str, *, status: int, where: str, todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo)
        self.status = status


class ApiNotReached(FerryError):
    """Nothing answers at the API's address."""

    status = 503


class Signed(httpx.Auth):
    """SigV4 (service `execute-api`), as the API for IAM users and roles demands."""

    requires_request_body = True

    def __init__(self, credentials: Callable[[], Credentials], region: str) -> None:
        self._credentials = credentials
        self._region = region

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        kept = {name: request.headers[name] for name in ("content-type", "host") if name in request.headers}
        signed = AWSRequest(request.method, str(request.url), kept, request.content)
        SigV4Auth(self._credentials(), "execute-api", self._region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request


class Bearer(httpx.Auth):
    """An access token, as the API for people and OAuth clients demands."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = f"Bearer {self._token()}"
        yield request


class Client:
    """Requests to `/v1/…` below a base URL."""

    def __init__(self, url: str, auth: httpx.Auth, http: httpx.Client | None = None) -> None:
        self.url = url
        self._auth = auth
        self._http = http or httpx.Client(timeout=_SECONDS)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """The answer's JSON; query parameters that are None are left out.

        Raises ApiRefused for any status but 2xx, ApiNotReached when there is no answer.
        """
        answer = self.send(method, path, body, query, headers)
        if not answer.is_success:
            raise ApiRefused(
                problem_text(answer.status_code, answer.text),
                status=answer.status_code,
                where=f"{method} {path}",
                todo=_TODO.get(answer.status_code, ""),
            )
        return dict(answer.json()) if answer.content else {}

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer as it came, whatever its status. Raises ApiNotReached."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        # `%20` for a space, since SigV4 signs it so
        text = f"?{urlencode(given, quote_via=quote)}" if given else ""
        content = json.dumps(body).encode() if body is not None else b""
        kinds = {"content-type": "application/json"} if content else {}
        try:
            return self._http.request(
                method,
                f"{self.url}{path}{text}",
                content=content,
                headers={**kinds, **(headers or {})},
                auth=self._auth,
            )
        except httpx.TransportError as error:
            raise ApiNotReached(f"The API does not answer: {error}", where=self.url) from error

    def items(self, path: str, query: Mapping[str, Any] | None = None, most: int | None = None) -> Iterator[Json]:
        """All items of a listing, page after page; at most so many. Raises ApiRefused."""
        cursor: str | None = None
        left = most
        while left is None or left > 0:
            size = _PAGE if left is None else min(left, _PAGE)
            page = self.call("GET", path, query={**(query or {}), "limit": size, "cursor": cursor})
            yield from page["items"]
            left = None if left is None else left - len(page["items"])
            cursor = page.get("cursor")
            if not cursor:
                return

    def put_or_create(self, collection: str, name: str, spec: Mapping[str, Any]) -> str:
        """Create the record, or replace it when it exists; says `created` or `updated`."""
        try:
            self.call("POST", collection, {"id": name, **spec})
        except ApiRefused as refused:
            if refused.status != httpx.codes.CONFLICT:
                raise
            self.call("PUT", f"{collection}/{quote(name, safe='')}", spec)
            return "updated"
        return "created"


class Api(Client):
    """The API of the stack on this machine, called as the account itself, who is a platform admin there."""

    def __init__(self, stack: Stack, http: httpx.Client | None = None) -> None:
        environment = stack.emulator.environment()
        credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        url = local_url(stack["IamApiUrl"], stack.emulator.endpoint)
        super().__init__(url, Signed(lambda: credentials, stack.emulator.region), http)


_TODO = {
    401: "log in again: `ferry login`.",
}


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
