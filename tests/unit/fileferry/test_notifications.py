"""Every event in the form that its schema promises, with ids that repeats share."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from fileferry.expiries import Expiring
from fileferry.model.expectation import Window, WindowStatus
from fileferry.model.job import Action, Decision, JobStatus, Step
from fileferry.model.subscription import Subscription
from fileferry.notifications import Notifier
from fileferry.repositories.webhooks import WebhookState
from tests.event_schemas import CheckedSns, check_event, schemas
from tests.unit.world import SETTINGS, JobWorld

SHA256 = "0" * 64
KEPT = {"bucket": "archive", "key": "k", "version_id": "v", "size": 1, "sha256": SHA256}
ERROR = {"error": "ContentRefused", "message": "bad", "violations": [{"rule": "r", "message": "m", "line": 1}]}
OUTCOMES: dict[JobStatus, dict[str, Any]] = {
    JobStatus.SUCCEEDED: {"sha256": SHA256, "archived": {"original": KEPT, "delivered": KEPT}, "deliveries": {}},
    JobStatus.FAILED: {"error": ERROR},
    JobStatus.QUARANTINED: {"error": ERROR, "sha256": SHA256, "quarantined": KEPT},
    JobStatus.CANCELLED: {},
    JobStatus.DUPLICATE: {"first_job": "j", "sha256": SHA256, "stored": KEPT},
}
WINDOW = Window(
    tenant="acme",
    expectation="daily",
    deadline="2026-01-31T06:00:00.000000Z",
    opens_at="2026-01-31T04:00:00.000000Z",
    late_until="2026-02-01T04:00:00.000000Z",
    decided_at="2026-01-31T06:00:20.000000Z",
    status=WindowStatus.MISSING,
)


@pytest.fixture(autouse=True)
def received(world: JobWorld) -> None:
    world.receive(b"content", "a+b %41 ü.csv")


def publish_all(world: JobWorld) -> None:
    """One event of every type there is."""
    notifier, job = world.services.notifier, world.job
    notifier.job_started(world.record().model_copy(update={"status": JobStatus.RECEIVED}))
    notifier.step_succeeded(job, Step.STAGE, {"object": KEPT})
    notifier.step_failed(job, Step.VALIDATE, 0, ERROR)
    for status, outcome in OUTCOMES.items():
        notifier.job_closed(job, status, outcome)
    refused = world.record().model_copy(update={"status": JobStatus.QUARANTINED})
    notifier.job_rejected(refused, Decision(action=Action.REJECT, requested_by="ann", at="2026-01-31T10:20:30.000000Z"))
    notifier.control_file(
        "SidecarReceived", "acme", "bob", "ü.csv.md5", {"algorithm": "md5", "digest": "", "version_id": "v"}
    )
    notifier.control_file(
        "AcknowledgementReceived", "acme", "bob", "ü.csv.ack", {"name": "ü.csv", "negative": False, "version_id": "v"}
    )
    for kind, duplicates in (("Missing", []), ("Late", []), ("Duplicate", [job.job_id])):
        notifier.expectation(f"Expectation{kind}", WINDOW.model_copy(update={"duplicates": duplicates}))
    expiring = Expiring("ssh_key", "acme", "bob", "AAAA", "laptop", "2026-02-01T00:00:00.000000Z")
    notifier.key_expiring(expiring, 7, "2026-01-26T00:00:00.000000Z")
    target = {"kind": "https", "url": "https://acme.example/"}
    value = Subscription.model_validate({"tenant": "acme", "id": "hook", "home_region": "x", "target": target})
    notifier.subscription_test(value, "1")
    notifier.subscription_disabled(value, WebhookState(20, "2026-01-26T00:00:00.000000Z"), "no answer")


def test_every_schema_is_a_schema_and_belongs_to_an_event_that_is_published(world: JobWorld) -> None:
    publish_all(world)
    for schema in schemas().values():
        Draft202012Validator.check_schema(schema)
    assert {message.type for message in world.sns.published} == set(schemas()) - {"CloudEvent", "definitions"}


def test_a_schema_is_named_by_its_own_id() -> None:
    for name, schema in schemas().items():
        assert schema["$id"] == f"https://fileferry.dev/schemas/{name}.json"


def test_schemas_refuse_events_that_lack_something_or_say_more(world: JobWorld) -> None:
    publish_all(world)
    for message in world.sns.published:
        check_event(message.event)
        for required in ("id", "subject", "time", "data"):
            with pytest.raises(ValidationError):
                check_event({name: value for name, value in message.event.items() if name != required})
        for change in (
            {"tenant": ""},
            {"surprise": 1},
            {"status": "ODD"} if "status" in message.event["data"] else {"path": 1},
        ):
            wrong = deepcopy(message.event)
            wrong["data"].update(change)
            with pytest.raises(ValidationError):
                check_event(wrong)


def test_a_repeat_has_the_same_id_and_different_events_have_different_ones(world: JobWorld) -> None:
    publish_all(world)
    first = [message.event["id"] for message in world.sns.published]
    world.sns.published.clear()
    publish_all(world)
    assert [message.event["id"] for message in world.sns.published] == first
    closed = f"{world.job.job_id}/1/closed"
    told = [message.event["id"] for message in world.sns.published if message.topic == "events"]
    others = [number for number in told if number != closed]
    assert len(others) == len(set(others))


@pytest.mark.parametrize(
    ("status", "topic"),
    [
        (JobStatus.SUCCEEDED, "success"),
        (JobStatus.DUPLICATE, "success"),
        (JobStatus.FAILED, "failure"),
        (JobStatus.QUARANTINED, "failure"),
        (JobStatus.CANCELLED, "failure"),
    ],
)
def test_a_final_outcome_goes_to_events_and_to_its_topic_as_one_event(
    world: JobWorld, status: JobStatus, topic: str
) -> None:
    world.services.notifier.job_closed(world.job, status, OUTCOMES[status])
    first, second = world.sns.published
    assert (first.topic, second.topic) == ("events", topic)
    assert first.event == second.event
    assert first.event["data"]["status"] == status.value


def test_attributes_serve_filter_policies(world: JobWorld) -> None:
    world.services.notifier.step_failed(world.job, Step.DELIVER, 2, {"error": "X", "message": "m"})
    (message,) = world.sns.published
    assert message.attributes == {
        "tenant": "acme",
        "route": "orders",
        "type": "fileferry.StepFailed",
        "status": "FAILED",
    }


def test_an_entry_of_a_batch_that_sns_refuses_is_sent_alone(world: JobWorld) -> None:
    class HalfRefusing(CheckedSns):
        def publish_batch(self, **arguments: Any) -> Any:
            self.entries = arguments["PublishBatchRequestEntries"]
            return {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "InternalError"}]}

    sns = HalfRefusing(world.sns)
    Notifier(sns, SETTINGS).job_started(world.record())  # type: ignore[arg-type]
    (alone,) = sns.published
    assert alone.type == "JobStarted"
    assert json.loads(sns.entries[1]["Message"]) == alone.event


class TestTooLarge:
    def test_violations_are_cut_first(self, world: JobWorld) -> None:
        violations = [{"rule": "r", "message": "ü" * 300} for _ in range(1000)]
        outcome = {**OUTCOMES[JobStatus.QUARANTINED], "error": {**ERROR, "violations": violations, "total": 1000}}
        world.services.notifier.job_closed(world.job, JobStatus.QUARANTINED, outcome)
        error = world.sns.of_type("JobQuarantined")[0]["data"]["error"]
        assert (len(error["violations"]), error["total"], error["cut"]) == (20, 1000, True)

    def test_the_event_says_at_least_what_it_is_about_and_why(self, world: JobWorld) -> None:
        reasons = [{"route": f"r{n}", "revision": 1, "reason": "x" * 300} for n in range(1000)]
        outcome = {"error": {"error": "NoRoute", "message": "m", "reasons": reasons}, "sha256": SHA256}
        world.services.notifier.job_closed(world.job, JobStatus.QUARANTINED, outcome)
        data = world.sns.of_type("JobQuarantined")[0]["data"]
        assert (data["cut"], data["error"]) == (True, {"error": "NoRoute", "message": "m"})
        assert (data["job_id"], data["tenant"], data["status"]) == (world.job.job_id, "acme", "QUARANTINED")

    def test_a_steps_large_result_is_left_to_the_record(self, world: JobWorld) -> None:
        result = {"object": KEPT, "filename": "f", "operations": [{"op": "convert", "note": "x" * 300_000}]}
        world.services.notifier.step_succeeded(world.job, Step.TRANSFORM, result)
        data = world.sns.of_type("StepSucceeded")[0]["data"]
        assert (data["cut"], data["step"], "result" in data) == (True, "transform", False)
