"""From the events topic to HTTPS endpoints: an event becomes one message for each subscription, each message one POST.

All messages lie in one queue. What fails is made visible again later and later, and after ATTEMPTS goes to the
dead-letter queue. An endpoint that fails again and again for long gets nothing more until it is enabled.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fileferry.clock import now, parse_time, timestamp
from fileferry.errors import ConfigurationError, DestinationRefused, DestinationUnavailable
from fileferry.model.subscription import EventType, HttpsEndpoint, Subscription, takes
from fileferry.repositories.webhooks import Attempt, WebhookState
from fileferry.secrets import PREVIOUS
from fileferry.services import Services
from fileferry.steps import logger
from fileferry.webhooks.posting import post
from fileferry.webhooks.signing import HEADER, signature

DELAYS = (10, 30, 60, 300, 600, 1800, 3600, 7200, 10_800, 14_400, 21_600)
"""Seconds before each further attempt: 17 hours in all."""
ATTEMPTS = len(DELAYS) + 1
"""The queue's `maxReceiveCount` is the same (template.yaml)."""
DISABLE_FAILURES = 20
DISABLE_AFTER = timedelta(hours=1)
"""An endpoint is disabled when it has failed so often in a row, and for so long."""
_MOST_ERROR = 500
_TEST = f"fileferry.{EventType.SUBSCRIPTION_TEST}"


class NotDelivered(Exception):
    """The message is to come again after `delay` seconds; None after the last attempt."""

    def __init__(self, delay: int | None) -> None:
        super().__init__(delay)
        self.delay = delay


@dataclass(frozen=True)
class Delivery:
    """One event for one subscription, as it lies in the queue."""

    tenant: str
    subscription: str
    event: Mapping[str, Any]

    def text(self) -> str:
        return json.dumps(
            {"tenant": self.tenant, "subscription": self.subscription, "event": self.event}, ensure_ascii=False
        )


def take(world: Services, body: str, attributes: Mapping[str, str], received: int) -> str:
    """See to one message; what became of it in a word.

    `attributes` are the event's where the message comes from the topic; `received` says how often the message was.
    Raises NotDelivered, and ValueError or KeyError for a message of another form.
    """
    message = json.loads(body)
    if "specversion" in message:
        return f"told {_fan_out(world, message, attributes)}"
    return _deliver(world, Delivery(message["tenant"], message["subscription"], message["event"]), received)


def _fan_out(world: Services, event: Mapping[str, Any], attributes: Mapping[str, str]) -> int:
    """Send a message for each subscription of the tenant that takes the event."""
    tenant = attributes["tenant"]
    wanted = [
        one
        for one in _candidates(world, tenant, event)
        if one.enabled and isinstance(one.target, HttpsEndpoint) and takes(one.policy(), attributes)
    ]
    for one in wanted:
        delivery = Delivery(tenant, one.id, event)
        world.sqs.send_message(QueueUrl=world.settings.webhooks_queue_url, MessageBody=delivery.text())
    return len(wanted)


def _candidates(world: Services, tenant: str, event: Mapping[str, Any]) -> Sequence[Subscription]:
    """All of the tenant's, as they were some seconds ago; of a test the one that it names, which may be newer."""
    if event["type"] != _TEST:
        return world.config.subscriptions(tenant)
    named = world.config.subscription(tenant, event["data"]["subscription"])
    return [named] if named else []


def _deliver(world: Services, delivery: Delivery, received: int) -> str:
    subscription = world.config.subscription(delivery.tenant, delivery.subscription)
    if subscription is None or not subscription.enabled or not isinstance(subscription.target, HttpsEndpoint):
        return "dropped"  # the last, when it was deleted and its name given to a queue or an address
    state = world.webhooks.state(delivery.tenant, delivery.subscription)
    if state.disabled_at:
        return "dropped"
    attempt = _try(world, subscription, subscription.target, delivery.event, received)
    world.webhooks.record(delivery.tenant, delivery.subscription, attempt)
    if attempt.outcome == "DELIVERED":
        if state.failures:
            world.webhooks.succeeded(delivery.tenant, delivery.subscription)
        return "delivered"
    _count_failure(world, subscription, attempt)
    raise NotDelivered(DELAYS[received - 1] if received < ATTEMPTS else None)


def _try(
    world: Services, subscription: Subscription, target: HttpsEndpoint, event: Mapping[str, Any], received: int
) -> Attempt:
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    began, at = time.monotonic(), now()
    status, error = None, ""
    try:
        headers = _headers(event, signature(_keys(world, subscription, timestamp(at)), body, int(at.timestamp())))
        status = post(target, headers, body, world.settings.allow_private_destinations)
        error = "" if 200 <= status < 300 else f"The endpoint answered {status}."
    except (ConfigurationError, DestinationRefused, DestinationUnavailable) as failure:
        error = failure.what[:_MOST_ERROR]
    made = Attempt(
        at=timestamp(at),
        event_id=str(event["id"]),
        event_type=str(event["type"]),
        attempt=received,
        outcome="DELIVERED",
        status=status,
        error=error,
        milliseconds=round((time.monotonic() - began) * 1000),
    )
    return made.model_copy(update={"outcome": "RETRY" if received < ATTEMPTS else "GIVEN_UP"}) if error else made


def _headers(event: Mapping[str, Any], signed: str) -> dict[str, str]:
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "fileferry",
        "X-Fileferry-Event": str(event["type"]),
        HEADER: signed,
    }


def _keys(world: Services, subscription: Subscription, at: str) -> list[str]:
    """The secrets that sign: the current one, and for a time the one before."""
    keys = [world.secrets.fields(subscription.secret)["secret"]]
    if subscription.previous_secret_until > at:
        try:
            keys.append(world.secrets.fields(subscription.secret, PREVIOUS)["secret"])
        except ConfigurationError:
            logger.warning("there is no previous secret", subscription=f"{subscription.tenant}/{subscription.id}")
    return keys


def _count_failure(world: Services, subscription: Subscription, attempt: Attempt) -> None:
    """Count a failure, and disable an endpoint that has failed for long; told before it is recorded, with one id."""
    state = world.webhooks.failed(subscription.tenant, subscription.id, attempt.at)
    if is_hopeless(state, attempt.at):
        world.notifier.subscription_disabled(subscription, state, attempt.error)
        world.webhooks.disable(subscription.tenant, subscription.id, attempt.at)


def is_hopeless(state: WebhookState, at: str) -> bool:
    """Whether an endpoint has failed so often in a row, and for so long, that nothing more is sent."""
    if state.failures < DISABLE_FAILURES or not state.failing_since:
        return False
    return parse_time(at) - parse_time(state.failing_since) >= DISABLE_AFTER
