"""Two workers that hold the same job: by a message that both get, and by one that was frozen past its lease."""

from __future__ import annotations

import json
import secrets
import signal
from typing import Any

import pytest

from bench.killing.trial import MIB, Sent, Trial
from bench.killing.workers import Worker, Workers, workers_for
from fileferry.model.job import JobStatus
from tests.waiting import until

SIZE, PART = 24 * MIB, 6 * MIB
SETTINGS = {"PART_SIZE": str(PART), "COPY_LIMIT": str(PART), "LANES": "1"}
END_SECONDS = 90


def test_two_workers_with_the_same_message_make_one_result(trial: Trial) -> None:
    trial.meter.reset()
    with workers_for(trial, **SETTINGS) as workers:
        sent = trial.put("gzip", SIZE, seed=2)
        until(lambda: trial.waiting("WorkQueueUrl"), 60, "the router sent no work")
        _send_again(trial, sent)
        pair = [workers.start(), workers.start()]
        until(lambda: trial.ended(sent) and not trial.waiting("WorkQueueUrl"), END_SECONDS, "the job has no end")
        for worker in pair:
            worker.terminate()

    run = trial.run(sent)
    assert run
    assert run.fence == 2  # taken once: the router's number is 1
    assert trial.meter.sent_again() == 0
    assert trial.wrong(sent) == []


def _send_again(trial: Trial, sent: Sent) -> None:
    """The job's message in a group of its own, since SQS gives no two messages of a group out at the same time."""
    job = trial.job(sent)
    assert job
    trial.stack.sqs.send_message(
        QueueUrl=trial.stack["WorkQueueUrl"],
        MessageBody=json.dumps({"job": job.ref().model_dump(mode="json")}),
        MessageGroupId=f"again-{job.job_id}",
        MessageDeduplicationId=secrets.token_hex(8),
    )


VISIBLE = r", '/?(?!\.)"
"""In the arguments of a rename: to a name that does not begin with a dot."""


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"call": "UploadPart|UploadPartCopy", "number": 2, "about": "original"}, id="in-stage"),
        pytest.param({"call": "UploadPart", "number": 2, "about": "output"}, id="in-transform"),
        pytest.param({"call": "SFTP rename", "number": 1}, id="taking-over-what-was-sent"),
        pytest.param({"call": "SFTP write", "number": 8}, id="sending-over-sftp"),
        pytest.param({"call": "SFTP rename", "about": VISIBLE}, id="before-the-rename"),
        pytest.param({"call": "CompleteMultipartUpload", "about": "fileferry-partner"}, id="before-the-completion"),
        pytest.param({"call": "DeleteObject", "about": "fileferry-ingest"}, id="before-ingest-is-emptied"),
        pytest.param({"call": "UpdateItem", "about": "SUCCEEDED"}, id="before-the-end-is-recorded"),
    ],
)
def test_a_worker_frozen_past_its_lease_can_do_nothing_more(trial: Trial, fault: dict[str, Any]) -> None:
    trial.meter.reset()
    with workers_for(trial, **SETTINGS) as workers:
        frozen = workers.start({"signal": "SIGSTOP", **fault})
        sent = trial.put("gzip", SIZE, seed=3)
        until(lambda: frozen.is_frozen, END_SECONDS, f"it did not come to {fault['call']}")
        other = workers.start()
        until(lambda: trial.ended(sent), END_SECONDS, "the other worker did not end the job")
        at_the_end = _seen(trial, sent)
        frozen.signal(signal.SIGCONT)
        until(lambda: frozen.log("enced out"), 60, "the frozen one did not say that it was fenced out")
        frozen.terminate()
        other.terminate()

    assert frozen.process.returncode == 0
    assert trial.wrong(sent) == []
    assert _seen(trial, sent) == at_the_end


def _seen(trial: Trial, sent: Sent) -> list[Any]:
    """What the run and the world know of the file."""
    run = trial.run(sent)
    assert run
    steps = {name: (record.status, record.result) for name, record in run.steps.items()}
    return [run.status, run.fence, steps, run.deliveries, list(trial.partner.renames)]


def test_a_job_that_kills_every_worker_ends_in_the_dead_letter_queue(trial: Trial) -> None:
    fault = {"signal": "SIGKILL", "call": "GetObject|CopyObject|UploadPartCopy", "about": "poison"}
    before = trial.waiting("WorkDlqUrl")
    with workers_for(trial, TRIES="2", **SETTINGS) as workers:
        sent = trial.put("gzip", SIZE, seed=4, name=f"poison-{secrets.token_hex(3)}.bin")
        until(lambda: _buried(trial, workers, fault, before), END_SECONDS, "it was not given up")
        deaths = len(workers.started) - 1
        job = trial.job(sent)
        assert job
        assert (job.status, deaths) == (JobStatus.FAILED, 2)
        assert [event["type"] for event in trial.told(job) if event["id"].endswith("/closed")] == [
            "fileferry.JobFailed"
        ]


def _buried(trial: Trial, workers: Workers, fault: dict[str, Any], before: int) -> bool:
    """Whether the dead-letter queue has one more; a worker that died is started anew."""
    last: Worker | None = workers.started[-1] if workers.started else None
    if last is None or not last.runs:
        workers.start(fault)
    return trial.waiting("WorkDlqUrl") == before + 1
