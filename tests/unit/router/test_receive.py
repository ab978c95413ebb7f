"""What becomes of an object that was created in ingest, whatever happens in between and however often it is told."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fileferry.executor_choice import ENOUGH_SAMPLES
from fileferry.intake.outcome import Outcome
from fileferry.model.job import Executor, JobStatus, PinnedWorkflow
from fileferry.repositories.config import destination_key, route_key, tenant_key
from fileferry.workflows import workflow_digest
from tests.unit.router.world import MACHINE, SETTINGS, Killed, RouterWorld, client_error


def test_a_file_becomes_a_started_job(world: RouterWorld) -> None:
    world.route()
    taken = world.receive(world.upload("a+b %41 ü.csv"))
    job = world.job()
    assert (taken.outcome, taken.created, taken.job_id) == (Outcome.STARTED, True, job.job_id)
    assert (job.status, job.filename, job.route, job.revision) == (JobStatus.RUNNING, "a+b %41 ü.csv", "orders", 1)
    assert world.executions() == [f"{job.job_id}-1"]
    execution = world.states.executions[f"{job.job_id}-1"]
    assert execution["machine"] == f"{MACHINE}:live"
    assert json.loads(execution["input"]) == {"job": job.ref().model_dump(mode="json")}
    assert job.execution_arn == f"{MACHINE.replace(':stateMachine:', ':execution:')}:{job.job_id}-1"
    assert world.topics.types() == ["JobReceived", "JobStarted"]


@pytest.mark.parametrize(
    ("confirm", "seconds"),
    [
        ({"mode": "check", "timeout_seconds": 60}, 960),
        ({"mode": "acknowledgement", "user": "bob", "timeout_seconds": 60}, 60),
    ],
)
def test_only_the_wait_for_an_acknowledgement_ends_at_the_routes_time(
    world: RouterWorld, confirm: dict[str, Any], seconds: int
) -> None:
    world.route(confirm=confirm)
    world.receive(world.upload("orders.csv"))
    assert world.job().confirm_timeout_seconds == seconds


@pytest.mark.parametrize(
    "path",
    ["folder/", ".hidden", "orders.csv.filepart", "x/orders.TMP", "~lock", "in.part", "a/.b.csv"],
)
def test_what_is_no_file_is_ignored(world: RouterWorld, path: str) -> None:
    world.route()
    assert world.receive(world.upload(path)).outcome is Outcome.IGNORED
    assert not world.jobs()
    assert world.ingested() == [path]


def test_other_regions_and_buckets_are_ignored(world: RouterWorld) -> None:
    world.route()
    event = world.upload()
    elsewhere = event.key.replace("eu-central-1", "eu-west-1")
    for changes in ({"key": elsewhere}, {"bucket": "other"}, {"key": "in/x"}):
        strange = type(event)(**{**event.__dict__, **changes})
        assert world.receive(strange).outcome is Outcome.IGNORED
    assert not world.jobs()


def test_five_shuffled_repeats_of_every_event_make_one_job_and_one_run_each(world: RouterWorld) -> None:
    world.route()
    events = [world.upload(f"{number}.csv", str(number).encode()) for number in range(4)] * 5
    random.Random(7).shuffle(events)
    taken = [world.receive(event) for event in events]
    assert world.statuses() == {JobStatus.RUNNING: 4}
    assert len(world.executions()) == world.states.starts == 4
    assert sum(each.created for each in taken) == 4
    assert world.topics.types() == ["JobReceived", "JobStarted"] * 4


def test_an_event_without_a_version_takes_the_current_one(world: RouterWorld) -> None:
    world.route()
    event = world.upload()
    bare = type(event)(**{**event.__dict__, "version_id": ""})
    world.receive(bare)
    assert world.receive(event).outcome is Outcome.REPEATED
    assert world.job().object.version_id == event.version_id


def test_two_versions_of_one_name_are_two_jobs(world: RouterWorld) -> None:
    world.route()
    world.receive(world.upload(content=b"1"))
    world.receive(world.upload(content=b"2"))
    assert world.statuses() == {JobStatus.RUNNING: 2}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["start_execution", "publish"])
def test_a_starter_killed_anywhere_is_resumed_by_the_next_delivery(world: RouterWorld, call: str, after: bool) -> None:
    world.route()
    event = world.upload()
    world.faults.fail(call, Killed(), after=after)
    with pytest.raises(Killed):
        world.receive(event)
    assert world.job().status is JobStatus.RECEIVED
    assert world.receive(event).outcome is Outcome.STARTED
    assert world.job().status is JobStatus.RUNNING
    assert len(world.executions()) == 1
    assert world.topics.types() == ["JobReceived", "JobStarted"]


def test_a_start_that_is_repeated_after_the_execution_ended_is_not_started_again(world: RouterWorld) -> None:
    world.route()
    event = world.upload()
    world.faults.fail("publish", Killed())
    with pytest.raises(Killed):
        world.receive(event)
    (name,) = world.executions()
    world.states.executions[name]["status"] = "SUCCEEDED"
    assert world.receive(event).outcome is Outcome.STARTED
    assert len(world.executions()) == 1


def test_a_file_that_no_route_takes_is_quarantined_with_every_reason(world: RouterWorld) -> None:
    world.route("csv", match={"glob": "*.csv"})
    world.route("small", match={"glob": "**", "max_size": 2}, priority=50)
    taken = world.receive(world.upload("data.bin", b"12345"))
    job = world.job()
    assert (taken.outcome, job.status) == (Outcome.QUARANTINED, JobStatus.QUARANTINED)
    assert [(reason["route"], reason["reason"]) for reason in job.reasons] == [
        ("small", "5 bytes are more than max_size 2"),
        ("csv", "path 'data.bin' does not match glob '*.csv'"),
    ]
    assert world.archived() == [f"quarantine/acme/{job.job_id}/data.bin"]
    assert world.ingested() == []
    assert world.topics.types() == ["JobReceived", "JobQuarantined"]
    assert world.topics.types("failure") == ["JobQuarantined"]


@pytest.mark.parametrize(
    ("tenant", "metadata", "reason"),
    [
        ("missing", {}, "there is no tenant 'acme'"),
        ("disabled", {}, "tenant 'acme' is disabled"),
        ("there", {"user_agent_id": "eve@s-1"}, "it was uploaded by 'eve@s-1' into the home of 'bob'"),
        ("there", {"user_agent_id": "bob@s-1"}, ""),
    ],
)
def test_a_stranger_s_file_is_quarantined(
    world: RouterWorld, tenant: str, metadata: dict[str, str], reason: str
) -> None:
    world.route()
    if tenant == "missing":
        world.services.dynamodb.delete_item(
            TableName="config", Key={name: {"S": value} for name, value in tenant_key("acme").items()}
        )
    if tenant == "disabled":
        world.tenant(enabled=False)
    world.receive(world.upload(**metadata))
    job = world.job()
    assert job.status is (JobStatus.QUARANTINED if reason else JobStatus.RUNNING)
    assert [each["reason"] for each in job.reasons] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("policy", "status"),
    [("accept", JobStatus.RUNNING), ("quarantine", JobStatus.QUARANTINED), ("skip", JobStatus.QUARANTINED)],
)
def test_an_empty_file_follows_the_route_s_policy(world: RouterWorld, policy: str, status: JobStatus) -> None:
    world.route(zero_bytes=policy)
    world.receive(world.upload(content=b""))
    job = world.job()
    assert job.status is status
    assert job.route == ("none" if policy == "skip" else "orders")


def test_a_route_named_none_is_a_route_like_any_other(world: RouterWorld) -> None:
    world.route("none")
    event = world.upload()
    world.faults.fail("start_execution", Killed())
    with pytest.raises(Killed):
        world.receive(event)
    assert world.receive(event).outcome is Outcome.STARTED


@pytest.mark.parametrize("kind", ["route", "tenant"])
def test_a_record_that_cannot_be_read_fails_the_job_and_keeps_the_file(world: RouterWorld, kind: str) -> None:
    key = route_key("acme", "bad") if kind == "route" else tenant_key("acme")
    world.put("config", {**key, "doc": '{"match": 1}'})
    event = world.upload()
    assert world.receive(event).outcome is Outcome.FAILED
    job = world.job()
    assert job.status is JobStatus.FAILED
    assert "cannot be read" in job.reason
    assert world.ingested() == ["orders.csv"]
    assert world.receive(event).outcome is Outcome.REPEATED


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"workflow": {"name": "transfer/v9"}}, "transfer/v9"),
        ({"workflow": {"version_arn": "arn:aws:states:eu-central-1:1:stateMachine:foreign:3"}}, "no version of"),
    ],
)
def test_a_workflow_that_cannot_be_started_fails_the_job(
    world: RouterWorld, spec: dict[str, object], reason: str
) -> None:
    world.route(**spec)
    assert world.receive(world.upload()).outcome is Outcome.FAILED
    assert reason in world.job().reason
    assert world.ingested() == ["orders.csv"]
    assert world.topics.types() == ["JobReceived", "JobFailed"]
    assert not world.executions()


def test_a_route_s_pinned_version_is_started(world: RouterWorld) -> None:
    world.route(workflow={"version_arn": f"{MACHINE}:7"})
    world.receive(world.upload())
    (execution,) = world.states.executions.values()
    assert execution["machine"] == f"{MACHINE}:7"
    assert ":7" not in world.job().execution_arn


def test_a_refused_start_fails_the_job_and_others_fail_the_message(world: RouterWorld) -> None:
    world.route()
    for code in ("AccessDeniedException", "ThrottlingException", "ExecutionLimitExceeded"):
        world.faults.fail("start_execution", client_error(code, "StartExecution"))
        with pytest.raises(Exception, match=code):
            world.receive(world.upload(content=code.encode()))
    assert world.statuses() == {JobStatus.RECEIVED: 3}
    world.faults.fail("start_execution", client_error("StateMachineDoesNotExist", "StartExecution"))
    assert world.receive(world.upload()).outcome is Outcome.FAILED


def test_a_failed_close_that_was_killed_is_ended_by_the_next_delivery(world: RouterWorld) -> None:
    world.route(workflow={"name": "transfer/v9"})
    event = world.upload()
    for _ in range(2):
        world.faults.fail("publish", Killed(), after=True)
        with pytest.raises(Killed):
            world.receive(event)
    world.receive(event)
    assert world.job().status is JobStatus.FAILED
    assert world.topics.types() == ["JobReceived", "JobFailed"]


def test_an_object_that_was_removed_after_its_claim_fails_the_job(world: RouterWorld) -> None:
    event = world.upload()
    world.faults.fail("publish", Killed())
    with pytest.raises(Killed):
        world.receive(event)
    world.services.s3.delete_object(Bucket="ingest", Key=event.key, VersionId=event.version_id)
    assert world.receive(event).outcome is Outcome.FAILED
    assert "not there any more" in world.job().reason


# Content seen before


def test_content_seen_before_ends_as_duplicate_where_the_route_asks(world: RouterWorld) -> None:
    world.route(duplicates="skip")
    world.receive(world.upload("1.csv", b"same"))
    taken = world.receive(world.upload("2.csv", b"same"))
    first, second = world.jobs()
    assert (first.status, second.status, taken.outcome) == (JobStatus.RUNNING, JobStatus.DUPLICATE, Outcome.DUPLICATE)
    assert second.first_job == first.job_id
    assert world.archived() == [f"duplicate/acme/{second.job_id}/2.csv"]
    assert world.topics.types("success") == ["JobDuplicate"]


def test_content_of_a_failed_job_is_taken_again(world: RouterWorld) -> None:
    world.route(duplicates="skip")
    world.receive(world.upload("1.csv", b"same"))
    world.services.jobs.close(world.job(), JobStatus.FAILED)
    assert world.receive(world.upload("2.csv", b"same")).outcome is Outcome.STARTED


# Executors


def test_a_job_of_the_worker_goes_to_the_work_queue_and_its_run_says_so(world: RouterWorld) -> None:
    world.route(executor="worker")
    event = world.upload()
    world.receive(event)
    job = world.job()
    assert (job.status, job.executor) == (JobStatus.RUNNING, Executor.WORKER)
    run = world.services.runs.get(job.job_id, 1)
    assert (run.executor, run.execution_arn) == (Executor.WORKER, "")
    (message,) = world.queues.messages
    assert message["QueueUrl"] == SETTINGS.work_queue_url
    assert message["MessageGroupId"] == job.job_id
    assert message["MessageDeduplicationId"] == f"{job.job_id}-1-start"
    assert json.loads(message["MessageBody"]) == {"job": job.ref().model_dump(mode="json")}


def test_a_worker_s_run_is_pinned_before_its_message_is_sent_to_the_version_that_is_live(world: RouterWorld) -> None:
    world.route(executor="worker")
    event = world.upload()
    world.faults.fail("send_message", Killed())
    with pytest.raises(Killed):
        world.receive(event)
    pinned = world.services.runs.get(world.job().job_id, 1).workflow
    assert pinned == PinnedWorkflow(
        name="transfer/v1", version_arn=f"{MACHINE}:1", digest=workflow_digest('{"StartAt": "1"}')
    )

    world.states.live = f"{MACHINE}:2"
    world.receive(event)
    assert world.job().status is JobStatus.RUNNING
    assert world.services.runs.get(world.job().job_id, 1).workflow == pinned


def test_a_worker_s_run_is_pinned_to_the_version_that_its_route_names(world: RouterWorld) -> None:
    world.route(executor="worker", workflow={"version_arn": f"{MACHINE}:2"})
    world.receive(world.upload())
    pinned = world.services.runs.get(world.job().job_id, 1).workflow
    assert pinned is not None
    assert pinned.version_arn == f"{MACHINE}:2"


def test_a_worker_s_job_whose_workflow_version_is_not_there_fails_at_once(world: RouterWorld) -> None:
    world.route(executor="worker", workflow={"version_arn": f"{MACHINE}:9"})
    assert world.receive(world.upload()).outcome is Outcome.FAILED
    assert world.job().status is JobStatus.FAILED
    assert f"does not know {MACHINE}:9" in world.job().reason
    assert not world.queues.messages


def test_a_worker_s_job_waits_for_step_functions_to_answer(world: RouterWorld) -> None:
    world.route(executor="worker")
    event = world.upload()
    world.faults.fail("describe_state_machine_alias", client_error("ThrottlingException", "DescribeStateMachineAlias"))
    with pytest.raises(ClientError, match="Throttling"):
        world.receive(event)
    assert world.job().status is JobStatus.RECEIVED
    assert world.receive(event).outcome is Outcome.STARTED


def test_a_start_that_was_cut_off_is_ended_although_the_worker_is_ahead(world: RouterWorld) -> None:
    world.route(executor="worker", duplicates="skip")
    event = world.upload()
    world.faults.fail("send_message", Killed(), after=True)
    with pytest.raises(Killed):
        world.receive(event)
    job = world.job()
    world.update_run(job.job_id, fence=2, status="RUNNING", lease_owner="w")
    world.services.s3.delete_object(Bucket="ingest", Key=event.key, VersionId=event.version_id)

    assert world.receive(event).outcome is Outcome.STARTED
    assert world.job().status is JobStatus.RUNNING
    assert len(world.queues.messages) == 1


def test_an_execution_is_pinned_by_step_functions_itself(world: RouterWorld) -> None:
    world.route()
    world.receive(world.upload())
    assert world.services.runs.get(world.job().job_id, 1).workflow is None


def test_the_job_tells_by_which_rate_its_executor_was_chosen(world: RouterWorld) -> None:
    world.services.settings = replace(SETTINGS, lambda_seconds=1)
    world.route(deliver={"destinations": ["bank"]})
    doc = {"tenant": "acme", "id": "bank", "target": {"kind": "s3", "bucket": "far", "prefix": ""}}
    world.put("config", {**destination_key("acme", "bank"), "doc": json.dumps(doc)})
    for _ in range(ENOUGH_SAMPLES):
        world.services.rates.record("acme", "bank", 1000, 1.0)
    world.receive(world.upload(content=b"x" * 200_000))
    job = world.job()
    assert job.executor is Executor.WORKER
    assert job.executor_facts is not None
    assert (job.executor_facts.decided_by, job.executor_facts.seconds["deliver"]) == ("seconds", 200)
    assert job.executor_facts.rates["bank"].source == "learned"


def test_a_repeated_start_keeps_the_executor_although_the_rate_changed(world: RouterWorld) -> None:
    world.services.settings = replace(SETTINGS, lambda_seconds=1)
    world.route(deliver={"destinations": ["bank"]})
    target = {"kind": "s3", "bucket": "far", "prefix": ""}
    doc = {"tenant": "acme", "id": "bank", "target": target}
    slow = {**destination_key("acme", "bank"), "doc": json.dumps({**doc, "rate_bytes_per_second": 1000})}
    fast = {**destination_key("acme", "bank"), "doc": json.dumps({**doc, "rate_bytes_per_second": 1e9})}
    world.put("config", slow)
    event = world.upload(content=b"x" * 200_000)
    world.faults.fail("publish", Killed())
    with pytest.raises(Killed):
        world.receive(event)
    world.put("config", fast)
    world.receive(event)
    assert world.job().executor is Executor.WORKER
    assert not world.executions()
