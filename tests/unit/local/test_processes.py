"""Recorded processes: found, not mistaken, ended."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil

from local.processes import find, spawn, stop

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def test_a_process_is_found_and_ended(tmp_path: Path) -> None:
    process = spawn(tmp_path, "sleeper", SLEEP, tmp_path / "log")
    assert find(tmp_path, "sleeper") == process
    assert stop(tmp_path, "sleeper")
    assert process.handle() is None
    assert find(tmp_path, "sleeper") is None
    assert not stop(tmp_path, "sleeper")


def test_a_strangers_process_with_the_recorded_pid_is_left_alone(tmp_path: Path) -> None:
    process = spawn(tmp_path, "sleeper", SLEEP, tmp_path / "log")
    record = tmp_path / "processes" / "sleeper.json"
    record.write_text(json.dumps({"name": "sleeper", "pid": process.pid, "created": process.created - 100}))
    assert find(tmp_path, "sleeper") is None
    assert not stop(tmp_path, "sleeper")
    assert psutil.pid_exists(process.pid)
    psutil.Process(process.pid).kill()
