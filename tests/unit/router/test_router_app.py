"""The router's handler: batches with partial failures by group, errors by name, metrics and logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from fileferry.intake.messages import ObjectCreated
from fileferry.model.job import JobStatus
from router import app
from tests.unit.router.world import RouterWorld, client_error, context

Handle = Callable[..., Mapping[str, Any]]


def record(number: int, body: str, group: str = "shard-00") -> dict[str, Any]:
    """An SQS record of an event source mapping (Lambda developer guide, "Amazon SQS FIFO queue message event")."""
    return {
        "messageId": f"m{number}",
        "receiptHandle": "AQEB",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SequenceNumber": f"{number:020d}",
            "MessageGroupId": group,
            "MessageDeduplicationId": f"d{number}",
            "SentTimestamp": "1790244007411",
            "SenderId": "AIDA",
            "ApproximateFirstReceiveTimestamp": "1790244007427",
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:fileferry-ingest.fifo",
        "awsRegion": "eu-central-1",
    }


def body(event: ObjectCreated) -> str:
    return json.dumps(asdict(event), ensure_ascii=False)


@pytest.fixture
def handle(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> Handle:
    """The handler on the test's world; returns the batch's answer."""
    monkeypatch.setattr(app, "services", lambda: world.services)

    def call(*records: dict[str, Any]) -> Mapping[str, Any]:
        return app.handler({"Records": list(records)}, context())

    return call


def failed(answer: Mapping[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def told(printed: str) -> dict[str, float]:
    """Metrics of the EMF line that the handler printed: name → value."""
    line = next(json.loads(text) for text in printed.splitlines() if '"_aws"' in text)
    names = [metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return {name: sum(line[name]) for name in names}


def logs(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the handler logs, a JSON object a line."""
    handler = app.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream := io.StringIO())
    yield stream
    handler.setStream(before)


def test_a_group_stops_at_its_first_failure_and_the_others_go_on(world: RouterWorld, handle: Handle) -> None:
    world.route()
    files = [body(world.upload(f"{number}.csv")) for number in range(3)]
    answer = handle(
        record(1, files[0], "shard-00"),
        record(2, "{", "shard-00"),
        record(3, files[1], "shard-00"),
        record(4, files[2], "shard-01"),
    )
    assert failed(answer) == ["m2", "m3"]
    assert [job.filename for job in world.jobs()] == ["0.csv", "2.csv"]


def test_a_group_that_failed_in_one_batch_is_taken_again_in_the_next(world: RouterWorld, handle: Handle) -> None:
    world.route()
    file = body(world.upload())
    with pytest.raises(BatchProcessingError):
        handle(record(1, "[]"))
    assert failed(handle(record(2, file))) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "a JSON list"),
        ("{}", "'bucket'"),
        ('{"bucket": "b", "key": ""}', "'key'"),
        ('{"bucket": "b", "key": "k", "size": "5"}', "'size'"),
        ('{"bucket": "b", "key": "k", "size": true}', "'size'"),
        ('{"start": 5}', "'start'"),
    ],
)
def test_a_malformed_message_fails_with_a_clear_log(
    handle: Handle, capsys: pytest.CaptureFixture[str], log: io.StringIO, text: str, words: str
) -> None:
    with pytest.raises(BatchProcessingError):
        handle(record(1, text))
    printed = capsys.readouterr().out
    (entry,) = [entry for entry in logs(log) if entry["level"] == "ERROR"]
    assert words in entry["message"]
    assert (entry["body"], entry["message_id"], entry["group"]) == (text, "m1", "shard-00")
    assert told(printed)["MalformedMessages"] == 1


def test_a_missing_permission_fails_the_message_under_its_name(
    world: RouterWorld, handle: Handle, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    world.route()
    file = body(world.upload())
    world.faults.fail("start_execution", client_error("AccessDeniedException", "StartExecution"))
    with pytest.raises(BatchProcessingError, match="AccessDenied"):
        handle(record(1, file))
    printed = capsys.readouterr().out
    assert told(printed)["MessagesFailed"] == 1
    assert "AccessDenied" in [entry.get("error_type") for entry in logs(log)]
    assert world.job().status is JobStatus.RECEIVED
    assert failed(handle(record(1, file))) == []
    assert world.job().status is JobStatus.RUNNING


def test_metrics_and_log_tell_what_became_of_each_message(
    world: RouterWorld, handle: Handle, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    world.route(match={"glob": "*.csv"})
    good, bad = world.upload("a.csv"), world.upload("a.bin")
    handle(record(1, body(good)), record(2, body(bad)), record(3, body(good)), record(4, body(world.upload("x/"))))
    printed = capsys.readouterr().out
    assert told(printed) == {"Messages": 4, "JobsReceived": 2, "JobsStarted": 1, "Quarantined": 1}
    started, quarantined, repeated, ignored = logs(log)
    jobs = {job.filename: job.job_id for job in world.jobs()}
    assert (started["outcome"], started["job_id"]) == ("STARTED", jobs["a.csv"])
    assert (quarantined["outcome"], quarantined["job_id"]) == ("QUARANTINED", jobs["a.bin"])
    assert (repeated["outcome"], repeated["job_id"]) == ("REPEATED", jobs["a.csv"])
    assert (ignored["outcome"], ignored["job_id"]) == ("IGNORED", "")


def test_a_start_message_starts_a_waiting_job_and_one_for_no_job_is_ignored(world: RouterWorld, handle: Handle) -> None:
    world.route()
    world.faults.fail("start_execution", client_error("ThrottlingException", "StartExecution"))
    with pytest.raises(BatchProcessingError):
        handle(record(1, body(world.upload())))
    start = json.dumps({"start": world.job().job_id})
    assert failed(handle(record(2, start), record(3, json.dumps({"start": "jnone"})))) == []
    assert world.job().status is JobStatus.RUNNING
