"""Webhooks over moto's tables and queue, and a real HTTPS endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fileferry.model.subscription import Subscription
from fileferry.repositories.subscriptions import SubscriptionRecords
from fileferry.repositories.webhooks import Attempt
from fileferry.services import Services
from fileferry.webhooks.delivering import take
from tests.event_schemas import CheckedSns
from tests.unit.control_plane.world import empty_tables
from tests.unit.fileferry.webhooks.receiver import Receiver, receiver
from tests.unit.world import REGION, SETTINGS

SECRET = "whsec_first"


@dataclass
class WebhookWorld:
    """Tenant acme with a receiver."""

    services: Services
    receiver: Receiver
    queue: str
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1000)))

    def __post_init__(self) -> None:
        self.sns = CheckedSns(self.services.sns)
        self.services.__dict__["sns"] = self.sns

    def subscribe(self, name: str = "hook", tenant: str = "acme", **fields: Any) -> Subscription:
        secret = f"ferry/{tenant}/subscriptions/{name}"
        self.services.secret_writer.put(secret, json.dumps({"secret": SECRET}))
        values = {"target": self.receiver.target, "tenant": tenant, "id": name, "home_region": REGION, "secret": secret}
        value = Subscription.model_validate({**values, **fields})
        self.services.config._subscriptions.clear()
        return SubscriptionRecords(self.services.dynamodb, "config").create_subscription(value).value

    def change(self, name: str = "hook", **update: Any) -> None:
        records = SubscriptionRecords(self.services.dynamodb, "config")
        records.change_subscription("acme", name, lambda value: value.model_copy(update=update))
        self.services.config._subscriptions.clear()

    def event(self, kind: str = "JobFailed", **fields: Any) -> dict[str, Any]:
        data = {"tenant": "acme", **fields}
        number = next(self.numbers)
        return {"specversion": "1.0", "id": f"e{number}", "type": f"fileferry.{kind}", "data": data, "text": "ü"}

    def publish(self, event: dict[str, Any], **attributes: str) -> list[dict[str, Any]]:
        """As the topic sends it; the messages that come of it."""
        given = {"tenant": "acme", "type": event["type"], "status": "FAILED", "route": "orders", **attributes}
        take(self.services, json.dumps(event), given, 1)
        found = []
        while messages := self.services.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                self.services.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found

    def deliver(self, name: str = "hook", received: int = 1, event: dict[str, Any] | None = None) -> str:
        body = {"tenant": "acme", "subscription": name, "event": event or self.event()}
        return take(self.services, json.dumps(body), {}, received)

    def attempts(self, name: str = "hook") -> list[Attempt]:
        return list(self.services.webhooks.attempts("acme", name, 100).items)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def hooks(endpoint: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookWorld]:
    endpoint.__init__(endpoint.port, endpoint.certificates, SECRET)  # type: ignore[misc]
    with mock_aws():
        session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        queue = session.client("sqs").create_queue(QueueName="webhooks")["QueueUrl"]
        settings = replace(SETTINGS, webhooks_queue_url=queue, allow_private_destinations=("127.0.0.0/8",))
        services = Services(settings, session)
        empty_tables(services.dynamodb)
        for topic in ("events", "failure"):
            services.sns.create_topic(Name=topic)
        yield WebhookWorld(services, endpoint, queue)
