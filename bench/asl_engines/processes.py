"""The engines' processes, and where the JavaScript one comes from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
AWS_LOCAL = "aws-local-stepfunctions"
_NODE_MODULES = ROOT / ".tools" / AWS_LOCAL
_LAST_WORDS = 300  # characters of a dead process's stderr


class CannotStart(Exception):
    """An engine's process could not be started, or died; the text says why."""


def python(*arguments: str) -> list[str]:
    # -m from the root, never a path: bench/ on sys.path would make bench/asl.py hide the engine's package
    return [sys.executable, "-m", *arguments]


def environment() -> dict[str, str]:
    """The environment of a Python process that finds this checkout's sources."""
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def installed_aws_local() -> Path:
    """The library's module, installed below .tools/ with npm by the lock file. Raises CannotStart."""
    module = _NODE_MODULES / "node_modules" / AWS_LOCAL / "build/main.node.esm.js"
    if module.exists():
        return module
    if not shutil.which("npm"):
        raise CannotStart("needs node and npm, which are not installed")
    _NODE_MODULES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, _NODE_MODULES / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=_NODE_MODULES, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"npm ci failed: {done.stderr[-_LAST_WORDS:]}")
    return module


def _command(engine: str) -> list[str]:
    if engine == AWS_LOCAL:
        return ["node", "--expose-gc", str(HERE / "aws_local.mjs"), str(installed_aws_local())]
    return python("bench.asl_engines.worker", engine)


class Process:
    """An engine in a process of its own. It does nothing unless asked, so that only one of them runs at a time."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            _command(engine),
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """A request's answer; see worker.py. Raises CannotStart when the process is gone."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps({"do": do, **request}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._errors.seek(0)
            raise CannotStart(f"died: {_last_words(self._errors.read().decode(errors='replace'))}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Process:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()
        self._errors.close()


def _last_words(errors: str) -> str:
    """The last line of a process's stderr, which names the exception."""
    return (errors.strip().splitlines() or ["without a word"])[-1][:_LAST_WORDS]


def told(module: str, *arguments: str) -> Any:
    """What a fresh Python process prints as JSON. Raises CannotStart."""
    command = python(module, *arguments)
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(_last_words(done.stderr))
    return json.loads(done.stdout)


def versions() -> dict[str, str]:
    """Rival → its version, and Node's."""
    lock = json.loads((HERE / "package-lock.json").read_text())
    aws_local = lock["packages"][f"node_modules/{AWS_LOCAL}"]["version"]
    node = ""
    if shutil.which("node"):
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return {"moto": version("moto"), "MiniStack": version("ministack"), AWS_LOCAL: aws_local, "Node": node or "none"}
