"""What makes the watcher and the webhooks function use each of their permissions."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fileferry.clock import now, timestamp
from fileferry.expectations.windows import next_span
from fileferry.model.expectation import Expectation, ExpectationSpec
from fileferry.model.job import Job, ObjectVersion, job_id_of
from fileferry.model.subscription import Subscription, subscription_secret_name
from fileferry.model.tenant import PublicKey, UserSpec
from fileferry.repositories.expectations import ExpectationRecords
from fileferry.repositories.subscriptions import SubscriptionRecords
from fileferry.repositories.windows import Due
from fileferry.webhooks.delivering import DISABLE_AFTER, DISABLE_FAILURES
from local.demo.keys import login_key, public_file

from .jobs import JobOnItsWay
from .task_probes import Probe
from .world import Seen, World

_NOWHERE = "https://127.0.0.1:9/"
"""An address that no event is sent to: the attempt fails, and is recorded."""
_EXPIRES_IN = timedelta(days=5)


def _expectation(world: World, tenant: str, **fields: Any) -> tuple[Expectation, str]:
    """One whose last deadline is due to be judged, and that deadline."""
    services = world.services
    records = ExpectationRecords(services.dynamodb, services.settings.config_table, services.windows, world.region)
    minute = now() - timedelta(minutes=1)
    spec = {"schedule": {"kind": "daily", "at": minute.strftime("%H:%M")}, "window_minutes": 60, **fields}
    value = records.create_expectation(tenant, "daily", ExpectationSpec.model_validate(spec)).value
    span = next_span(value, minute - timedelta(minutes=1))
    assert span is not None, "a daily schedule has no end"
    due = Due(timestamp(minute), tenant, "daily", "deadline", timestamp(span.deadline), value.updated_at)
    services.windows.put_due(world.region, due)
    return value, due.deadline


def _judged(**fields: Any) -> Callable[[World], Seen]:
    """The watch decides that nothing came."""

    def run(world: World) -> Seen:
        tenant = world.new_tenant()
        value, deadline = _expectation(world, tenant, **fields)
        seen = world.call("watcher", {})
        window = world.services.windows.find(tenant, value.id, deadline)
        return replace(seen, ok=seen.ok and window is not None and window.status == "MISSING")

    return run


def _compared(world: World) -> Seen:
    """Two files of one size came: what their content is, their runs tell."""
    job = JobOnItsWay(world)
    _, deadline = _expectation(world, job.tenant, glob="**")
    version = ObjectVersion(**{**job.record.object.model_dump(), "version_id": secrets.token_hex(8), "etag": "another"})
    early = timestamp(now() - timedelta(minutes=5))
    twin = {"job_id": job_id_of(version, f"{job.tenant}-files"), "object": version, "created_at": early}
    for record in (job.record.model_copy(update={"created_at": early}), Job(**{**job.record.model_dump(), **twin})):
        job.put_job(record)
    seen = world.call("watcher", {})
    window = world.services.windows.find(job.tenant, "daily", deadline)
    return replace(seen, ok=seen.ok and window is not None and window.count == 2)


def _expiring(world: World) -> Seen:
    """A user's key ends soon."""
    tenant = world.new_tenant()
    line = public_file(login_key(world.system.workspace.keys, "privileges")).read_text().strip()
    key = PublicKey(key=line, expires_at=timestamp(now() + _EXPIRES_IN))
    world.config.create_user(tenant, f"{tenant}-user", UserSpec(public_keys=[key]))
    seen = world.call("watcher", {"watch": "expiries"})
    return replace(seen, ok=seen.ok and json.loads(seen.answer).get("told", 0) > 0)


WATCHER = (
    Probe("a window without a route is judged", _judged(glob="**"), ("FindArrivals", "RecordWindows", "PublishEvents")),
    Probe("a window with a route is judged", _judged(route="files"), ("FindArrivals", "ReadConfig")),
    Probe("contents are compared", _compared, ("CompareContent",)),
    Probe("a key's end is told", _expiring, ("FindKeys",)),
)


def _subscription(world: World, tenant: str) -> Subscription:
    """An HTTPS endpoint that cannot be reached, and its secret."""
    services = world.services
    secret = subscription_secret_name(services.settings.secret_prefix, tenant, "hook")
    services.secret_writer.put(secret, json.dumps({"secret": secrets.token_hex(16)}))
    values = {"tenant": tenant, "id": "hook", "home_region": world.region, "secret": secret}
    value = Subscription.model_validate({**values, "target": {"kind": "https", "url": _NOWHERE}})
    records = SubscriptionRecords(services.dynamodb, services.settings.config_table)
    return records.create_subscription(value).value


def _event(tenant: str) -> dict[str, Any]:
    return {"specversion": "1.0", "id": secrets.token_hex(8), "type": "fileferry.JobFailed", "data": {"tenant": tenant}}


def _message(body: Mapping[str, Any], attributes: Mapping[str, str]) -> dict[str, Any]:
    """A batch of one message, whose receipt is nobody's: to postpone it is asked for and refused."""
    given = {name: {"dataType": "String", "stringValue": value} for name, value in attributes.items()}
    record = {"messageId": "1", "receiptHandle": "none", "body": json.dumps(body), "messageAttributes": given}
    return {"Records": [{**record, "attributes": {"ApproximateReceiveCount": "1"}, "eventSource": "aws:sqs"}]}


def _fanned_out(world: World) -> Seen:
    tenant = world.new_tenant()
    _subscription(world, tenant)
    event = _event(tenant)
    seen = world.call("webhooks", _message(event, {"tenant": tenant, "type": event["type"]}))
    return replace(seen, ok=seen.ok and not json.loads(seen.answer).get("batchItemFailures"))


def _failing(*, for_long: bool = False) -> Callable[[World], Seen]:
    """An attempt fails and is recorded; `for_long`: it is the one by which the endpoint is suspended."""

    def run(world: World) -> Seen:
        tenant, webhooks = world.new_tenant(), world.services.webhooks
        subscription = _subscription(world, tenant)
        since = timestamp(now() - 2 * DISABLE_AFTER)
        for _ in range(DISABLE_FAILURES if for_long else 0):
            webhooks.failed(tenant, subscription.id, since)
        seen = world.call("webhooks", _message(_delivery(tenant), {}))
        state = webhooks.state(tenant, subscription.id)
        recorded = bool(webhooks.attempts(tenant, subscription.id, 1).items)
        done = recorded and state.failures > 0 and bool(state.disabled_at) == for_long
        return replace(seen, ok=seen.ok and done)

    return run


def _delivery(tenant: str) -> dict[str, Any]:
    return {"tenant": tenant, "subscription": "hook", "event": _event(tenant)}


WEBHOOKS = (
    Probe("an event becomes a message", _fanned_out, ("ReadConfig", "SendAndPostponeMessages")),
    Probe("an attempt fails", _failing(), ("SendAndPostponeMessages", "RecordAttempts", "ReadSecrets", "ReadConfig")),
    Probe("an endpoint is suspended", _failing(for_long=True), ("PublishEvents", "RecordAttempts")),
)
