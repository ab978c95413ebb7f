"""Events go to HTTPS endpoints signed, are tried again, and an endpoint that fails for long is left alone."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from fileferry.clock import now, timestamp
from fileferry.model.subscription import QueueEndpoint
from fileferry.webhooks import delivering, posting
from fileferry.webhooks.delivering import ATTEMPTS, DELAYS, DISABLE_FAILURES, NotDelivered
from tests.unit.fileferry.webhooks.conftest import SECRET, WebhookWorld


def failed(hooks: WebhookWorld, received: int = 1) -> int | None:
    """The delay after a failed delivery."""
    with pytest.raises(NotDelivered) as caught:
        hooks.deliver(received=received)
    return caught.value.delay


def test_an_event_becomes_a_message_for_each_subscription_that_takes_it(hooks: WebhookWorld) -> None:
    hooks.subscribe("all")
    hooks.subscribe("failures", filter={"types": ["JobFailed"], "routes": ["orders"]})
    hooks.subscribe("others", filter={"routes": ["other"]})
    hooks.subscribe("off", enabled=False)
    hooks.subscribe("foreign", tenant="rival")
    hooks.subscribe("queue", target={"kind": "sqs", "queue_arn": "arn:aws:sqs:eu-central-1:123456789012:q"})
    event = hooks.event()
    messages = hooks.publish(event)
    assert sorted(message["subscription"] for message in messages) == ["all", "failures"]
    assert all((message["tenant"], message["event"]) == ("acme", event) for message in messages)
    rivals = hooks.publish(hooks.event(tenant="rival"), tenant="rival")
    assert [(message["tenant"], message["subscription"]) for message in rivals] == [("rival", "foreign")]


def test_a_test_is_for_the_subscription_that_is_tried(hooks: WebhookWorld) -> None:
    tried = hooks.subscribe("tried", filter={"types": ["JobFailed"], "statuses": ["FAILED"], "routes": ["orders"]})
    hooks.subscribe("other")
    event_id = hooks.services.notifier.subscription_test(tried, "1")
    (published,) = hooks.sns.published
    assert published.event["id"] == event_id
    messages = hooks.publish(published.event, **published.attributes)
    assert [message["subscription"] for message in messages] == ["tried"]


def test_a_test_of_a_subscription_that_was_made_a_moment_ago_is_sent(hooks: WebhookWorld) -> None:
    assert hooks.publish(hooks.event()) == []
    read = dict(hooks.services.config._subscriptions)
    tried = hooks.subscribe("tried")
    hooks.services.config._subscriptions.update(read)  # which `subscribe` makes it forget
    hooks.services.notifier.subscription_test(tried, "1")
    (published,) = hooks.sns.published
    messages = hooks.publish(published.event, **published.attributes)
    assert [message["subscription"] for message in messages] == ["tried"]


def test_an_event_arrives_whole_and_signed(hooks: WebhookWorld) -> None:
    hooks.subscribe()
    event = hooks.event(name="ü")
    assert hooks.deliver(event=event) == "delivered"
    assert hooks.receiver.events == [event]
    assert hooks.receiver.signatures == [True]
    (headers,) = hooks.receiver.headers
    assert headers["path"] == "/hooks/fileferry?token=t"
    assert headers["content-type"].startswith("application/cloudevents+json")
    assert headers["x-fileferry-event"] == "fileferry.JobFailed"
    (attempt,) = hooks.attempts()
    assert (attempt.outcome, attempt.status, attempt.event_id) == ("DELIVERED", 204, event["id"])
    assert SECRET not in attempt.model_dump_json()


def test_a_secret_rotates_with_an_overlap(hooks: WebhookWorld) -> None:
    value = hooks.subscribe()
    hooks.services.secret_writer.put(value.secret, json.dumps({"secret": "whsec_second"}))
    hooks.change(previous_secret_until=timestamp(now() + timedelta(hours=1)))
    hooks.deliver()
    hooks.receiver.secret = "whsec_second"
    hooks.deliver()
    hooks.change(previous_secret_until=timestamp(now() - timedelta(seconds=1)))
    hooks.deliver()
    hooks.receiver.secret = SECRET
    hooks.deliver()
    assert hooks.receiver.signatures == [True, True, True, False]
    assert [headers["x-fileferry-signature"].count("v1=") for headers in hooks.receiver.headers] == [2, 2, 1, 1]


def test_an_event_for_an_endpoint_that_has_become_a_queue_is_dropped(hooks: WebhookWorld) -> None:
    hooks.subscribe()
    queue = QueueEndpoint(kind="sqs", queue_arn="arn:aws:sqs:eu-central-1:123456789012:q")
    hooks.change(target=queue)  # deleted, and made anew under the same name
    assert hooks.deliver() == "dropped"
    assert hooks.receiver.events == []


@pytest.mark.parametrize("status", [302, 400, 404, 410, 429, 500, 503])
def test_an_answer_other_than_2xx_is_a_failure_that_is_tried_again(hooks: WebhookWorld, status: int) -> None:
    hooks.subscribe()
    hooks.receiver.status = status
    assert failed(hooks) == DELAYS[0]
    assert len(hooks.receiver.events) == 1
    (attempt,) = hooks.attempts()
    assert (attempt.outcome, attempt.status, attempt.error) == ("RETRY", status, f"The endpoint answered {status}.")


def test_each_further_attempt_comes_later_and_the_last_one_is_the_last(hooks: WebhookWorld) -> None:
    hooks.subscribe()
    hooks.receiver.status = 500
    delays = [failed(hooks, received) for received in range(1, ATTEMPTS + 1)]
    assert delays == [*DELAYS, None]
    assert delays[:-1] == sorted(DELAYS)
    assert [attempt.outcome for attempt in hooks.attempts()] == ["GIVEN_UP"] + ["RETRY"] * (ATTEMPTS - 1)


def test_a_success_ends_the_row_of_failures(hooks: WebhookWorld) -> None:
    hooks.subscribe()
    hooks.receiver.status = 500
    failed(hooks)
    failed(hooks)
    assert hooks.services.webhooks.state("acme", "hook").failures == 2
    hooks.receiver.status = 200
    hooks.deliver()
    assert hooks.services.webhooks.state("acme", "hook").failures == 0


def fail_at(hooks: WebhookWorld, monkeypatch: pytest.MonkeyPatch, at: datetime, times: int) -> None:
    monkeypatch.setattr(delivering, "now", lambda: at)
    for _ in range(times):
        failed(hooks)


def test_an_endpoint_that_fails_for_long_is_disabled_and_told_of(
    hooks: WebhookWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.subscribe()
    hooks.receiver.status = 500
    begun = now()
    fail_at(hooks, monkeypatch, begun, DISABLE_FAILURES + 5)
    assert hooks.services.webhooks.state("acme", "hook").disabled_at == ""
    fail_at(hooks, monkeypatch, begun + timedelta(hours=1), 1)
    assert hooks.services.webhooks.state("acme", "hook").disabled_at == timestamp(begun + timedelta(hours=1))
    (event,) = hooks.sns.of_type("SubscriptionDisabled")
    assert hooks.sns.of_type("SubscriptionDisabled", "failure") == [event]
    assert (event["data"]["failures"], event["data"]["failing_since"]) == (DISABLE_FAILURES + 6, timestamp(begun))
    sent = len(hooks.receiver.events)
    hooks.receiver.status = 200
    assert hooks.deliver() == "dropped"
    assert len(hooks.receiver.events) == sent
    hooks.services.webhooks.enable("acme", "hook")
    assert hooks.deliver() == "delivered"


def test_few_failures_over_a_long_time_disable_nothing(hooks: WebhookWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks.subscribe()
    hooks.receiver.status = 500
    fail_at(hooks, monkeypatch, now() - timedelta(days=2), 1)
    fail_at(hooks, monkeypatch, now(), DISABLE_FAILURES - 2)
    assert hooks.services.webhooks.state("acme", "hook").disabled_at == ""


@pytest.mark.parametrize("gone", [{"enabled": False}, None])
def test_what_waits_for_a_subscription_that_is_no_more_is_dropped(
    hooks: WebhookWorld, gone: dict[str, Any] | None
) -> None:
    hooks.subscribe()
    if gone:
        hooks.change(**gone)
    assert hooks.deliver("hook" if gone else "never-there") == "dropped"
    assert hooks.receiver.events == []


class TestEndpointsThatMayNotBeReached:
    def test_a_private_address(self, hooks: WebhookWorld) -> None:
        object.__setattr__(hooks.services.settings, "allow_private_destinations", ())
        hooks.subscribe()
        assert failed(hooks) == DELAYS[0]
        assert "private, loopback" in hooks.attempts()[0].error
        assert hooks.receiver.events == []

    def test_a_certificate_of_another_authority(self, hooks: WebhookWorld) -> None:
        hooks.subscribe(target={"kind": "https", "url": hooks.receiver.target["url"]})
        failed(hooks)
        assert "certificate is not trusted" in hooks.attempts()[0].error
        assert hooks.receiver.events == []

    def test_nobody_there(self, hooks: WebhookWorld) -> None:
        hooks.subscribe(target={"kind": "https", "url": "https://127.0.0.1:1/"})
        failed(hooks)
        assert "cannot be reached" in hooks.attempts()[0].error

    def test_a_secret_that_is_gone(self, hooks: WebhookWorld) -> None:
        hooks.services.secret_writer.delete(hooks.subscribe().secret)
        failed(hooks)
        assert "cannot be read" in hooks.attempts()[0].error

    def test_an_answer_that_never_ends_is_broken_off(
        self, hooks: WebhookWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.5)
        hooks.receiver.trickle_seconds = 10
        hooks.subscribe()
        began = time.monotonic()
        failed(hooks)
        assert time.monotonic() - began < 3
        assert "There is no answer" in hooks.attempts()[0].error


def test_attempts_are_listed_page_by_page(hooks: WebhookWorld) -> None:
    hooks.subscribe()
    for _ in range(3):
        hooks.deliver()
    first = hooks.services.webhooks.attempts("acme", "hook", 2)
    rest = hooks.services.webhooks.attempts("acme", "hook", 2, first.cursor)
    ids = [attempt.event_id for attempt in (*first.items, *rest.items)]
    assert len(set(ids)) == 3
    assert rest.cursor is None
