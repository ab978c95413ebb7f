"""A long poll takes a message for a client that waits, and none for one that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from local.emulator.long_polls import ended_with_client, knowing_client

FOUND = {"Messages": [{"MessageId": "1"}]}


def asked(receive: Callable[[], Awaitable[dict[str, Any]]]) -> tuple[dict[str, Any], list[str]]:
    """What a request's poll answered, and what it took; a message comes as soon as it looks for the second time."""
    taken: list[str] = []
    answers: list[dict[str, Any]] = []

    async def poll(_data: dict[str, Any], _url: str) -> dict[str, Any]:
        await asyncio.sleep(0.01)
        taken.append("1")
        return FOUND

    async def application(_scope: Any, _receive: Any, _send: Any) -> None:
        answers.append(await ended_with_client(poll)({}, "url"))

    async def serve() -> None:
        await knowing_client(application)({"type": "http"}, receive, None)
        await asyncio.sleep(0.05)  # a poll that goes on would take the message now

    asyncio.run(serve())
    return answers[0], taken


def test_a_client_that_waits_gets_its_message() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    assert asked(receive) == (FOUND, ["1"])


def test_a_client_that_is_gone_takes_none() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert asked(receive) == ({}, [])


def test_a_call_of_the_emulator_itself_has_no_client() -> None:
    async def poll(_data: dict[str, Any], _url: str) -> dict[str, Any]:
        return FOUND

    assert asyncio.run(ended_with_client(poll)({}, "url")) == FOUND
