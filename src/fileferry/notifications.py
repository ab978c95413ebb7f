"""Every status as a CloudEvents 1.0 message on SNS. This is the only place where events are made.

Ids are derived from job, run and name, so that a repeat of a step publishes the same event again, and a
subscriber that keeps the ids of some days sees each once. Schemas: `events/schemas/`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fileferry.clock import parse_time, timestamp
from fileferry.model.expectation import Window
from fileferry.model.job import Decision, Job, JobRef, JobStatus, Step
from fileferry.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from fileferry.expiries import Expiring
    from fileferry.model.subscription import Subscription
    from fileferry.repositories.webhooks import WebhookState

_FINAL_TYPES = {
    JobStatus.SUCCEEDED: "JobSucceeded",
    JobStatus.FAILED: "JobFailed",
    JobStatus.QUARANTINED: "JobQuarantined",
    JobStatus.CANCELLED: "JobCancelled",
    JobStatus.DUPLICATE: "JobDuplicate",
}
_GOOD_ENDS = (JobStatus.SUCCEEDED, JobStatus.DUPLICATE)
_EXPECTATION_STATUS = {
    "ExpectationMissing": "MISSING",
    "ExpectationLate": "LATE",
    "ExpectationDuplicate": "DUPLICATE",
}
_MAX_DATA = 200_000
"""An SNS message holds 256 KB with its attributes; violations beyond this are left to the job's record."""
_FEW_VIOLATIONS = 20
_ALWAYS_TOLD = (
    *("job_id", "tenant", "user", "route", "revision", "object", "run", "status"),
    *("step", "attempt", "error", "executor", "executor_reason"),
)


@dataclass(frozen=True)
class Event:
    """A CloudEvent to be: `type` without its prefix, `status` of job or step, `data` JSON-able."""

    type: str
    id: str
    tenant: str
    route: str
    status: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)


def cloud_event(event: Event, source: str) -> dict[str, Any]:
    """`event` in the JSON format of CloudEvents 1.0."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": f"fileferry.{event.type}",
        "subject": event.subject,
        "time": timestamp(),
        "datacontenttype": "application/json",
        "dataschema": f"https://fileferry.dev/schemas/{event.type}.json",
        "data": _bounded(event.data),
    }


def _bounded(data: Mapping[str, Any]) -> Mapping[str, Any]:
    if _fits(data):
        return data
    error = data.get("error")
    if isinstance(error, Mapping):
        violations = error.get("violations", [])[:_FEW_VIOLATIONS]
        less = {**data, "error": {**error, **({"violations": violations} if violations else {}), "cut": True}}
        if _fits(less):
            return less
        data = {**data, "error": {name: error[name] for name in ("error", "message", "step") if name in error}}
    return {name: value for name, value in data.items() if name in _ALWAYS_TOLD} | {"cut": True}


def _fits(data: Mapping[str, Any]) -> bool:
    return len(json.dumps(data)) <= _MAX_DATA


class Notifier:
    """Publishes to the topics `events`, and final outcomes also to `success` or `failure`."""

    def __init__(self, sns: SNSClient, settings: Settings) -> None:
        self._sns = sns
        self._settings = settings

    def job_received(self, job: Job) -> None:
        self._publish(_job_event("JobReceived", job, {"waiting_for": job.waiting_for} if job.waiting_for else {}))

    def job_started(self, job: Job) -> None:
        """JobReceived and JobStarted in one call."""
        data = {"executor": job.executor.value, "executor_reason": job.executor_reason}
        running = job.model_copy(update={"status": JobStatus.RUNNING})
        self._publish(_job_event("JobReceived", job, {}), _job_event("JobStarted", running, data))

    def step_succeeded(self, job: JobRef, step: Step, result: Mapping[str, Any]) -> None:
        data = {"step": step.value, "result": dict(result)}
        self._publish(_step_event("StepSucceeded", job, step.value, "SUCCEEDED", data))

    def step_failed(self, job: JobRef, step: Step, attempt: int, error: Mapping[str, Any]) -> None:
        data = {"step": step.value, "attempt": attempt, "error": dict(error)}
        self._publish(_step_event("StepFailed", job, f"{step.value}/{attempt}", "FAILED", data))

    def job_closed(self, job: JobRef, status: JobStatus, data: Mapping[str, Any]) -> None:
        """The final outcome, on `events` and on `success` or `failure`."""
        event = Event(
            type=_FINAL_TYPES[status],
            id=f"{job.job_id}/{job.run}/closed",
            tenant=job.tenant,
            route=job.route,
            status=status.value,
            subject=job.job_id,
            data={**_file_of(job), "run": job.run, "status": status.value, **data},
        )
        good = status in _GOOD_ENDS
        outcome = self._settings.success_topic_arn if good else self._settings.failure_topic_arn
        self._publish(event, topics=(self._settings.events_topic_arn, outcome))

    def job_rejected(self, job: Job, decision: Decision) -> None:
        """A quarantined file is refused for good: on `events`, and on `failure` for whoever must tell the partner."""
        event = Event(
            type="JobRejected",
            id=f"{job.job_id}/{job.run}/rejected",
            tenant=job.tenant,
            route=job.route,
            status=job.status.value,
            subject=job.job_id,
            data={
                **_file_of(job),
                "run": job.run,
                "status": job.status.value,
                "decision": decision.model_dump(mode="json"),
            },
        )
        self._publish(event, topics=(self._settings.events_topic_arn, self._settings.failure_topic_arn))

    def control_file(self, kind: str, tenant: str, user: str, path: str, data: Mapping[str, Any]) -> None:
        """A sidecar or an acknowledgement came: `kind` is SidecarReceived or AcknowledgementReceived."""
        event = Event(
            type=kind,
            id=f"{tenant}/{user}/{path}/{data.get('version_id', '')}",
            tenant=tenant,
            route="",
            status="RECEIVED",
            subject=path,
            data={"tenant": tenant, "user": user, "path": path, **data},
        )
        self._publish(event)

    def expectation(self, kind: str, window: Window) -> None:
        """A window was not met, or met twice: ExpectationMissing, ExpectationLate, ExpectationDuplicate.

        On `events` and on `failure`.
        """
        status = _EXPECTATION_STATUS[kind]
        event = Event(
            type=kind,
            id=f"{window.tenant}/{window.expectation}/{window.deadline}/{status.lower()}",
            tenant=window.tenant,
            route=window.route,
            status=status,
            subject=window.expectation,
            data={**window.model_dump(mode="json"), "status": status},
        )
        self._publish(event, topics=(self._settings.events_topic_arn, self._settings.failure_topic_arn))

    def key_expiring(self, expiring: Expiring, threshold_days: int, at: str) -> None:
        """Something ends soon: told once at each threshold; `at` is now."""
        days_left = (parse_time(expiring.expires_at) - parse_time(at)).days
        identity = hashlib.sha256(expiring.key.encode()).hexdigest()[:16]
        parts = (expiring.tenant, expiring.kind, expiring.owner, identity, expiring.expires_at, threshold_days)
        event = Event(
            type="KeyExpiring",
            id="/".join(map(str, parts)),
            tenant=expiring.tenant,
            route="",
            status="EXPIRING",
            subject=expiring.owner,
            data={
                "tenant": expiring.tenant,
                "status": "EXPIRING",
                "kind": expiring.kind,
                "owner": expiring.owner,
                "key": expiring.key,
                "label": expiring.label,
                "expires_at": expiring.expires_at,
                "days_left": days_left,
                "threshold_days": threshold_days,
            },
        )
        self._publish(event)

    def subscription_test(self, subscription: Subscription, number: str) -> str:
        """An event that the subscription takes, as others of the tenant may; `number` tells tests apart. Its id."""
        wanted = subscription.filter
        event = Event(
            type="SubscriptionTest",
            id=f"{subscription.tenant}/{subscription.id}/test/{number}",
            tenant=subscription.tenant,
            route=next(iter(wanted.routes), ""),
            status=next(iter(wanted.statuses), "TEST"),
            subject=subscription.id,
            data={"tenant": subscription.tenant, "subscription": subscription.id, "status": "TEST"},
        )
        self._publish(event)
        return event.id

    def subscription_disabled(self, subscription: Subscription, state: WebhookState, error: str) -> None:
        """An HTTPS endpoint failed for long and gets nothing more; on `events` and on `failure`."""
        event = Event(
            type="SubscriptionDisabled",
            id=f"{subscription.tenant}/{subscription.id}/disabled/{state.failing_since}",
            tenant=subscription.tenant,
            route="",
            status="DISABLED",
            subject=subscription.id,
            data={
                "tenant": subscription.tenant,
                "subscription": subscription.id,
                "status": "DISABLED",
                "failures": state.failures,
                "failing_since": state.failing_since,
                "error": error,
            },
        )
        self._publish(event, topics=(self._settings.events_topic_arn, self._settings.failure_topic_arn))

    def _publish(self, *events: Event, topics: Sequence[str] = ()) -> None:
        source = f"/fileferry/{self._settings.region}"
        messages = [
            (json.dumps(cloud_event(event, source), ensure_ascii=False), _attributes(event)) for event in events
        ]
        for topic in topics or (self._settings.events_topic_arn,):
            if len(messages) == 1:
                text, attributes = messages[0]
                self._sns.publish(TopicArn=topic, Message=text, MessageAttributes=attributes)
            else:
                self._publish_batch(topic, messages)

    def _publish_batch(self, topic: str, messages: Sequence[tuple[str, Any]]) -> None:
        entries: Any = [
            {"Id": str(number), "Message": text, "MessageAttributes": attributes}
            for number, (text, attributes) in enumerate(messages)
        ]
        answer = self._sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
        for failed in answer.get("Failed", []):
            text, attributes = messages[int(failed["Id"])]
            self._sns.publish(TopicArn=topic, Message=text, MessageAttributes=attributes)


def _attributes(event: Event) -> dict[str, Any]:
    """For SNS filter policies; SNS takes no empty strings."""
    values = {"tenant": event.tenant, "route": event.route, "type": f"fileferry.{event.type}", "status": event.status}
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items() if value}


def _file_of(job: JobRef | Job) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "tenant": job.tenant,
        "user": job.user,
        "route": job.route,
        "revision": job.revision,
        "object": job.object.model_dump(),
    }


def _job_event(kind: str, job: Job, data: Mapping[str, Any]) -> Event:
    return Event(
        type=kind,
        id=f"{job.job_id}/{job.run}/{kind}",
        tenant=job.tenant,
        route=job.route,
        status=job.status.value,
        subject=job.job_id,
        data={**_file_of(job), "run": job.run, "status": job.status.value, **data},
    )


def _step_event(kind: str, job: JobRef, name: str, status: str, data: Mapping[str, Any]) -> Event:
    return Event(
        type=kind,
        id=f"{job.job_id}/{job.run}/{name}/{status.lower()}",
        tenant=job.tenant,
        route=job.route,
        status=status,
        subject=job.job_id,
        data={"job_id": job.job_id, "tenant": job.tenant, "run": job.run, "status": status, **data},
    )
