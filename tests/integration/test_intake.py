"""Events that come often, late, in any order, broken or not at all."""

from __future__ import annotations

import json
import random
import time
import uuid

from fileferry.model.job import Job, JobStatus, Step
from fileferry.repositories.config import CACHE_SECONDS, route_key
from fileferry.repositories.items import to_item
from tests.integration.intake import Held, IngestQueue
from tests.trials import MAILBOX, OTHER, SENDER, TENANT, Trials, unique
from tests.waiting import until

FILES, TIMES = 4, 5


def check_once(trials: Trials, path: str, user: str) -> Job:
    """One job, one run, one execution, one visible file that was made visible once, one archived object."""
    job = trials.ended(path, user)
    assert job.status is JobStatus.SUCCEEDED, trials.run(job)
    assert len(trials.jobs(path, user)) == 1
    assert [run.run for run in trials.stack.runs.of_job(job.job_id)] == [1]
    machine = trials.stack["TransferStateMachineArn"]
    states = trials.stack.sfn
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine)
    names = [execution["name"] for page in pages for execution in page["executions"]]
    assert [name for name in names if name.startswith(job.job_id)] == [f"{job.job_id}-1"]
    renamed = [place.decode() for operation, place in trials.inbox.log if "rename" in operation]
    assert sum(place.endswith(f"/{job.filename}") for place in renamed) == 1
    assert len([file for file in trials.inbox.folder.iterdir() if job.filename in file.name]) == 1
    assert list(trials.archived(job)) == [f"original/{job.filename}"]
    assert trials.in_ingest(path, user) == []
    return job


def test_each_event_five_times_and_shuffled_is_one_job_one_run_and_one_file(trials: Trials, queue: IngestQueue) -> None:
    paths = {f"plain/{unique('many.csv')}": user for user in (SENDER, OTHER) for _ in range(FILES)}
    with queue.held_back():
        for user in (SENDER, OTHER):
            trials.send({path: path.encode() for path, owner in paths.items() if owner == user}, user)
        messages = queue.taken(len(paths))
        repeated = messages * TIMES
        random.shuffle(repeated)
        for number, message in enumerate(repeated):
            # Half as a producer's repeat within the window, half as after it.
            queue.send(message, "" if number % 2 else uuid.uuid5(uuid.NAMESPACE_OID, message.body).hex)
    jobs = [check_once(trials, path, user) for path, user in paths.items()]
    random.shuffle(repeated)
    for message in repeated:  # once more, after everything is over
        queue.send(message)
    until(queue.is_empty, 120, "the repeated events were not taken")
    for path, user in paths.items():
        check_once(trials, path, user)
    assert {trials.stack.jobs.get(job.job_id).status for job in jobs} == {JobStatus.SUCCEEDED}


def test_an_object_whose_event_was_deleted_by_hand_is_found_by_the_reconciler(
    trials: Trials, queue: IngestQueue
) -> None:
    path = f"plain/{unique('lost.csv')}"
    with queue.held_back():
        trials.send({path: b"lost\n"})
        queue.taken(1)
    assert trials.jobs(path) == []
    counts = reconcile(trials)
    assert counts["sent"] >= 1
    check_once(trials, path, SENDER)


def reconcile(trials: Trials) -> dict[str, int]:
    """Call the reconciler, for which everything is old enough: by another age in its unpublished configuration."""
    functions = trials.stack.functions
    name = "fileferry-reconciler"
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = {**variables, "RECONCILE_AFTER_SECONDS": "-5"}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
    try:
        answer = functions.invoke(FunctionName=name, Payload=b"{}")
        payload = json.loads(answer["Payload"].read())
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    assert "FunctionError" not in answer, payload
    return dict(payload)


def test_a_malformed_message_lands_in_the_dead_letters_and_holds_back_its_group_only(
    trials: Trials, queue: IngestQueue
) -> None:
    group = trials.key("x").split("/")[2]
    mine, other = f"plain/{unique('behind.csv')}", f"plain/{unique('aside.csv')}"
    assert trials.key("x", OTHER).split("/")[2] != group
    broken = json.dumps({"bucket": 5, "nonce": uuid.uuid4().hex})
    with queue.impatient():
        queue.send(Held(f"shard-{group}", broken))
        trials.send({mine: b"behind\n"})
        trials.send({other: b"aside\n"}, OTHER)
        trials.ended(other, OTHER)
        until(lambda: broken in queue.dead_letters(), 120, "it is in no dead-letter queue")
        assert trials.ended(mine).status is JobStatus.SUCCEEDED
    assert trials.log("router", "malformed message")


def test_a_file_of_no_tenant_is_quarantined_with_the_reason(trials: Trials) -> None:
    bucket, key = trials.stack["IngestBucketName"], trials.key(unique("file.csv")).replace(f"/{TENANT}/", "/nobody/")
    version = trials.stack.s3.put_object(Bucket=bucket, Key=key, Body=b"whose?")["VersionId"]
    archive = trials.stack["ArchiveBucketName"]

    def quarantined() -> list[str]:
        answer = trials.stack.s3.list_objects_v2(Bucket=archive, Prefix="quarantine/nobody/")
        return [found["Key"] for found in answer.get("Contents", []) if found["Key"].endswith(key.rpartition("/")[2])]

    (place,) = until(quarantined, 120, "it was not quarantined")
    job = until(lambda: _final(trials, place.split("/")[2]), 60, "its job is not final")
    assert job.status is JobStatus.QUARANTINED
    assert job.reasons[0]["reason"] == "there is no tenant 'nobody'"
    assert trials.event(job, "JobQuarantined", "failure")["data"]["error"]["error"] == "NoRoute"
    assert trials.in_ingest(key.split("/", 5)[5]) == []
    assert version == job.object.version_id


def _final(trials: Trials, job_id: str) -> Job | None:
    job = trials.stack.jobs.get(job_id)
    return job if job.status.is_final else None


def test_a_stopped_execution_leaves_a_closed_run_and_an_event(trials: Trials) -> None:
    path = f"acknowledged/{unique('stopped.xml')}"
    trials.send({path: b"<x/>"})
    job = trials.job(path)
    until(lambda: trials.run(job).steps[Step.CONFIRM].started_at, 120, "confirm has not begun")
    arn = trials.stack.jobs.get(job.job_id).execution_arn
    states = trials.stack.sfn
    states.stop_execution(executionArn=arn, error="Operator", cause="stopped by hand")
    ended = trials.ended(path)
    assert ended.status is JobStatus.CANCELLED
    run = trials.run(ended)
    assert run.status is JobStatus.CANCELLED
    assert run.error == {"error": "Operator", "message": "stopped by hand"}
    told = trials.event(ended, "JobCancelled", "failure")
    assert told["data"]["error"]["message"] == "stopped by hand"
    assert trials.in_ingest(path) == [job.object.version_id]
    trials.send({f"{path.rpartition('/')[2]}.ack": b"too late"}, MAILBOX)
    until(lambda: trials.in_ingest(f"{path.rpartition('/')[2]}.ack", MAILBOX) == [], 60, "the late .ack stays")
    assert trials.run(ended) == run


def test_a_route_that_cannot_be_read_fails_the_file_by_name_and_keeps_it(trials: Trials) -> None:
    path, dynamodb, table = f"plain/{unique('unread.csv')}", trials.stack.dynamodb, trials.stack["ConfigTableName"]
    key = to_item(route_key(TENANT, "once"))
    item = dynamodb.get_item(TableName=table, Key=key)["Item"]
    dynamodb.put_item(TableName=table, Item={**item, "doc": {"S": '{"match": 5}'}})
    try:
        time.sleep(CACHE_SECONDS + 0.5)
        trials.send({path: b"x\n"})
        job = trials.ended(path)
    finally:
        dynamodb.put_item(TableName=table, Item=item)
        time.sleep(CACHE_SECONDS + 0.5)
    assert job.status is JobStatus.FAILED
    assert f"Route 'once' of tenant '{TENANT}' cannot be read" in job.reason
    assert trials.event(job, "JobFailed", "failure")["data"]["error"]["error"] == "ConfigurationError"
    assert trials.log("router", job.job_id)
    assert trials.in_ingest(path) == [job.object.version_id]
