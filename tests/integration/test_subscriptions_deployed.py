"""A tenant is told of its events on the deployed system: by HTTPS with a signature, and in a queue of its own."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from fileferry.model.job import JobStatus
from fileferry.model.subscription import Subscription
from fileferry.repositories.config import CACHE_SECONDS
from local.services import services_of
from tests.event_schemas import check_event
from tests.trials import TENANT, Trials, unique
from tests.unit.fileferry.webhooks.receiver import Receiver, receiver
from tests.waiting import until

SUBSCRIPTIONS = f"/v1/tenants/{TENANT}/subscriptions"
SECONDS = 60


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def of_job(endpoint: Receiver, job_id: str) -> list[dict[str, Any]]:
    return [event for event in list(endpoint.events) if event["subject"] == job_id]


def test_an_endpoint_gets_signed_events_tries_again_and_changes_its_secret(trials: Trials, endpoint: Receiver) -> None:
    hook = name("hook")
    body = {"id": hook, "target": endpoint.target, "filter": {"types": ["JobReceived", "JobSucceeded"]}}
    endpoint.secret = trials.api.call("POST", SUBSCRIPTIONS, body)["secret"]
    try:
        tried = trials.api.call("POST", f"{SUBSCRIPTIONS}/{hook}/test")
        until(lambda: endpoint.events, SECONDS, "the test did not come")
        assert endpoint.events[0]["id"] == tried["event_id"]

        time.sleep(CACHE_SECONDS)  # so old may be what is known of a tenant's subscriptions
        endpoint.status = 503
        path = f"plain/{unique('hooked.csv')}"
        trials.send({path: b"told\n"})
        job = trials.ended(path)
        assert job.status is JobStatus.SUCCEEDED
        until(lambda: len(of_job(endpoint, job.job_id)) >= 2, SECONDS, "the job's events did not come")
        assert trials.api.call("GET", f"{SUBSCRIPTIONS}/{hook}")["state"] == "failing"
        endpoint.status = 204

        def came() -> bool:
            attempts = trials.api.items(f"{SUBSCRIPTIONS}/{hook}/attempts")
            good = {one["event_type"] for one in attempts if one["outcome"] == "DELIVERED"}
            return good >= {"fileferry.JobReceived", "fileferry.JobSucceeded"}

        until(came, SECONDS, "what failed was not sent again")
        until(lambda: trials.api.call("GET", f"{SUBSCRIPTIONS}/{hook}")["state"] == "active", 10, "it is still failing")
        kinds = {event["type"] for event in of_job(endpoint, job.job_id)}
        assert kinds == {"fileferry.JobReceived", "fileferry.JobSucceeded"}

        rotated = trials.api.call("POST", f"{SUBSCRIPTIONS}/{hook}/rotate-secret", {"overlap_hours": 1})
        seen = len(endpoint.events)
        trials.api.call("POST", f"{SUBSCRIPTIONS}/{hook}/test")
        until(lambda: len(endpoint.events) > seen, SECONDS, "the second test did not come")
        endpoint.secret = rotated["secret"]
        trials.api.call("POST", f"{SUBSCRIPTIONS}/{hook}/test")
        until(lambda: len(endpoint.events) > seen + 1, SECONDS, "the third test did not come")
        assert all(endpoint.signatures)
        for event in endpoint.events:
            check_event(event)
            assert event["data"]["tenant"] == TENANT
    finally:
        trials.api.call("DELETE", f"{SUBSCRIPTIONS}/{hook}")


def test_a_queue_gets_the_events_of_its_tenant_only(trials: Trials) -> None:
    queue_name, sqs = name("tenant-queue"), trials.stack.sqs
    url = sqs.create_queue(QueueName=queue_name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    queue = name("queue")
    body = {"id": queue, "target": {"kind": "sqs", "queue_arn": arn}, "filter": {"routes": ["plain"]}}
    assert trials.api.call("POST", SUBSCRIPTIONS, body)["state"] == "active"
    target = {"kind": "sqs", "queue_arn": arn}
    rival = {"tenant": "rival", "id": "x", "home_region": "x", "target": target, "filter": {"routes": ["plain"]}}
    services_of(trials.stack).notifier.subscription_test(Subscription.model_validate(rival), queue)
    path = f"plain/{unique('queued.csv')}"
    trials.send({path: b"told\n"})
    job = trials.ended(path)
    events: list[dict[str, Any]] = []

    def succeeded() -> bool:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        events.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
        return any(event["type"] == "fileferry.JobSucceeded" for event in events)

    until(succeeded, SECONDS, "the queue was not told of the job's end")
    assert {event["data"]["tenant"] for event in events} == {TENANT}
    assert {event["subject"] for event in events} == {job.job_id}
    assert trials.api.call("DELETE", f"{SUBSCRIPTIONS}/{queue}")["state"] == "gone"
