"""The webhooks function: of a batch only what failed comes again, whatever happens to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.fileferry.webhooks.conftest import WebhookWorld
from webhooks import app


def record(hooks: WebhookWorld, name: str, receipt: str) -> dict[str, Any]:
    body = {"tenant": "acme", "subscription": name, "event": hooks.event()}
    attributes = {"ApproximateReceiveCount": "1"}
    return {"messageId": name, "receiptHandle": receipt, "body": json.dumps(body), "attributes": attributes}


def test_what_cannot_be_postponed_does_not_bring_the_others_again(
    hooks: WebhookWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "services", lambda: hooks.services)
    hooks.subscribe("good")
    hooks.subscribe("bad", target={"kind": "https", "url": "https://127.0.0.1:1/"})
    records = [record(hooks, "good", "one"), record(hooks, "bad", "a receipt that is not valid any more")]
    answer = app.handler({"Records": records}, object())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(hooks.receiver.events) == 1
