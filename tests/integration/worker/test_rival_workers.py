"""Two workers that hold the same job: by a message that both get, and by one that was frozen past its lease."""

from __future__ import annotations

import json
import secrets
import signal
from typing import Any

import pytest

from bench.killing.trial import MIB, Sent, Trial
from bench.killing.workers import Workers, workers_for
from fileferry.dead_letters import DeadLetter, DeadLetterQueue
from fileferry.model.job import Job, JobStatus
from local.again import send_dead_letters_again
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


VISIBLE = r", '/(?!\.)"
"""In the arguments of a rename: to a name that does not begin with a dot."""


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"call": "UploadPart|UploadPartCopy", "number": 2, "about": "original"}, id="in-stage"),
        pytest.param({"call": "UploadPart", "number": 2, "about": "output"}, id="in-transform"),
        pytest.param({"call": "SFTP rename"}, id="taking-over-what-was-sent"),
        pytest.param({"call": "SFTP write", "number": 8}, id="sending-over-sftp"),
        pytest.param({"call": "SFTP rename", "about": VISIBLE}, id="before-the-rename"),
        pytest.param({"call": "CompleteMultipartUpload", "about": "fileferry-partner"}, id="before-the-completion"),
        pytest.param({"call": "DeleteObject", "about": "fileferry-ingest"}, id="before-ingest-is-emptied"),
        pytest.param({"call": "UpdateItem", "about": "':final'"}, id="before-the-end-is-recorded"),
    ],
)
def test_a_worker_frozen_past_its_lease_can_do_nothing_more(trial: Trial, fault: dict[str, Any]) -> None:
    trial.meter.reset()
    with workers_for(trial, **SETTINGS) as workers:
        frozen = workers.start({"signal": "SIGSTOP", "number": 1, **fault})
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


def test_a_job_that_kills_every_worker_is_given_up_and_can_be_sent_again(trial: Trial) -> None:
    tries = 2
    with workers_for(trial, TRIES=str(tries), **SETTINGS) as workers:
        sent = trial.put("gzip", SIZE, seed=4, name=f"poison-{secrets.token_hex(3)}.bin")
        until(lambda: _given_up(trial, workers, sent), END_SECONDS, "it was not given up")
        deaths = len(workers.started) - 1
        workers.started[-1].terminate()
        failed, letters = trial.job(sent), _dead_letters(trial)

        assert failed
        assert failed.status is JobStatus.FAILED
        assert deaths == 1 + tries  # the first worker had come further: it validated the file
        assert f"{tries} workers" in failed.reason
        assert _final_events(trial, failed) == {"fileferry.JobFailed": "PoisonJob"}
        assert [(letter.error, letter.reason) for letter in letters] == [("PoisonJob", failed.reason)]
        assert trial.left_in_ingest(sent)

        assert send_dead_letters_again(trial.stack)  # `ferry again --dead-letters`
        workers.start()
        until(lambda: trial.ended(sent), END_SECONDS, "it has no end without the poison")
        workers.started[-1].terminate()

    assert trial.wrong(sent, run=2) == []


def _given_up(trial: Trial, workers: Workers, sent: Sent) -> bool:
    """Whether the job has ended; a worker that died is started anew, and dies of the same."""
    if not workers.started or not workers.started[-1].runs:
        workers.start({"signal": "SIGKILL", "call": "GetObject|CopyObject|UploadPartCopy", "about": "poison"})
    return trial.ended(sent) and not trial.waiting("WorkQueueUrl")


def _final_events(trial: Trial, job: Job) -> dict[str, str]:
    """Type → the error that it tells."""
    return {event["type"]: event["data"]["error"]["error"] for event in trial.told(job) if "/closed" in event["id"]}


def _dead_letters(trial: Trial) -> list[DeadLetter]:
    """What lies in the dead-letter queue, and stays there."""
    queue = DeadLetterQueue(trial.stack.sqs, trial.stack["WorkDlqUrl"])
    letters = queue.read()
    for letter in letters:
        queue.give_back(letter)
    return letters
