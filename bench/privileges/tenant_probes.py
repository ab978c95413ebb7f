"""What makes config_service use its permissions for key rings and subscriptions."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any

from fileferry.openpgp import generate_key

from .control_probes import request
from .task_probes import Probe
from .world import Seen, World

Request = tuple[str, str, Any]
_HOOK = {"id": "hook", "target": {"kind": "https", "url": "https://hooks.example.com/"}}


def _in_turn(of_tenant: Callable[[World], Iterable[Request]]) -> Callable[[World], Seen]:
    """(method, path below a new tenant, body) one after the other, until one does not go well."""

    def run(world: World) -> Seen:
        tenant, seen = world.new_tenant(), Seen(False, "nothing was asked")
        for method, path, body in of_tenant(world):
            seen = request(world, "config-service", method, f"/v1/tenants/{tenant}/{path}", body)
            if not seen.ok:
                break
        return seen

    return run


def _ring(_: World) -> Iterable[Request]:
    """A private key comes in, and once more: its secret is made, then given a new value."""
    private, _facts = generate_key("Bench <bench@example.com>", 30)
    yield "POST", "key-rings", {"id": "ring"}
    yield "POST", "key-rings/ring/keys", {"private_key": {"key": private}}
    yield "POST", "key-rings/ring/keys", {"private_key": {"key": private}}


def _hook(_: World) -> Iterable[Request]:
    yield "POST", "subscriptions", _HOOK
    yield "GET", "subscriptions/hook", None
    yield "POST", "subscriptions/hook/rotate-secret", {"overlap_hours": 1}
    yield "POST", "subscriptions/hook/test", None
    yield "GET", "subscriptions/hook/attempts", None
    yield "DELETE", "subscriptions/hook", None


def _queue(world: World) -> Iterable[Request]:
    sqs = world.services.sqs
    url = sqs.create_queue(QueueName=f"privileges-{secrets.token_hex(5)}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    target = {"kind": "sqs", "queue_arn": arn}
    yield "POST", "subscriptions", {"id": "queue", "target": target}
    yield "GET", "subscriptions/queue", None
    yield "PUT", "subscriptions/queue", {"target": target, "filter": {"types": ["JobFailed"]}}
    yield "DELETE", "subscriptions/queue", None
    sqs.delete_queue(QueueUrl=url)


CONFIG_OF_TENANTS = (
    Probe("a private key is kept", _in_turn(_ring), ("KeepPrivateKeys",)),
    Probe(
        "an endpoint is subscribed, tried and left",
        _in_turn(_hook),
        ("KeepSigningSecrets", "DeleteSubscriptions", "ReadWebhookState", "PublishTests"),
    ),
    Probe("a queue is subscribed and left", _in_turn(_queue), ("Subscribe", "ManageSubscriptions")),
)
