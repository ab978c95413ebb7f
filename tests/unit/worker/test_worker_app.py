"""A whole worker with its threads: several jobs at once, and an end in good order whatever hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fileferry.model.job import JobStatus
from fileferry.settings import _REQUIRED
from local.partner.account import free_port
from tests.unit.worker.world import WorkerWorld
from tests.waiting import until
from worker.app import Worker
from worker.healthcheck import healthy

ROOT = Path(__file__).resolve().parents[3]


class Started:
    """A worker on moto, whose clients are the tests' own."""

    def __init__(self, world: WorkerWorld, monkeypatch: pytest.MonkeyPatch, jobs: int = 1) -> None:
        monkeypatch.setattr("worker.app.prompt_client", lambda world, _, service: getattr(world, service))
        monkeypatch.setattr("worker.poller.WAIT_SECONDS", 0)
        self.gate = threading.Event()
        self.inside = 0
        world.around("stage", self._wait)
        object.__setattr__(world.settings, "jobs", jobs)
        self.worker = Worker(world.services, world.settings, world.functions)
        self.worker.start()

    def _wait(self) -> None:
        self.inside += 1
        self.gate.wait(60)


@pytest.fixture
def gates() -> Iterator[list[Started]]:
    started: list[Started] = []
    yield started
    for one in started:
        one.gate.set()
        one.worker.stop(30)


def test_several_jobs_run_at_once(world: WorkerWorld, monkeypatch: pytest.MonkeyPatch, gates: list[Started]) -> None:
    world.receive(b"1")
    first = world.job
    world.receive(b"2")
    started = Started(world, monkeypatch, jobs=2)
    gates.append(started)
    until(lambda: started.inside == 2, 30, "both jobs are in stage")
    assert len(started.worker.health()["jobs"]) == 2
    started.gate.set()
    runs = world.services.runs
    for job in (first, world.job):
        until(lambda job=job: runs.get(job.job_id, 1).history, 30, "the job is at its end")  # type: ignore[misc]
        assert runs.get(job.job_id, 1).status is JobStatus.SUCCEEDED


def test_a_job_that_does_not_stop_is_given_away_as_it_stands(
    world: WorkerWorld, monkeypatch: pytest.MonkeyPatch, gates: list[Started]
) -> None:
    world.receive()
    started = Started(world, monkeypatch)
    gates.append(started)
    until(lambda: started.inside, 30, "the job is in stage")
    started.worker.stop(0.1)

    run = world.run()
    assert (run.lease_until, run.status) == (0, JobStatus.RUNNING)
    assert world.left() == 1
    lease = world.leases.take(world.job, "two", 60)
    assert lease.job.fence == 3


# ---- the real process ---------------------------------------------------------------------------


def process(scratch: Path, **more: str) -> subprocess.Popen[str]:
    """`python -m worker` where nothing of AWS answers."""
    names = {name: f"https://sqs.eu-central-1.amazonaws.com/1/{name}.fifo" for name in _REQUIRED}
    topics = {name: "arn:aws:sns:eu-central-1:123456789012:t" for name in _REQUIRED if name.endswith("_ARN")}
    environment = {
        **names,
        **topics,
        "WORK_DLQ_URL": "https://sqs.eu-central-1.amazonaws.com/1/dead.fifo",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "TMPDIR": str(scratch),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PYTHONUNBUFFERED": "1",
        "PATH": os.environ["PATH"],
        **more,
    }
    command = [sys.executable, "-P", "-m", "worker"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_sigterm_ends_the_process_in_good_order_though_aws_does_not_answer(tmp_path: Path) -> None:
    port = free_port()
    worker = process(tmp_path, HEALTH_PORT=str(port))
    try:
        until(lambda: healthy(port), 60, "the worker answers")
        worker.send_signal(signal.SIGTERM)
        output, _ = worker.communicate(timeout=60)
    finally:
        worker.kill()

    assert worker.returncode == 0
    assert '"message":"the worker stops"' in output
    assert '"RunningJobs":[0.0]' in output.replace(" ", "")


def test_what_is_wrong_with_the_environment_is_told_at_the_start(tmp_path: Path) -> None:
    worker = process(tmp_path, LEASE_SECONDS="0")
    output, _ = worker.communicate(timeout=60)

    assert worker.returncode == 2
    assert "LEASE_SECONDS is '0': give a whole number from 6 to 3600" in output
