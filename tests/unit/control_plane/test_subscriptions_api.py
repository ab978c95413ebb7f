"""Subscriptions over the API: what SNS is told, and secrets that are shown once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from control_plane.config_service.subscriptions import is_own_queue
from fileferry.clock import timestamp
from fileferry.repositories.webhooks import Attempt
from fileferry.secrets import PREVIOUS
from fileferry.services import services
from tests.unit.control_plane.world import TENANT, Api

SUBSCRIPTIONS = "/v1/tenants/acme/subscriptions"
HOOK = {"id": "hook", "target": {"kind": "https", "url": "https://acme.example/hooks"}}
ADDRESS = {"id": "ops", "target": {"kind": "email", "address": "ops@acme.example"}}


def queue(name: str = "acme-events") -> dict[str, Any]:
    return {"kind": "sqs", "queue_arn": f"arn:aws:sqs:eu-central-1:123456789012:{name}"}


@pytest.fixture(autouse=True)
def topic() -> str:
    """The events topic without subscriptions, and a tenant's queue."""
    sns, arn = services().sns, services().settings.events_topic_arn
    sns.delete_topic(TopicArn=arn)
    sns.create_topic(Name="events")
    services().sqs.create_queue(QueueName="acme-events")
    return arn


def at_sns(topic: str) -> list[dict[str, Any]]:
    """Protocol, endpoint and filter policy of every subscription of the topic."""
    sns = services().sns
    found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    attributes = [
        sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"] for one in found
    ]
    return [
        {
            "endpoint": one["Endpoint"],
            "protocol": one["Protocol"],
            "policy": json.loads(one["FilterPolicy"]),
            "raw": one.get("RawMessageDelivery"),
        }
        for one in attributes
    ]


def test_an_https_endpoints_secret_is_shown_once(acme: Api) -> None:
    made = acme.post(SUBSCRIPTIONS, HOOK)
    assert (made.status, made.value["state"]) == (201, "active")
    secret = made.value["secret"]
    assert secret.startswith("whsec_")
    assert services().secrets.fields("fileferry/acme/subscriptions/hook") == {"secret": secret}
    read = acme.get(f"{SUBSCRIPTIONS}/hook")
    assert read.value["secret"] is None
    for answer in (read, acme.get(SUBSCRIPTIONS), acme.get("/v1/tenants/acme/audit")):
        assert secret not in json.dumps(answer.value)
        assert "fileferry/acme" not in json.dumps(answer.value)
    assert acme.post(SUBSCRIPTIONS, HOOK).status == 409


def test_a_secret_rotates_with_an_overlap(acme: Api) -> None:
    first = acme.post(SUBSCRIPTIONS, HOOK).value["secret"]
    rotated = acme.post(f"{SUBSCRIPTIONS}/hook/rotate-secret", {"overlap_hours": 2})
    assert rotated.value["previous_secret_until"] > timestamp()
    name = "fileferry/acme/subscriptions/hook"
    assert services().secrets.fields(name) == {"secret": rotated.value["secret"]}
    assert services().secrets.fields(name, PREVIOUS) == {"secret": first}
    acme.post(SUBSCRIPTIONS, ADDRESS)
    assert acme.post(f"{SUBSCRIPTIONS}/ops/rotate-secret", {}).status == 409


def test_a_queue_is_subscribed_with_a_filter_for_its_tenant(acme: Api, topic: str) -> None:
    wanted = {"types": ["JobFailed"], "routes": ["orders"]}
    made = acme.post(SUBSCRIPTIONS, {"id": "queue", "target": queue(), "filter": wanted})
    assert (made.status, made.value["state"], made.value["secret"]) == (201, "active", None)
    (one,) = at_sns(topic)
    assert (one["protocol"], one["endpoint"], one["raw"]) == ("sqs", queue()["queue_arn"], "true")
    types = ["fileferry.JobFailed", "fileferry.SubscriptionTest"]
    assert one["policy"] == {"tenant": ["acme"], "type": types, "route": ["orders"]}


def test_a_changed_filter_reaches_sns_and_a_disabled_subscription_is_none_there(acme: Api, topic: str) -> None:
    acme.post(SUBSCRIPTIONS, {"id": "queue", "target": queue()})
    read = acme.get(f"{SUBSCRIPTIONS}/queue")
    body = {**read.value, "filter": {"statuses": ["FAILED"]}}
    changed = acme.put(f"{SUBSCRIPTIONS}/queue", body, read.headers["ETag"])
    assert changed.status == 200
    assert at_sns(topic)[0]["policy"] == {"tenant": ["acme"], "status": ["FAILED"]}
    assert acme.put(f"{SUBSCRIPTIONS}/queue", body, read.headers["ETag"]).status == 412
    disabled = acme.put(f"{SUBSCRIPTIONS}/queue", {**body, "enabled": False})
    assert (disabled.value["state"], at_sns(topic)) == ("disabled", [])
    assert acme.put(f"{SUBSCRIPTIONS}/queue", body).value["state"] == "active"
    assert len(at_sns(topic)) == 1


def test_a_subscription_that_its_owner_ended_is_gone_until_it_is_enabled_again(acme: Api, topic: str) -> None:
    acme.post(SUBSCRIPTIONS, {"id": "queue", "target": queue()})
    arn = services().sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
    services().sns.unsubscribe(SubscriptionArn=arn)
    read = acme.get(f"{SUBSCRIPTIONS}/queue")
    assert read.value["state"] == "gone"
    assert acme.put(f"{SUBSCRIPTIONS}/queue", read.value).value["state"] == "active"
    assert len(at_sns(topic)) == 1


def test_an_address_waits_for_its_confirmation(acme: Api, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = acme.post(SUBSCRIPTIONS, ADDRESS)
    assert (made.status, at_sns(topic)[0]["endpoint"]) == (201, "ops@acme.example")
    attributes = {"Attributes": {"PendingConfirmation": "true"}}
    monkeypatch.setattr(services().sns, "get_subscription_attributes", lambda **_: attributes)
    assert acme.get(f"{SUBSCRIPTIONS}/ops").value["state"] == "pending_confirmation"
    assert acme.all(SUBSCRIPTIONS)[0]["state"] is None


def test_a_queue_or_address_belongs_to_one_tenant(acme: Api, topic: str) -> None:
    acme.post("/v1/tenants", {"id": "rival", **TENANT})
    acme.post(SUBSCRIPTIONS, {"id": "queue", "target": queue()})
    taken = acme.post("/v1/tenants/rival/subscriptions", {"id": "mine", "target": queue()})
    assert taken.status == 409
    assert [one["policy"]["tenant"] for one in at_sns(topic)] == [["acme"]]
    assert acme.call("DELETE", f"{SUBSCRIPTIONS}/queue").status == 200
    assert acme.post("/v1/tenants/rival/subscriptions", {"id": "mine", "target": queue()}).status == 201
    assert [one["policy"]["tenant"] for one in at_sns(topic)] == [["rival"]]


def test_a_deleted_subscription_leaves_nothing(acme: Api, topic: str) -> None:
    acme.post(SUBSCRIPTIONS, HOOK)
    acme.post(SUBSCRIPTIONS, ADDRESS)
    for name in ("hook", "ops"):
        assert acme.call("DELETE", f"{SUBSCRIPTIONS}/{name}").value["state"] == "gone"
        assert acme.call("DELETE", f"{SUBSCRIPTIONS}/{name}").status == 404
    assert (acme.all(SUBSCRIPTIONS), at_sns(topic)) == ([], [])
    assert acme.post(SUBSCRIPTIONS, HOOK).status == 201


def test_what_sns_refuses_leaves_no_record(acme: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"Error": {"Code": "InvalidParameter", "Message": "Subscription already exists with different attributes"}}

    def refuse(**_: Any) -> None:
        raise ClientError(said, "Subscribe")  # type: ignore[arg-type]

    monkeypatch.setattr(services().sns, "subscribe", refuse)
    refused = acme.post(SUBSCRIPTIONS, ADDRESS)
    assert (refused.status, "already exists" in refused.value["detail"]) == (409, True)
    monkeypatch.undo()
    assert acme.all(SUBSCRIPTIONS) == []
    assert acme.post(SUBSCRIPTIONS, ADDRESS).status == 201


def test_a_subscription_whose_making_was_cut_off_is_made_good_by_a_put(acme: Api, topic: str) -> None:
    services().sns.delete_topic(TopicArn=topic)
    assert acme.post(SUBSCRIPTIONS, ADDRESS).status == 500
    services().sns.create_topic(Name="events")
    assert acme.get(f"{SUBSCRIPTIONS}/ops").value["state"] == "gone"
    again = acme.put(f"{SUBSCRIPTIONS}/ops", {"target": ADDRESS["target"]})
    assert (again.status, again.value["state"]) == (200, "active")


def test_a_queue_of_the_system_itself_is_known_by_its_name() -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:ferry-events"
    own, foreign = "arn:aws:sqs:eu-central-1:123456789012", "arn:aws:sqs:eu-central-1:210987654321"
    assert is_own_queue(f"{own}:ferry-webhooks", topic)
    assert not is_own_queue(f"{own}:acme-events", topic)
    assert not is_own_queue(f"{foreign}:ferry-webhooks", topic)
    assert not is_own_queue(f"{own}:acme", topic.replace("ferry-events", "events"))


def test_a_suspended_endpoint_begins_anew_when_it_is_enabled(acme: Api) -> None:
    acme.post(SUBSCRIPTIONS, HOOK)
    services().webhooks.failed("acme", "hook", timestamp())
    assert acme.get(f"{SUBSCRIPTIONS}/hook").value["state"] == "failing"
    services().webhooks.disable("acme", "hook", timestamp())
    read = acme.get(f"{SUBSCRIPTIONS}/hook")
    assert (read.value["state"], read.value["failures"]["count"]) == ("suspended", 1)
    moved = {**read.value, "target": {"kind": "https", "url": "https://acme.example/new"}}
    changed = acme.put(f"{SUBSCRIPTIONS}/hook", moved)
    assert (changed.value["state"], changed.value["failures"]["count"]) == ("active", 0)


def test_attempts_are_read_and_a_test_is_published(acme: Api) -> None:
    acme.post(SUBSCRIPTIONS, HOOK)
    made = Attempt(at=timestamp(), event_id="e", event_type="t", attempt=1, outcome="RETRY", status=500)
    services().webhooks.record("acme", "hook", made)
    assert acme.all(f"{SUBSCRIPTIONS}/hook/attempts") == [made.model_dump()]
    tried = acme.post(f"{SUBSCRIPTIONS}/hook/test", {})
    assert tried.status == 202
    assert tried.value["event_id"].startswith("acme/hook/test/")
    acme.put(f"{SUBSCRIPTIONS}/hook", {**HOOK, "enabled": False})
    assert acme.post(f"{SUBSCRIPTIONS}/hook/test", {}).status == 409


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"target": {"kind": "https", "url": "http://acme.example"}}, ["/target/url"]),
        ({"target": queue("acme.fifo")}, ["/target/queue_arn"]),
        ({"target": {"kind": "email", "address": "x"}}, ["/target/address"]),
        ({"target": {"kind": "fax"}}, ["/target/kind"]),
        ({"target": ADDRESS["target"], "filter": {"types": ["Job"]}}, ["/filter/types/0"]),
        ({"target": ADDRESS["target"], "filter": {"routes": ["a", "a"]}}, ["/filter"]),
    ],
)
def test_mistakes_are_told_at_their_places(acme: Api, body: dict[str, Any], pointers: list[str]) -> None:
    refused = acme.post(SUBSCRIPTIONS, {"id": "bad", **body})
    assert (refused.status, refused.pointers) == (422, pointers)


def test_a_tenant_has_so_many_subscriptions_at_most(acme: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fileferry.repositories.subscriptions.MOST", 2)
    statuses = [acme.post(SUBSCRIPTIONS, {**HOOK, "id": f"h{number}"}).status for number in range(3)]
    assert statuses == [201, 201, 409]


def test_another_kind_of_endpoint_is_another_subscription(acme: Api) -> None:
    acme.post(SUBSCRIPTIONS, HOOK)
    acme.post(SUBSCRIPTIONS, ADDRESS)
    for name, target in (("hook", queue()), ("ops", {"kind": "email", "address": "other@acme.example"})):
        refused = acme.put(f"{SUBSCRIPTIONS}/{name}", {"target": target})
        assert (refused.status, refused.pointers) == (422, ["/target"])
