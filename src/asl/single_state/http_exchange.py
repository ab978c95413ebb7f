"""What TRACE shows of an HTTP Task: the request and the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from asl.integrations.reply import text_of
from asl.integrations.web import body_text

if TYPE_CHECKING:
    from asl.requests import TaskRequest
    from asl.single_state.trial import Trial


def note_exchange(trial: Trial, request: TaskRequest, result: Any) -> None:
    """Note `request` and `response` of an `http:invoke`; nothing of other tasks.

    They are what the state's parameters and result say: headers that a connection or the service adds are not known
    here, so there are no secrets to leave out.
    """
    resource, parameters = trial.state.resource, request.parameters
    if resource is None or resource.resource_type != "http" or not isinstance(parameters, Mapping):
        return
    query = urlencode(parameters.get("QueryParameters") or {}, doseq=True)
    url = str(parameters.get("ApiEndpoint", "")) + (f"?{query}" if query else "")
    protocol = urlsplit(url).scheme or "https"
    trial.noted(
        "request",
        _texts(
            protocol=protocol,
            method=parameters.get("Method"),
            url=url,
            headers=_headers(parameters.get("Headers")),
            body=body_text(parameters),
        ),
    )
    if isinstance(result, Mapping):
        body = result.get("ResponseBody")
        trial.noted(
            "response",
            _texts(
                protocol=protocol,
                statusCode=result.get("StatusCode"),
                statusMessage=result.get("StatusText"),
                headers=_headers(result.get("Headers")),
                body=None if body is None else text_of(body),
            ),
        )


def _texts(**members: Any) -> dict[str, str]:
    return {name: str(value) for name, value in members.items() if value is not None}


def _headers(headers: Mapping[str, Any] | None) -> str | None:
    if not headers:
        return None
    values = {name: ", ".join(value) if isinstance(value, list) else value for name, value in headers.items()}
    return "[" + ", ".join(f"{name}: {value}" for name, value in values.items()) + "]"
