"""Destinations that are down, lie or are set up wrong: a clear error everywhere, no secret anywhere, the file safe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from fileferry.model.job import Job, JobStatus, Step, StepStatus
from local.partner.account import free_port
from tests.trials import SECRET, Trials, unique
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, Faults, sftp_partner


@pytest.fixture
def faults(trials: Trials) -> Iterator[Faults]:
    """The inbox's faults, which are gone after the test."""
    trials.inbox.faults = Faults()
    yield trials.inbox.faults
    trials.inbox.faults = Faults()


def sent(trials: Trials, route: str, content: bytes = b"content\n") -> str:
    """The path of a new file in the route's folder."""
    path = f"{route}/{unique('file.csv')}"
    trials.send({path: content})
    return path


def check_failed(trials: Trials, path: str, error: str, words: str) -> Job:
    """The job is FAILED with this error in job, run, event and log, and the file is safe."""
    job = trials.ended(path)
    assert job.status is JobStatus.FAILED, trials.run(job)
    assert words in job.reason
    recorded = trials.run(job).error
    assert recorded is not None
    assert (recorded["error"], recorded["step"]) == (error, "deliver")
    told = trials.event(job, "JobFailed", "failure")["data"]["error"]
    assert (told["error"], words in told["message"]) == (error, True)
    assert trials.log("deliver", job.job_id, error, words)
    check_safe(trials, job, path)
    return job


def check_safe(trials: Trials, job: Job, path: str) -> None:
    """The file is in ingest, nothing of it is visible at the partner, and no secret stands in what is told."""
    assert trials.in_ingest(path) == [job.object.version_id]
    assert trials.delivered(job.filename) is None
    assert PASSWORD not in trials.everything_about(job)


def test_a_wrong_host_key_is_refused_before_anything_is_sent(trials: Trials) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    trials.write_destination("impostor", trials.inbox.target(SECRET, host_keys=[stranger]))
    trials.write_route("impostor", "impostor")
    check_failed(trials, sent(trials, "impostor"), "DestinationRefused", "host key")


def test_a_missing_secret_is_named(trials: Trials) -> None:
    name = f"{SECRET}-missing"
    trials.write_destination("locked", trials.inbox.target(name))
    trials.write_route("locked", "locked")
    check_failed(trials, sent(trials, "locked"), "ConfigurationError", name)


def test_a_wrong_password_is_not_told(trials: Trials) -> None:
    trials.write_destination("unknown", trials.inbox.target(SECRET, username="nobody"))
    trials.write_route("unknown", "unknown")
    check_failed(trials, sent(trials, "unknown"), "DestinationRefused", "login was refused")


def test_a_full_disk_is_told_and_the_file_arrives_once_there_is_room(trials: Trials, faults: Faults) -> None:
    faults.full_at = 0
    check_heals(trials, faults, "a full disk is the usual reason")


def test_a_truncated_write_is_found_and_the_file_arrives_whole(trials: Trials, faults: Faults) -> None:
    faults.swallow_from = 0
    check_heals(trials, faults, "stored 0 of 8 bytes")


def check_heals(trials: Trials, faults: Faults, words: str) -> None:
    """The step fails with these words, the file is safe; without the fault the workflow's retry delivers it."""
    path = sent(trials, "plain")
    job = trials.job(path)
    record = trials.step(job, Step.DELIVER, StepStatus.FAILED)
    assert record.error is not None
    assert (record.error["error"], words in record.error["message"]) == ("DestinationUnavailable", True)
    assert trials.event(job, "StepFailed")["data"]["error"] == record.error
    check_safe(trials, job, path)
    faults.full_at = faults.swallow_from = None
    assert trials.ended(path).status is JobStatus.SUCCEEDED
    assert trials.delivered(job.filename) == b"content\n"
    assert trials.in_ingest(path) == []


def test_a_partner_that_is_down_gets_the_file_when_it_is_up_again(trials: Trials, tmp_path: Path) -> None:
    port, host_key = free_port(), asyncssh.generate_private_key("ssh-ed25519")
    pinned = host_key.export_public_key().decode().strip()
    trials.write_destination("asleep", trials.inbox.target(SECRET, port=port, host_keys=[pinned]))
    trials.write_route("asleep", "asleep")
    path = sent(trials, "asleep")
    job = trials.job(path)
    record = trials.step(job, Step.DELIVER, StepStatus.FAILED)
    assert record.error is not None
    assert record.error["error"] == "DestinationUnavailable"
    check_safe(trials, job, path)
    with sftp_partner(tmp_path, port, host_key):
        assert trials.ended(path).status is JobStatus.SUCCEEDED
    assert (tmp_path / job.filename).read_bytes() == b"content\n"
