"""Subscriptions of a tenant to its events: HTTPS endpoints, SQS queues, e-mail addresses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

from pydantic import Field

from fileferry.api import Answer, Call, Mistake, Paging, Role, page_answer, refuse, reply
from fileferry.clock import now, timestamp
from fileferry.errors import Conflict
from fileferry.model.job import Frozen
from fileferry.model.route import Identifier
from fileferry.model.subscription import (
    HttpsEndpoint,
    QueueEndpoint,
    Subscription,
    SubscriptionSpec,
    subscription_secret_name,
)
from fileferry.repositories.records import Stored
from fileferry.repositories.subscriptions import SubscriptionRecords
from fileferry.repositories.webhooks import Attempt, WebhookState
from fileferry.services import services
from fileferry.topic_subscriptions import Confirmation, TopicSubscriptions
from fileferry.webhooks.signing import new_secret

from .checks import endpoint_mistakes
from .service import api, check_tenant, spec_of, told


class NewSubscription(SubscriptionSpec):
    """A subscription that is to be created."""

    id: Identifier


class Rotation(Frozen):
    """How long the secret before stays valid."""

    overlap_hours: int = Field(24, ge=0, le=24 * 30, description="Events are signed with both secrets for so long.")


class SubscriptionState(StrEnum):
    """Whether events are sent."""

    ACTIVE = "active"
    DISABLED = "disabled"
    """By its owner."""
    FAILING = "failing"
    """The last attempt at an HTTPS endpoint failed; it goes on."""
    SUSPENDED = "suspended"
    """An HTTPS endpoint failed for long; enable it again when it is mended."""
    PENDING = "pending_confirmation"
    """The owner of the queue or address has to confirm what SNS has sent there."""
    GONE = "gone"
    """The owner of the queue or address unsubscribed, or did not confirm in time; enable it again."""


class Failures(Frozen):
    """Of an HTTPS endpoint since the last success."""

    count: int
    since: str | None
    suspended_at: str | None


class SubscriptionAnswer(SubscriptionSpec):
    """A subscription and whether events are sent."""

    tenant: str
    id: str
    state: SubscriptionState | None = Field(None, description="Null in lists unless disabled: read one to know.")
    failures: Failures | None = Field(None, description="Of an HTTPS endpoint; null in lists.")
    previous_secret_until: str | None = Field(None, description="Until then events are signed with two secrets.")
    secret: str | None = Field(None, description="What signs events; shown once, where it is made.")
    created_at: str
    updated_at: str


class TestSent(Frozen):
    """A test is under way."""

    event_id: str


def records() -> SubscriptionRecords:
    world = services()
    return SubscriptionRecords(world.dynamodb, world.settings.config_table)


def topic() -> TopicSubscriptions:
    world = services()
    return TopicSubscriptions(world.sns, world.settings.events_topic_arn)


def listed(value: Subscription) -> SubscriptionAnswer:
    """As far as the record itself tells."""
    return SubscriptionAnswer(
        description=value.description,
        enabled=value.enabled,
        target=value.target,
        filter=value.filter,
        tenant=value.tenant,
        id=value.id,
        state=None if value.enabled else SubscriptionState.DISABLED,
        previous_secret_until=value.previous_secret_until or None,
        created_at=value.created_at,
        updated_at=value.updated_at,
    )


def shown(value: Subscription, secret: str | None = None) -> SubscriptionAnswer:
    """With what SNS and the deliveries tell."""
    if isinstance(value.target, HttpsEndpoint):
        state = services().webhooks.state(value.tenant, value.id)
        failures = Failures(
            count=state.failures, since=state.failing_since or None, suspended_at=state.disabled_at or None
        )
        update = {"state": _https_state(value, state), "failures": failures, "secret": secret}
    else:
        update = {"state": _topic_state(value)}
    return listed(value).model_copy(update=update)


def _https_state(value: Subscription, state: WebhookState) -> SubscriptionState:
    if not value.enabled:
        return SubscriptionState.DISABLED
    if state.disabled_at:
        return SubscriptionState.SUSPENDED
    return SubscriptionState.FAILING if state.failures else SubscriptionState.ACTIVE


def _topic_state(value: Subscription) -> SubscriptionState:
    if not value.enabled:
        return SubscriptionState.DISABLED
    confirmation = topic().confirmation(value.subscription_arn) if value.subscription_arn else Confirmation.GONE
    return {
        Confirmation.CONFIRMED: SubscriptionState.ACTIVE,
        Confirmation.PENDING: SubscriptionState.PENDING,
        Confirmation.GONE: SubscriptionState.GONE,
    }[confirmation]


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/subscriptions",
    access=Role.VIEWER,
    query=Paging,
    answer=SubscriptionAnswer,
    listing=True,
)
def list_subscriptions(call: Call) -> Answer:
    """List who is told of a tenant's events."""
    check_tenant(call.tenant)
    return page_answer(records().subscriptions(call.tenant, call.query.limit, call.query.cursor), listed)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/subscriptions",
    access=Role.TENANT_ADMIN,
    body=NewSubscription,
    answer=SubscriptionAnswer,
    status=HTTPStatus.CREATED,
    tagged=True,
    secret=True,
)
def create_subscription(call: Call) -> Answer:
    """Have an HTTPS endpoint, an SQS queue or an e-mail address told of the tenant's events.

    The answer for an HTTPS endpoint shows the secret that signs events; it is not shown again. SNS asks the owner of an
    address, or of a queue in another account, to confirm.
    """
    check_tenant(call.tenant)
    spec = spec_of(call.body, SubscriptionSpec)
    refuse(list(_mistakes(spec)))
    at = timestamp()
    value = Subscription(
        description=spec.description,
        enabled=spec.enabled,
        target=spec.target,
        filter=spec.filter,
        tenant=call.tenant,
        id=call.body.id,
        home_region=services().settings.region,
        created_at=at,
        updated_at=at,
    )
    call.note(subscription=value.id, kind=value.target.kind)
    place = f"/v1/tenants/{call.tenant}/subscriptions/{value.id}"
    if not isinstance(value.target, HttpsEndpoint):
        return told(_subscribed(value), shown, created=place)
    name = subscription_secret_name(services().settings.secret_prefix, call.tenant, value.id)
    stored = records().create_subscription(value.model_copy(update={"secret": name}))
    secret = _new_secret(name)
    services().webhooks.enable(call.tenant, value.id)
    return told(stored, lambda made: shown(made, secret), created=place)


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/subscriptions/{subscription}",
    access=Role.VIEWER,
    answer=SubscriptionAnswer,
    tagged=True,
)
def read_subscription(call: Call) -> Answer:
    """Read a subscription and whether events are sent: confirmed, failing, suspended."""
    return told(records().subscription(call.tenant, call.path["subscription"]), shown)


@api.operation(
    "PUT",
    "/v1/tenants/{tenant}/subscriptions/{subscription}",
    access=Role.TENANT_ADMIN,
    body=SubscriptionSpec,
    answer=SubscriptionAnswer,
    tagged=True,
)
def replace_subscription(call: Call) -> Answer:
    """Replace a subscription. With `enabled` one that was suspended, or is gone at SNS, begins anew.

    A queue or an address cannot become another one, nor a subscription of another kind: make a new one.
    """
    name = call.path["subscription"]
    current = records().subscription(call.tenant, name).value
    refuse([*_mistakes(call.body), *_changed_target(current, call.body)])
    spec: SubscriptionSpec = call.body
    changes = {"description": spec.description, "enabled": spec.enabled, "target": spec.target, "filter": spec.filter}
    stored = records().change_subscription(
        call.tenant, name, lambda value: value.model_copy(update=changes), call.if_match
    )
    services().webhooks.enable(call.tenant, name)
    return told(_synchronized(stored), shown)


@api.operation(
    "DELETE",
    "/v1/tenants/{tenant}/subscriptions/{subscription}",
    access=Role.TENANT_ADMIN,
    answer=SubscriptionAnswer,
)
def delete_subscription(call: Call) -> Answer:
    """End a subscription; the answer is what it was."""
    stored = records().subscription(call.tenant, call.path["subscription"])
    value = stored.value
    if value.subscription_arn:
        topic().unsubscribe(value.subscription_arn)
    records().delete_subscription(stored)
    if value.secret:
        services().secret_writer.delete(value.secret)
    return reply(listed(value).model_copy(update={"state": SubscriptionState.GONE}))


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/subscriptions/{subscription}/test",
    access=Role.OPERATOR,
    answer=TestSent,
    status=HTTPStatus.ACCEPTED,
)
def try_subscription(call: Call) -> Answer:
    """Publish an event of type SubscriptionTest that this subscription takes.

    Queues and addresses of other subscriptions of the tenant may get it, too. What became of it at an HTTPS endpoint is
    in the subscription's attempts.
    """
    value = records().subscription(call.tenant, call.path["subscription"]).value
    if not value.enabled:
        raise Conflict(f"Subscription {value.id!r} is disabled.", todo="enable it first.")
    event_id = services().notifier.subscription_test(value, uuid.uuid4().hex)
    return reply(TestSent(event_id=event_id), HTTPStatus.ACCEPTED)


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/subscriptions/{subscription}/rotate-secret",
    access=Role.TENANT_ADMIN,
    body=Rotation,
    answer=SubscriptionAnswer,
    tagged=True,
    secret=True,
)
def rotate_subscription_secret(call: Call) -> Answer:
    """Give an HTTPS subscription a new secret, which the answer shows once.

    For `overlap_hours` events carry a signature with each of the two, so that the receiver can change in between.
    """
    name = call.path["subscription"]
    value = records().subscription(call.tenant, name).value
    if not value.secret:
        raise Conflict(f"Subscription {name!r} is no HTTPS endpoint: it has no secret.")
    until = timestamp(now() + timedelta(hours=call.body.overlap_hours))
    update = {"previous_secret_until": until}
    stored = records().change_subscription(call.tenant, name, lambda one: one.model_copy(update=update), call.if_match)
    secret = _new_secret(value.secret)
    return told(stored, lambda changed: shown(changed, secret))


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/subscriptions/{subscription}/attempts",
    access=Role.VIEWER,
    query=Paging,
    answer=Attempt,
    listing=True,
)
def list_attempts(call: Call) -> Answer:
    """List the attempts to deliver events to an HTTPS endpoint, the latest first; they are kept for two weeks."""
    value = records().subscription(call.tenant, call.path["subscription"]).value
    page = services().webhooks.attempts(call.tenant, value.id, call.query.limit, call.query.cursor)
    return page_answer(page, lambda attempt: attempt)


def _new_secret(name: str) -> str:
    secret = new_secret()
    services().secret_writer.put(name, json.dumps({"secret": secret}), "Signs the events of a subscription")
    return secret


def _subscribed(value: Subscription) -> Stored[Subscription]:
    """The new subscription of a queue or an address. Raises Conflict when SNS refuses it; then there is none."""
    stored = records().create_subscription(value)
    try:
        return _synchronized(stored)
    except Conflict:
        records().delete_subscription(stored)
        raise


def _synchronized(stored: Stored[Subscription]) -> Stored[Subscription]:
    """The subscription once SNS has what the record says; HTTPS endpoints are none of SNS's."""
    value = stored.value
    if isinstance(value.target, HttpsEndpoint):
        return stored
    arn = value.subscription_arn
    if not value.enabled:
        if arn:
            topic().unsubscribe(arn)
        arn = ""
    elif not (arn and topic().set_filter(arn, value)):
        arn = topic().subscribe(value)
    if arn == value.subscription_arn:
        return stored
    update = {"subscription_arn": arn}
    return records().change_subscription(value.tenant, value.id, lambda one: one.model_copy(update=update))


def _mistakes(spec: SubscriptionSpec) -> Iterator[Mistake]:
    """Endpoints that cannot be reached, and queues that are the system's own, which a tenant must not feed."""
    if isinstance(spec.target, HttpsEndpoint):
        yield from endpoint_mistakes(spec.target)
    if isinstance(spec.target, QueueEndpoint) and is_own_queue(
        spec.target.queue_arn, services().settings.events_topic_arn
    ):
        yield Mistake("is a queue of Fileferry itself", pointer="/target/queue_arn")


def is_own_queue(queue_arn: str, events_topic_arn: str) -> bool:
    """Whether a queue has the account and the stack's name of the events topic, `STACK-events`."""
    *_, account, name = queue_arn.split(":")
    *_, own_account, own_topic = events_topic_arn.split(":")
    prefix = own_topic.removesuffix("events")
    return account == own_account and bool(prefix) and name.startswith(prefix)


def _changed_target(current: Subscription, spec: SubscriptionSpec) -> Iterator[Mistake]:
    both_https = isinstance(current.target, HttpsEndpoint) and isinstance(spec.target, HttpsEndpoint)
    if not both_https and current.target != spec.target:
        yield Mistake("cannot become another one; make a new subscription", pointer="/target")
