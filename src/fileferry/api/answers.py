"""Answers in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from fileferry.repositories.pages import Page

JSON = "application/json"
PROBLEM = "application/problem+json"

Answer = Response[Any]


def reply(value: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Answer:
    """A model or a JSON value as an answer; header names are written with `_` for `-`, such as `ETag`, `Location`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status.value, JSON, json_text(_plain(value)), headers=named)


def page_answer(page: Page[Any], show: Callable[[Any], Any]) -> Answer:
    """`{"items": […], "cursor": …}`; the cursor is null on the last page."""
    return reply({"items": [_plain(show(item)) for item in page.items], "cursor": page.cursor})


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True) if isinstance(value, BaseModel) else value
