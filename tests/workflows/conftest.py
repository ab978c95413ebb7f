"""The emulated Step Functions of the workflow cases: one process, started once, on a free port, without a trace."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.workflows.engine import Engine
from tests.workflows.executions import Executions
from tests.workflows.own_engine import OwnEngine
from tests.workflows.single_states import SingleStates
from tests.workflows.task_stub import TaskStub, task_stub
from tests.workflows.worker_engine import WorkerEngine, worker_engine

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

REGION = "eu-central-1"
_ROOT = Path(__file__).parents[2]
_START_SECONDS = 30.0


@pytest.fixture(scope="session")
def functions() -> Iterator[TaskStub]:
    """Plays the workflow's functions."""
    with task_stub() as stub:
        yield stub


@pytest.fixture(scope="session")
def sfn(functions: TaskStub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SFNClient]:
    """A client of an emulated Step Functions whose tasks `functions` plays and whose retries do not wait."""
    home = tmp_path_factory.mktemp("states")
    port = _free_port()
    client = boto3.client(
        "stepfunctions",
        region_name=REGION,
        endpoint_url=f"http://localhost:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        # TestState is called as sync-states.REGION… on AWS; there is no such name before localhost.
        config=Config(inject_host_prefix=False),
    )
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.workflows.emulated_states"],
            cwd=home,
            env={**os.environ, **_settings(home, port, functions.url)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_start(client, process, home / "log")
            yield client
        finally:
            process.terminate()
            process.wait(timeout=10)


def _settings(home: Path, port: int, stub_url: str) -> dict[str, str]:
    """SFN_WAIT_SCALE=0 makes MiniStack skip the seconds before a retry (IntervalSeconds), not TimeoutSeconds."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "false",
        "SFN_WAIT_SCALE": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(home),
        "STATE_DIR": str(home / "state"),
        "S3_DATA_DIR": str(home / "s3"),
        "TASK_STUB_URL": stub_url,
        "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "src"))),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_start(client: SFNClient, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.list_state_machines()
        except (EndpointConnectionError, ClientError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the emulator did not start: {log.read_text('utf-8', 'replace')[-4000:]}")


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerEngine]:
    """The worker's runner, with a world of its own."""
    with worker_engine(tmp_path) as engine:
        yield engine


@pytest.fixture(params=["own", "worker", "executions", "single_states"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Every engine that runs the cases; the emulator is started for those only that need it."""
    if request.param == "own":
        return OwnEngine()
    if request.param == "worker":
        engine: WorkerEngine = request.getfixturevalue("worker")
        return engine
    sfn: SFNClient = request.getfixturevalue("sfn")
    if request.param == "single_states":
        return SingleStates(sfn)
    return Executions(sfn, request.getfixturevalue("functions"))
