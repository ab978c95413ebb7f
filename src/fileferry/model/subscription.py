"""Who is told of a tenant's events: by HTTPS, signed; into an SQS queue; or by e-mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from fileferry.model.job import Frozen
from fileferry.model.route import Identifier

_PREFIX = "fileferry."
MOST_COMBINATIONS = 150
"""Of the values of a filter policy (SNS developer guide, "Filter policy constraints")."""


class EventType(StrEnum):
    """What is told, as `events/schemas/` describes it; an event's type has `fileferry.` in front."""

    JOB_RECEIVED = "JobReceived"
    JOB_STARTED = "JobStarted"
    STEP_SUCCEEDED = "StepSucceeded"
    STEP_FAILED = "StepFailed"
    JOB_SUCCEEDED = "JobSucceeded"
    JOB_FAILED = "JobFailed"
    JOB_QUARANTINED = "JobQuarantined"
    JOB_DUPLICATE = "JobDuplicate"
    JOB_CANCELLED = "JobCancelled"
    JOB_REJECTED = "JobRejected"
    SIDECAR_RECEIVED = "SidecarReceived"
    ACKNOWLEDGEMENT_RECEIVED = "AcknowledgementReceived"
    EXPECTATION_MISSING = "ExpectationMissing"
    EXPECTATION_LATE = "ExpectationLate"
    EXPECTATION_DUPLICATE = "ExpectationDuplicate"
    KEY_EXPIRING = "KeyExpiring"
    SUBSCRIPTION_TEST = "SubscriptionTest"
    SUBSCRIPTION_DISABLED = "SubscriptionDisabled"


Status = Annotated[str, Field(pattern=r"^[A-Z_]{1,40}$")]


class HttpsEndpoint(Frozen):
    """A web server that takes events by POST; each is signed with the subscription's secret."""

    kind: Literal["https"]
    url: str = Field(max_length=2000)
    ca_certificate: str | None = Field(
        None, max_length=65_536, description="PEM of the authority to trust instead of the public ones."
    )

    @field_validator("url")
    @classmethod
    def _is_https(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" or not parts.hostname or not value.isascii() or not value.isprintable():
            raise ValueError("must be an https:// URL with a host, in ASCII")
        if parts.username or parts.password or parts.fragment:
            raise ValueError("must not hold a user name, a password or a fragment")
        return value


class QueueEndpoint(Frozen):
    """An SQS standard queue whose policy lets the events topic send. Bodies are the events as they are."""

    kind: Literal["sqs"]
    queue_arn: str = Field(pattern=r"^arn:aws[\w-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$")


class EmailEndpoint(Frozen):
    """An e-mail address, which must confirm before it is told anything."""

    kind: Literal["email"]
    # Before the @, too, printable ASCII: SNS answers in XML 1.0, which holds no control characters, and Amazon's mail
    # service sends to 7-bit ASCII only (SES API reference, Destination); SNS itself does not say.
    address: str = Field(max_length=320, pattern=r"^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,255}$")


Endpoint = HttpsEndpoint | QueueEndpoint | EmailEndpoint


class EventFilter(Frozen):
    """Which events; a list that is empty lets all through."""

    types: list[EventType] = Field(default_factory=list, max_length=len(EventType))
    statuses: list[Status] = Field(default_factory=list, max_length=20)
    routes: list[Identifier] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _fits_a_policy(self) -> Self:
        combinations = 1
        for values in (self.types, self.statuses, self.routes):
            if len(set(values)) != len(values):
                raise ValueError("a value is named twice")
            combinations *= max(1, len(values) + (values is self.types and bool(values)))
        if combinations > MOST_COMBINATIONS:
            raise ValueError(
                f"has {combinations} combinations of types (and the test's), statuses and routes; "
                f"at most {MOST_COMBINATIONS} are possible"
            )
        return self


class SubscriptionSpec(Frozen):
    """What a user writes about a subscription."""

    description: str = Field("", max_length=1000)
    enabled: bool = True
    target: Annotated[Endpoint, Field(discriminator="kind")]
    filter: EventFilter = EventFilter()


class Subscription(SubscriptionSpec):
    """A subscription as it is stored. SNS tells queues and addresses, Fileferry itself HTTPS endpoints."""

    tenant: str
    id: Identifier
    home_region: str
    subscription_arn: str = ""
    """SNS's name of it; empty for HTTPS, and while there is none."""
    secret: str = ""
    """Of HTTPS: name of the secret that signs."""
    previous_secret_until: str = ""
    """Until then events are signed with the secret before, too."""
    created_at: str = ""
    updated_at: str = ""

    def policy(self) -> dict[str, list[str]]:
        """The filter policy of SNS: only events of the tenant, always."""
        return filter_policy(self.tenant, self.filter)


def filter_policy(tenant: str, wanted: EventFilter) -> dict[str, list[str]]:
    """Message attributes and the values that they may have; the event of a test is let through by its type."""
    types = sorted({*wanted.types, EventType.SUBSCRIPTION_TEST}) if wanted.types else []
    lists: Mapping[str, Sequence[str]] = {
        "type": [f"{_PREFIX}{kind}" for kind in types],
        "status": wanted.statuses,
        "route": wanted.routes,
    }
    return {"tenant": [tenant], **{name: list(values) for name, values in lists.items() if values}}


def takes(policy: Mapping[str, Sequence[str]], attributes: Mapping[str, str]) -> bool:
    """Whether SNS would let a message with these attributes through: each named one has one of the values."""
    return all(attributes.get(name) in values for name, values in policy.items())


def subscription_secret_name(prefix: str, tenant: str, subscription: str) -> str:
    """Name of the secret that signs; `prefix` is the deployment's, with its slash."""
    return f"{prefix}{tenant}/subscriptions/{subscription}"
