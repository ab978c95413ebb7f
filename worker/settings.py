"""What the environment tells the worker beside `fileferry.settings`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fileferry.errors import ConfigurationError
from fileferry.home import COPY_LIMIT, MIB

from .capacity import cores, memory_bytes

ROOT = Path(__file__).resolve().parent.parent
"""The image's folder, or the repository: `workflows/` lies in it."""
_OWN_MEMORY = 256 * MIB
"""What Python, the libraries and the worker itself take."""
_MEMORY_PER_JOB = 512 * MIB
"""The least that a job is given: DuckDB and the buffers of one transfer."""
_JOBS_PER_CORE = 2
"""A job waits for networks half of its time."""
_SQS_HOLD_LIMIT = 12 * 3600
"""A message stays invisible for 12 hours at most (SQS quotas, "Message visibility timeout")."""
PATIENCE_SECONDS = 600
"""For a job that must stop because SQS would show its message; then it is given away as it stands."""
_MIN_PART = 5 * MIB
_MAX_PART = 5 * 1024 * MIB
"""Sizes of a part of a multipart upload (Amazon S3 user guide, "Amazon S3 multipart upload limits")."""


@dataclass(frozen=True)
class WorkerSettings:
    """Bounds in bytes and seconds. `jobs` run at once, each with `memory` bytes and `lanes` parts under way."""

    dead_letter_queue_url: str
    scratch: Path
    jobs: int = 1
    memory: int = 512 * MIB
    lease_seconds: int = 90
    part_size: int = 64 * MIB
    lanes: int = 4
    copy_limit: int = COPY_LIMIT
    health_port: int = 8080
    tries: int = 5
    hold_seconds: int = 11 * 3600
    workflows: Path = ROOT / "workflows"
    agent_uri: str = ""
    """The ECS agent's address; empty where no ECS runs the worker."""


def read_worker_settings(environment: Mapping[str, str] = os.environ) -> WorkerSettings:
    """The worker's settings. Raises ConfigurationError, which names every variable that is wrong and what it may be."""
    reader = _Reader(environment)
    memory = reader.number("MEMORY_BYTES", memory_bytes(), _OWN_MEMORY + _MEMORY_PER_JOB, 1 << 50)
    jobs = reader.number("JOBS", jobs_at_once(memory, cores()), 1, 64)
    lease = reader.number("LEASE_SECONDS", WorkerSettings.lease_seconds, 6, 3600)
    longest = _SQS_HOLD_LIMIT - PATIENCE_SECONDS - 2 * lease
    found = WorkerSettings(
        dead_letter_queue_url=reader.text("WORK_DLQ_URL", "the URL of the dead-letter queue of work.fifo"),
        scratch=reader.writable_folder("TMPDIR", tempfile.gettempdir()),
        jobs=jobs,
        memory=(memory - _OWN_MEMORY) // jobs,
        lease_seconds=lease,
        part_size=reader.number("PART_SIZE", WorkerSettings.part_size, _MIN_PART, _MAX_PART),
        lanes=reader.number("LANES", WorkerSettings.lanes, 1, 32),
        copy_limit=reader.number("COPY_LIMIT", COPY_LIMIT, 0, COPY_LIMIT),
        health_port=reader.number("HEALTH_PORT", WorkerSettings.health_port, 0, 65_535),
        tries=reader.number("TRIES", WorkerSettings.tries, 1, 50),
        hold_seconds=reader.number("HOLD_SECONDS", WorkerSettings.hold_seconds, 10, longest),
        workflows=reader.folder("WORKFLOWS_FOLDER", str(WorkerSettings.workflows)),
        agent_uri=environment.get("ECS_AGENT_URI", ""),
    )
    reader.refuse()
    return found


def jobs_at_once(memory: int, processors: float) -> int:
    """Jobs that `memory` in bytes and so many processors carry; at least one."""
    return max(1, min(int(processors * _JOBS_PER_CORE), (memory - _OWN_MEMORY) // _MEMORY_PER_JOB))


class _Reader:
    """Reads variables one by one and keeps what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def text(self, name: str, meaning: str) -> str:
        found = self._environment.get(name, "")
        if not found:
            self._problems.append(f"{name} is not set: give {meaning}")
        return found

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self._environment.get(name) or str(default)
        try:
            found = int(text)
        except ValueError:
            found = least - 1
        if not least <= found <= most:
            self._problems.append(f"{name} is {text!r}: give a whole number from {least} to {most}")
        return found

    def folder(self, name: str, default: str) -> Path:
        found = Path(self._environment.get(name) or default)
        if not found.is_dir():
            self._problems.append(f"{name} is {str(found)!r}, which is no folder here: give one that exists")
        return found

    def writable_folder(self, name: str, default: str) -> Path:
        found = self.folder(name, default)
        if found.is_dir() and not os.access(found, os.W_OK):
            self._problems.append(f"{name} is {str(found)!r}, where this user may not write: give one that is writable")
        return found

    def refuse(self) -> None:
        if self._problems:
            raise ConfigurationError(
                f"The worker cannot start. {'; '.join(self._problems)}.",
                todo="set these variables as the task definition in template.yaml does.",
            )
