"""Worker processes that a script starts, freezes and kills, as the task definition would run them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.worker_process import stop_worker, worker_environment

from .trial import Trial

FAULTS = Path(__file__).parent / "faults"
LEASE_SECONDS = 6
"""The shortest that the worker takes: a killed one's run is another's after that."""
_END_SECONDS = 130


@dataclass(frozen=True)
class Worker:
    """One process."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def terminate(self) -> float:
        """SIGTERM, and the seconds until it was gone. Raises subprocess.TimeoutExpired after StopTimeout."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        self.process.wait(_END_SECONDS)
        return time.monotonic() - began

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait(_END_SECONDS)

    @property
    def is_frozen(self) -> bool:
        """Whether it is stopped by a signal; proc(5), third field of /proc/PID/stat."""
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def log(self, text: str = "") -> list[str]:
        """The lines of its log that hold `text`."""
        return [line for line in self.log_file.read_text(errors="replace").splitlines() if text in line]


@dataclass
class Workers:
    """Starts workers for a trial, with what all of them get."""

    trial: Trial
    settings: Mapping[str, str]
    started: list[Worker] = field(default_factory=list)

    def start(self, fault: Mapping[str, Any] | None = None) -> Worker:
        """A new process; `fault` is what faults/sitecustomize.py is to do in it."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        log_file = self._scratch.with_name(f"worker-{len(self.started) + 1}.log")
        environment = {**self._environment, "TMPDIR": str(self._scratch)}
        if fault:
            environment["FERRY_FAULT"] = json.dumps(fault)
            environment["PYTHONPATH"] = os.pathsep.join((str(FAULTS), environment["PYTHONPATH"]))
        with log_file.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "worker"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment,
            )
        self.started.append(Worker(process, log_file))
        return self.started[-1]

    @property
    def _environment(self) -> dict[str, str]:
        system = self.trial.system
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **inherited,
            **worker_environment(system.workspace, system.stack),
            "AWS_ENDPOINT_URL_S3": self.trial.s3_address,
            "HEALTH_PORT": "0",
            "LEASE_SECONDS": str(LEASE_SECONDS),
            **self.settings,
        }

    @property
    def _scratch(self) -> Path:
        folder = self.trial.partner.folder
        return folder.with_name(f"{folder.name}-workers") / "scratch"

    def left_in_scratch(self) -> list[str]:
        """Temporary files of workers that have ended, of killed ones too; not their lock files."""
        files = (path for path in self._scratch.rglob("*") if path.is_file() and path.name != "in-use")
        return [path.name for path in files]


@contextmanager
def workers_for(trial: Trial, **settings: str) -> Iterator[Workers]:
    """Workers of our own only, all gone at the block's end; `settings` are environment variables."""
    stop_worker(trial.system.workspace)
    workers = Workers(trial, settings)
    try:
        yield workers
    finally:
        for worker in workers.started:
            if worker.runs:
                worker.kill()
