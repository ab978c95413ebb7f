"""Filter policies: a tenant's own events only, whatever it asks for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fileferry.model.subscription import (
    MOST_COMBINATIONS,
    EventFilter,
    EventType,
    SubscriptionSpec,
    filter_policy,
    takes,
)
from tests.event_schemas import schemas

NAMES = st.sampled_from(["a", "b", "c"])
FILTERS = st.builds(
    EventFilter,
    types=st.lists(st.sampled_from(list(EventType)), unique=True, max_size=3),
    statuses=st.lists(st.sampled_from(["FAILED", "SUCCEEDED"]), unique=True),
    routes=st.lists(NAMES, unique=True),
)


def test_every_type_of_event_can_be_asked_for() -> None:
    assert {kind.value for kind in EventType} == set(schemas()) - {"CloudEvent", "definitions"}


@given(NAMES, NAMES, FILTERS, st.sampled_from(list(EventType)), st.sampled_from(["FAILED", "OTHER"]), NAMES)
def test_a_policy_takes_what_fits_and_never_another_tenants(
    tenant: str, other: str, wanted: EventFilter, kind: EventType, status: str, route: str
) -> None:
    attributes = {"tenant": other, "type": f"fileferry.{kind}", "status": status, "route": route}
    fits = (
        (not wanted.types or kind in (*wanted.types, EventType.SUBSCRIPTION_TEST))
        and (not wanted.statuses or status in wanted.statuses)
        and (not wanted.routes or route in wanted.routes)
    )
    assert takes(filter_policy(tenant, wanted), attributes) is (fits and tenant == other)


def test_an_event_without_an_attribute_is_not_taken_where_it_is_asked_for() -> None:
    policy = filter_policy("acme", EventFilter(routes=["orders"]))
    assert not takes(policy, {"tenant": "acme", "type": "fileferry.KeyExpiring", "status": "EXPIRING"})


def test_a_policy_stays_within_what_sns_takes() -> None:
    wanted = EventFilter(types=[EventType.JOB_FAILED, EventType.JOB_SUCCEEDED], routes=[f"r{n}" for n in range(50)])
    policy = filter_policy("acme", wanted)
    assert len(policy["type"]) * len(policy["route"]) == MOST_COMBINATIONS
    with pytest.raises(ValidationError, match="153 combinations"):
        EventFilter(types=wanted.types, routes=[f"r{n}" for n in range(51)])
    with pytest.raises(ValidationError, match="named twice"):
        EventFilter(routes=["a", "a"])


@pytest.mark.parametrize(
    "target",
    [
        {"kind": "https", "url": "http://a.example/"},
        {"kind": "https", "url": "https://user:word@a.example/"},
        {"kind": "https", "url": "https://"},
        {"kind": "https", "url": "https://a.example/\r\nX: y"},
        {"kind": "https", "url": "https://ü.example/"},
        {"kind": "sqs", "queue_arn": "arn:aws:sqs:eu-central-1:123456789012:a.fifo"},
        {"kind": "sqs", "queue_arn": "https://sqs"},
        {"kind": "email", "address": "nobody"},
        {"kind": "email", "address": "a b@c.example"},
        {"kind": "email", "address": "a\x0eb@c.example"},
        {"kind": "email", "address": "a\xe4b@c.example"},
        {"kind": "lambda", "arn": "x"},
    ],
)
def test_what_is_no_endpoint_is_refused(target: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SubscriptionSpec.model_validate({"target": target})
