"""Recorded processes: found, not mistaken, ended."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import psutil

from local.processes import find, recorded, spawn, stop

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
LINGER = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
def end(*_):
    print("child runs" if child.poll() is None else "child is gone", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def _first_line(log: Path) -> str:
    while not (text := log.read_text()).endswith("\n"):
        time.sleep(0.01)
    return text


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


def test_a_process_that_ended_by_itself_is_known_to_have_run(tmp_path: Path) -> None:
    process = spawn(tmp_path, "short", [sys.executable, "-c", ""], tmp_path / "log")
    psutil.wait_procs([psutil.Process(process.pid)], timeout=10)
    assert find(tmp_path, "short") is None
    assert recorded(tmp_path, "short") == process
    assert not stop(tmp_path, "short")
    assert recorded(tmp_path, "short") is None


def test_a_process_ends_before_its_children_are_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    spawn(tmp_path, "parent", [sys.executable, "-c", LINGER], log)
    child = int(_first_line(log).split()[1])
    assert stop(tmp_path, "parent")
    assert log.read_text().splitlines()[1] == "child runs"
    assert not psutil.pid_exists(child)


def test_a_process_that_does_not_end_in_its_time_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn(tmp_path, "stubborn", [sys.executable, "-c", STUBBORN], log)
    _first_line(log)
    assert stop(tmp_path, "stubborn", seconds=0.1)
    assert process.handle() is None


def test_a_process_inherits_only_what_it_is_given(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", "import os; print(*(os.environ.get(n) for n in ('HOME', 'A', 'B')))"]
    spawn(tmp_path, "env", command, log, {"B": "2"}, inherited={"A": "1"})
    assert _first_line(log) == "None 1 2\n"
