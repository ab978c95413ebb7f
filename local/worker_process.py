"""The worker as a process of this machine: with what its task definition gives a container, and its task's role.

Its credentials are the role's, which it asks of the emulator as a container asks ECS's agent
(`local/emulator/task_credentials.py`); so IAM is enforced for it, and they are renewed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fileferry.errors import FerryError
from fileferry.home import MIB
from local.commands import tail
from local.emulator.process import LOOPBACK
from local.partner.account import free_port
from local.processes import Process, find, recorded, spawn, stop
from local.stack import Stack
from local.task_definition import worker_container
from local.workspace import Workspace

WORKER = "worker"
STOP_SECONDS = 130.0
"""What the task definition's StopTimeout gives, and a little more."""
_READY_SECONDS = 30.0
_CODE = ("src", "tasks", "worker", "workflows")
"""Folders whose files are the worker's; a change of one restarts it."""


class WorkerDown(FerryError):
    """The worker's process ended, or did not answer in time."""


@dataclass(frozen=True)
class Started:
    """With what the process was started: a digest of code and environment, and the port of its health."""

    digest: str
    health_port: int


@dataclass(frozen=True)
class WorkerState:
    """What is known of the worker: its process, None when none runs, and one line for people."""

    process: Process | None
    text: str


def start_worker(workspace: Workspace, stack: Stack) -> bool:
    """Start the worker, anew when its code or configuration has changed; False when it runs as it should.

    Raises WorkerDown when it does not come up.
    """
    environment = worker_environment(workspace, stack)
    digest = _digest(workspace.root, environment, stack.emulator.pid)
    before = _started(workspace)
    if before and before.digest == digest and find(workspace.home, WORKER) and _health(before):
        return False
    stop_worker(workspace)
    started = Started(digest, free_port())
    _write(workspace, started)
    scratch(workspace).mkdir(parents=True, exist_ok=True)
    spawn(
        workspace.home,
        WORKER,
        [sys.executable, "-P", "-m", "worker"],  # -P: not another `worker` in the folder where `ferry` was called
        log_file(workspace),
        {**environment, "HEALTH_PORT": str(started.health_port)},
        inherited={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    )
    _await(workspace, started)
    return True


def worker_environment(workspace: Workspace, stack: Stack) -> dict[str, str]:
    """The task definition's variables, with what is otherwise on this machine: paths, endpoint, credentials, bounds."""
    container = worker_container(stack)
    role = stack["WorkerRoleArn"].rsplit("/", 1)[-1]
    gateway = f"http://{LOOPBACK}:{stack.emulator.port}"  # by its number, so that S3 is addressed by path
    return {
        **container.environment,
        "MEMORY_BYTES": str(container.memory * MIB),  # a container's is what its cgroup says
        "TMPDIR": str(scratch(workspace)),
        "PYTHONPATH": os.pathsep.join((str(workspace.root), str(workspace.root / "src"))),
        "PYTHONUNBUFFERED": "1",
        "AWS_ENDPOINT_URL": gateway,
        "AWS_DEFAULT_REGION": stack.emulator.region,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{gateway}/v2/credentials/{role}",
        "AWS_CONFIG_FILE": os.devnull,  # the credentials of whoever runs `ferry` are none of the worker's business
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def stop_worker(workspace: Workspace) -> bool:
    """Stop the worker as ECS does, and wait until it has handed its jobs on; False when none was running."""
    return stop(workspace.home, WORKER, STOP_SECONDS)


def worker_state(workspace: Workspace) -> WorkerState:
    """Whether the worker runs, and how well it is."""
    process, started = find(workspace.home, WORKER), _started(workspace)
    if process and started:
        return WorkerState(process, f"process {process.pid}, {_health(started) or 'does not answer'}")
    if recorded(workspace.home, WORKER):
        return WorkerState(None, f"died; its log is {log_file(workspace)}, `ferry up` starts it anew")
    return WorkerState(None, "not running")


def log_file(workspace: Workspace) -> Path:
    return workspace.logs / f"{WORKER}.log"


def scratch(workspace: Workspace) -> Path:
    """The folder of its temporary files."""
    return workspace.home / "scratch"


def _await(workspace: Workspace, started: Started) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and find(workspace.home, WORKER):
        if _health(started):
            return
        time.sleep(0.05)
    raise WorkerDown(
        f"The worker does not answer on port {started.health_port}:\n{tail(log_file(workspace))}\n",
        where=str(log_file(workspace)),
        todo="mend what the log names; `ferry up` again.",
    )


def _health(started: Started) -> str:
    """What the worker says of its health; empty when it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{started.health_port}/health", timeout=2) as answer:
            return f"healthy: {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"NOT healthy: {error.read().decode()}"
    except OSError:
        return ""


def _digest(root: Path, environment: Mapping[str, str], emulator: int) -> str:
    """Of code, environment and Python, and of the emulator's process, whose end is that of the credentials."""
    digest = hashlib.sha256(json.dumps([environment, emulator, sys.version], sort_keys=True).encode())
    for file in _code_files(root):
        digest.update(f"{file.relative_to(root)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _code_files(root: Path) -> Iterator[Path]:
    for folder in _CODE:
        yield from sorted(file for file in (root / folder).rglob("*") if file.suffix in (".py", ".json"))
    yield root / "uv.lock"


def _started(workspace: Workspace) -> Started | None:
    try:
        return Started(**json.loads(_started_file(workspace).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write(workspace: Workspace, started: Started) -> None:
    workspace.home.mkdir(parents=True, exist_ok=True)
    _started_file(workspace).write_text(json.dumps(asdict(started)))


def _started_file(workspace: Workspace) -> Path:
    return workspace.home / "worker.json"
