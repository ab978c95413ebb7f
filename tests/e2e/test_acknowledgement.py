"""The partner answers with a file: NAME.ack ends the job well, NAME.nack ends it FAILED."""

from __future__ import annotations

from fileferry.model.job import JobStatus, Step, StepStatus
from tests.trials import MAILBOX, Trials, unique


def test_an_acknowledgement_completes_the_job_that_waits_for_it(trials: Trials) -> None:
    name = unique("contract.xml")
    trials.send({f"acknowledged/{name}": b"<contract/>"})
    job = trials.job(f"acknowledged/{name}")
    trials.step(job, Step.CONFIRM, StepStatus.WAITING)
    assert trials.delivered(name) == b"<contract/>"
    trials.send({f"{name}.ack": b"accepted\n"}, MAILBOX)
    ended = trials.ended(f"acknowledged/{name}")
    assert ended.status is JobStatus.SUCCEEDED
    assert trials.run(ended).result(Step.CONFIRM)["acknowledged_by"] == f"{MAILBOX}/{name}.ack"
    assert trials.jobs(f"{name}.ack", MAILBOX) == []


def test_a_negative_acknowledgement_fails_the_job_with_the_partners_words(trials: Trials) -> None:
    name = unique("contract.xml")
    trials.send({f"acknowledged/{name}": b"<contract/>"})
    job = trials.job(f"acknowledged/{name}")
    trials.step(job, Step.CONFIRM, StepStatus.WAITING)
    trials.send({f"{name}.nack": b"the party is unknown\n"}, MAILBOX)
    ended = trials.ended(f"acknowledged/{name}")
    assert ended.status is JobStatus.FAILED
    assert "the party is unknown" in ended.reason
    failed = trials.event(ended, "JobFailed", "failure")
    assert failed["data"]["error"]["error"] == "DestinationRefused"
    assert len(trials.in_ingest(f"acknowledged/{name}")) == 1  # the file is safe
