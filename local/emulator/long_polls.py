"""A long poll ends with its connection.

AWS: a message goes to a consumer that still waits for it. MiniStack 1.5.33 goes on for up to 20 seconds when the
consumer is gone, and then gives the next message to nobody: it is in flight until its visibility time-out, and a FIFO
group with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.services import sqs

Receive = Callable[[], Awaitable[dict[str, Any]]]
Action = Callable[[dict[str, Any], str], Awaitable[dict[str, Any]]]

_client: ContextVar[Receive | None] = ContextVar("client", default=None)
"""What the server tells of the request's connection."""


async def _gone(receive: Receive) -> None:
    while (await receive()).get("type") != "http.disconnect":
        pass


def ended_with_client(action: Action) -> Action:
    """The action, without a result once the request's client is gone; an action must not be cut between two changes."""

    async def act(data: dict[str, Any], url: str) -> dict[str, Any]:
        receive = _client.get()
        if receive is None:
            return await action(data, url)
        answer, gone = asyncio.ensure_future(action(data, url)), asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else {}
        finally:
            answer.cancel()
            gone.cancel()

    return act


def knowing_client(application: Any) -> Any:
    """The ASGI application, in which `ended_with_client` knows each request's connection."""

    async def serve(scope: Any, receive: Receive, send: Any) -> None:
        if scope["type"] == "http":
            _client.set(receive)
        await application(scope, receive, send)

    return serve


def close_gap() -> None:
    """MiniStack's action only sleeps between looking and taking, so that it can be ended there."""
    sqs._HANDLERS["ReceiveMessage"] = ended_with_client(sqs._HANDLERS["ReceiveMessage"])
    app.app = knowing_client(app.app)
