"""Actions, bulk actions and dead letters over the API: who may, what is answered, and what is kept of who asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from control_plane.status_service.bulk_worker import handler as bulk_worker
from fileferry.model.job import Job, JobStatus, ObjectRef
from fileferry.repositories.creation import new_run
from fileferry.repositories.runs import run_item
from fileferry.services import services
from tests.unit.control_plane.world import Api, http_event, job, store_job
from tests.unit.router.world import FakeQueues, FakeStates, FakeTopics, Faults

OPERATOR = "user/operator"


@pytest.fixture(autouse=True)
def world(_tables: None) -> Iterator[FakeQueues]:
    """Queues, topics and executions that keep what they are sent, and empty buckets."""
    world, faults = services(), Faults()
    kept = {name: world.__dict__.get(name) for name in ("sqs", "sns", "sfn", "settings")}
    queues = FakeQueues(faults)
    world.__dict__.update(sqs=queues, sns=FakeTopics(faults), sfn=FakeStates(faults))
    world.settings = replace(world.settings, bulk_queue_url="https://queue/bulk")
    for bucket in ("ingest", "archive"):
        if bucket not in [found["Name"] for found in world.s3.list_buckets()["Buckets"]]:
            location: Any = {"LocationConstraint": "eu-central-1"}
            world.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
            world.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield queues
    for name, value in kept.items():
        if value is None:
            del world.__dict__[name]
        else:
            world.__dict__[name] = value


def stored(number: int = 1, status: JobStatus = JobStatus.FAILED, tenant: str = "acme", **fields: Any) -> Job:
    """A job with its run, and its file in ingest."""
    key = f"in/eu-central-1/00/{tenant}/bob/{number}.csv"
    version = services().s3.put_object(Bucket="ingest", Key=key, Body=b"x")["VersionId"]
    record = job("j" + "a" * 24 + "abcdefghij"[number], tenant, status=status, **fields)
    record = record.model_copy(
        update={"object": record.object.model_copy(update={"key": key, "version_id": version, "size": 1})}
    )
    store_job(record)
    services().dynamodb.put_item(TableName="runs", Item=run_item(new_run(record, {})))
    return record


def address(record: Job, action: str) -> str:
    return f"/v1/tenants/{record.tenant}/jobs/{record.job_id}/{action}"


def work_off(queues: FakeQueues) -> None:
    while bodies := [m["MessageBody"] for m in queues.messages if m["QueueUrl"] == "https://queue/bulk"]:
        queues.messages = [m for m in queues.messages if m["QueueUrl"] != "https://queue/bulk"]
        for body in bodies:
            bulk_worker({"Records": [{"body": body}]}, None)


# One job


@pytest.mark.parametrize("action", ["retry", "redrive", "replay"])
def test_a_failed_job_is_run_once_more(acme: Api, status: Api, action: str) -> None:
    record = stored()
    reply = status.post(address(record, action), {"comment": "the partner is up again"})
    assert (reply.status, reply.value["status"], reply.value["run"]) == (200, "RECEIVED", 2)
    run = status.get(f"/v1/tenants/acme/jobs/{record.job_id}").value["runs"][1]
    assert (run["action"], run["requested_by"], run["comment"]) == (action, OPERATOR, "the partner is up again")


def test_a_job_is_cancelled_without_a_body(acme: Api, status: Api) -> None:
    record = stored(status=JobStatus.RUNNING)
    services().dynamodb.put_item(
        TableName="runs", Item=run_item(new_run(record, {}).model_copy(update={"status": JobStatus.RUNNING}))
    )
    assert status.call("POST", address(record, "cancel")).value["status"] == "CANCELLED"
    shown = status.get(f"/v1/tenants/acme/jobs/{record.job_id}").value
    assert shown["runs"][0]["decision"]["requested_by"] == OPERATOR


def test_what_is_not_possible_is_a_conflict_that_says_what_is(acme: Api, status: Api) -> None:
    reply = status.post(address(stored(status=JobStatus.SUCCEEDED), "retry"), {})
    assert reply.status == 409
    assert "replay it" in reply.value["detail"]


def test_a_quarantined_file_is_released_by_today_s_revision_or_rejected(acme: Api, status: Api) -> None:
    first, second = (stored(number, JobStatus.QUARANTINED) for number in (1, 2))
    released = status.post(address(first, "release"), {"accept_violations": True, "comment": "agreed"}).value
    assert (released["status"], released["run"]) == ("RECEIVED", 2)
    run = status.get(f"/v1/tenants/acme/jobs/{first.job_id}").value["runs"][1]
    assert run["accepted"]["comment"] == "agreed"
    rejected = status.post(address(second, "reject"), {"comment": "not ours"}).value
    assert rejected["status"] == "QUARANTINED"
    assert rejected["rejected_at"]


def test_violations_are_not_accepted_without_a_reason(acme: Api, status: Api) -> None:
    record = stored(status=JobStatus.QUARANTINED)
    reply = status.post(address(record, "release"), {"accept_violations": True})
    assert reply.status == 422
    assert "say why" in json.dumps(reply.value)


def test_the_same_request_makes_one_run_also_when_its_answer_was_lost(acme: Api, status: Api) -> None:
    record = stored()
    event = http_event("POST", address(record, "retry"), "{}", headers={"idempotency-key": "k1"})
    first = status.send(event)
    assert status.send(event).value == first.value
    run = services().runs.get(record.job_id, 2)
    assert run.request_id
    assert "k1" not in run.request_id
    assert len(services().runs.of_job(record.job_id)) == 2


def test_another_tenants_job_is_not_there(acme: Api, status: Api) -> None:
    acme.post("/v1/tenants", {"id": "other", "name": "Other"})
    record = stored(tenant="other")
    assert status.post(f"/v1/tenants/acme/jobs/{record.job_id}/retry", {}).status == 404
    assert services().jobs.get(record.job_id) == record


def test_a_route_that_cannot_be_read_is_told_and_nothing_is_done(acme: Api, status: Api) -> None:
    item = {"pk": {"S": "TENANT#acme"}, "sk": {"S": "ROUTE#broken"}, "doc": {"S": "{"}}
    services().dynamodb.put_item(TableName="config", Item=item)
    record = stored(status=JobStatus.QUARANTINED)
    reply = status.post(address(record, "release"), {})
    assert (reply.status, services().jobs.get(record.job_id)) == (409, record)


# Many jobs


def test_a_bulk_action_is_planned_looked_at_and_run(acme: Api, status: Api, world: FakeQueues) -> None:
    failed = [stored(number) for number in range(1, 8)]
    other = stored(9, JobStatus.SUCCEEDED)
    body = {"action": "retry", "filter": {"status": "FAILED"}, "comment": "all of them"}
    reply = status.post("/v1/tenants/acme/bulk-actions", body)
    assert (reply.status, reply.value["status"]) == (202, "PLANNING")
    place = reply.headers["Location"]
    work_off(world)
    plan = status.get(place).value
    assert (plan["status"], plan["total"], plan["possible"], plan["done"]) == ("PLANNED", 7, 7, 0)
    jobs = status.all(f"{place}/jobs", limit="3")
    assert {found["job_id"] for found in jobs} == {record.job_id for record in failed}
    assert {found["outcome"] for found in jobs} == {None}
    assert services().jobs.get(failed[0].job_id).run == 1

    assert status.call("POST", f"{place}/run").status == 202
    work_off(world)
    done = status.get(place).value
    assert (done["status"], done["done"], done["failed"], done["skipped"]) == ("DONE", 7, 0, 0)
    assert done["started_by"] == OPERATOR
    assert {found["outcome"] for found in status.all(f"{place}/jobs")} == {"DONE"}
    assert services().runs.get(failed[0].job_id, 2).comment == "all of them"
    assert services().jobs.get(other.job_id).run == 1
    assert [bulk["id"] for bulk in status.all("/v1/tenants/acme/bulk-actions")] == [plan["id"]]


def test_a_plan_that_is_not_made_cannot_be_run_and_another_tenants_is_not_there(acme: Api, status: Api) -> None:
    acme.post("/v1/tenants", {"id": "other", "name": "Other"})
    place = status.post("/v1/tenants/acme/bulk-actions", {"action": "retry", "filter": {}}).headers["Location"]
    assert status.call("POST", f"{place}/run").status == 409
    foreign = place.replace("acme", "other")
    assert [status.get(foreign).status, status.get(f"{foreign}/jobs").status] == [404, 404]
    assert status.call("POST", f"{foreign}/run").status == 404
    assert status.post("/v1/tenants/nobody/bulk-actions", {"action": "retry", "filter": {}}).status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "explode", "filter": {}}, "/action"),
        ({"action": "retry"}, "/filter"),
        ({"action": "retry", "filter": {"stauts": "FAILED"}}, "/filter/stauts"),
        ({"action": "retry", "filter": {"since": "2026-01-02", "until": "2026-01-01"}}, "/filter"),
    ],
)
def test_a_bulk_action_that_cannot_be_understood_is_refused(
    acme: Api, status: Api, body: dict[str, Any], pointer: str
) -> None:
    reply = status.post("/v1/tenants/acme/bulk-actions", body)
    assert (reply.status, reply.pointers) == (422, [pointer])


# Dead letters


@pytest.fixture
def letters() -> Any:
    """The dead-letter queues on moto, with one message each; its client also stands for the queues before them."""
    world = services()
    sqs = world.session.client("sqs", region_name="eu-central-1")
    urls: dict[str, str] = {}
    for name in ("ingest", "work"):
        fifo: Any = {"FifoQueue": "true"}
        urls[name] = sqs.create_queue(QueueName=f"{name}-dlq.fifo", Attributes=fifo)["QueueUrl"]
        urls[f"{name}-before"] = sqs.create_queue(QueueName=f"{name}.fifo", Attributes=fifo)["QueueUrl"]
    urls["bulk"] = sqs.create_queue(QueueName="bulk-dlq")["QueueUrl"]
    urls["bulk-before"] = sqs.create_queue(QueueName="bulk")["QueueUrl"]
    world.__dict__["sqs"] = sqs
    world.settings = replace(
        world.settings,
        dead_letter_queue_urls={name: urls[name] for name in ("ingest", "work", "bulk")},
        ingest_queue_url=urls["ingest-before"],
        work_queue_url=urls["work-before"],
        bulk_queue_url=urls["bulk-before"],
    )
    yield urls
    for url in urls.values():
        sqs.delete_queue(QueueUrl=url)


def test_dead_letters_of_all_queues_are_listed_and_stay(acme: Api, status: Api, letters: dict[str, str]) -> None:
    record = stored()
    sqs = services().sqs
    given = json.dumps({"job": record.ref().model_dump(mode="json")})
    reason: Any = {"reason": {"DataType": "String", "StringValue": "six takes"}}
    sqs.send_message(
        QueueUrl=letters["work"],
        MessageBody=given,
        MessageGroupId="g",
        MessageDeduplicationId="d",
        MessageAttributes=reason,
    )
    sqs.send_message(
        QueueUrl=letters["ingest"], MessageBody='{"start": "j1"}', MessageGroupId="shard-03", MessageDeduplicationId="d"
    )
    sqs.send_message(QueueUrl=letters["bulk"], MessageBody="{}")
    for _ in range(2):
        reply = status.get("/v1/dead-letters")
        assert [(item["queue"], item["job_id"]) for item in reply.value["items"]] == [
            ("ingest", None),
            ("work", record.job_id),
            ("bulk", None),
        ]
        assert reply.value["complete"] is True
    (item,) = status.get("/v1/dead-letters", queue="work").value["items"]
    assert (item["reason"], item["tenant"], item["run"]) == ("six takes", "acme", 1)


def test_dead_letters_are_sent_again(acme: Api, status: Api, letters: dict[str, str]) -> None:
    record = stored()
    sqs = services().sqs
    given = json.dumps({"job": record.ref().model_dump(mode="json")})
    sqs.send_message(QueueUrl=letters["work"], MessageBody=given, MessageGroupId="g", MessageDeduplicationId="d")
    sqs.send_message(QueueUrl=letters["work"], MessageBody="{}", MessageGroupId="h", MessageDeduplicationId="e")
    sqs.send_message(
        QueueUrl=letters["ingest"], MessageBody='{"start": "j1"}', MessageGroupId="shard-03", MessageDeduplicationId="d"
    )
    sent = {item["detail"]: item["sent"] for item in send_again(status, "work")}
    assert [kept for detail, kept in sent.items() if "starts again in run 2" in detail] == [True]
    assert sorted(sent.values()) == [False, True]
    assert services().runs.get(record.job_id, 2).requested_by == OPERATOR
    assert [item["sent"] for item in send_again(status, "ingest")] == [True]
    assert [item["queue"] for item in status.get("/v1/dead-letters").value["items"]] == ["work"]
    waiting = sqs.receive_message(QueueUrl=letters["ingest-before"], MaxNumberOfMessages=10)["Messages"]
    assert '{"start": "j1"}' in [message["Body"] for message in waiting]


def test_only_the_dead_letters_that_are_named_are_sent_again(acme: Api, status: Api, letters: dict[str, str]) -> None:
    for body in ("{}", "[]"):
        services().sqs.send_message(QueueUrl=letters["bulk"], MessageBody=body)
    found = status.get("/v1/dead-letters", queue="bulk").value["items"]
    (wanted,) = [item["message_id"] for item in found if item["body"] == "[]"]
    assert [item["message_id"] for item in send_again(status, "bulk", [wanted])] == [wanted]
    assert [item["body"] for item in status.get("/v1/dead-letters", queue="bulk").value["items"]] == ["{}"]


def send_again(status: Api, queue: str, message_ids: list[str] | None = None) -> list[dict[str, Any]]:
    reply = status.post("/v1/dead-letters/send-again", {"queue": queue, "message_ids": message_ids})
    assert reply.status == 200
    items: list[dict[str, Any]] = reply.value["items"]
    return items


def test_a_kept_copy_is_shown_as_the_source_of_its_run(acme: Api, status: Api) -> None:
    record = stored(status=JobStatus.SUCCEEDED)
    put = services().s3.put_object(Bucket="archive", Key="archive/acme/1.csv", Body=b"x", ChecksumAlgorithm="SHA256")
    digest = services().objects.head("archive", "archive/acme/1.csv").checksum_sha256
    ref = ObjectRef(
        bucket="archive", key="archive/acme/1.csv", version_id=put["VersionId"], size=1, sha256=digest
    ).model_dump()
    run = new_run(record, {}).model_copy(update={"outcome": {"stored": ref}})
    item = run_item(run)
    item["outcome"] = {"S": json.dumps({"stored": ref})}
    services().dynamodb.put_item(TableName="runs", Item=item)
    services().s3.delete_object(Bucket="ingest", Key=record.object.key, VersionId=record.object.version_id)
    assert status.post(address(record, "replay"), {"revision": "original"}).status == 200
    assert status.get(f"/v1/tenants/acme/jobs/{record.job_id}").value["runs"][1]["source"] == ref
