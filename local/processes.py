"""Processes that outlive the command that started them, recorded as pid and creation time.

A pid is used again by the system; with the time of creation a record never means a stranger's process.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Process:
    """A recorded process; `created` in seconds since the epoch, as psutil tells it."""

    name: str
    pid: int
    created: float

    def handle(self) -> psutil.Process | None:
        """The live process, or None when it is gone."""
        try:
            process = psutil.Process(self.pid)
            alive = abs(process.create_time() - self.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive else None


def spawn(
    home: Path,
    name: str,
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    inherited: Mapping[str, str] = os.environ,
) -> Process:
    """Start `command` in a session of its own, its output in `log`, and record it as `name`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - the command is ours
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**inherited, **(environment or {})},
        )
    process = Process(name, child.pid, psutil.Process(child.pid).create_time())
    record = _record(home, name)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(asdict(process)))
    return process


def recorded(home: Path, name: str) -> Process | None:
    """What was started as `name` and not stopped, alive or not."""
    try:
        return Process(**json.loads(_record(home, name).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def find(home: Path, name: str) -> Process | None:
    """The recorded process if it is alive."""
    process = recorded(home, name)
    return process if process and process.handle() else None


def stop(home: Path, name: str, seconds: float = _STOP_SECONDS) -> bool:
    """End the recorded process, first politely, and what is left of its children; False when none was running.

    After `seconds` it is killed.
    """
    process = find(home, name)
    handle = process.handle() if process else None
    _record(home, name).unlink(missing_ok=True)
    if handle is None:
        return False
    children = handle.children(recursive=True)
    for members, patience in (([handle], seconds), (children, _STOP_SECONDS)):
        _end(members, patience)
    return True


def _end(processes: Sequence[psutil.Process], seconds: float) -> None:
    for process in processes:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=_STOP_SECONDS)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return


def _record(home: Path, name: str) -> Path:
    return home / "processes" / f"{name}.json"
