"""Fault injection in a function's process: kills it before or after a chosen side effect.

The emulator puts this folder first in the PYTHONPATH of every function when its own variable FERRY_FAULTS names it.
What is to happen stands in the name of the job's file: `kill.TASK.NN.before.ANY` kills TASK's process (SIGKILL) right
before its NN-th side effect, `kill.TASK.NN.after.ANY` right after it, each once. `kill.record.ANY` only notes every
task's side effects. Notes lie beside this file: `effects/FILE.jsonl` (one line a side effect), `kills/FILE` (a kill).
"""

# mypy: disable-error-code="no-untyped-call, no-untyped-def, method-assign, attr-defined"
from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_TASK = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "").rpartition("-")[2]
_PLAN = re.compile(r"kill\.([a-z]+)\.(\d+)\.(before|after)\..+")
_READS = ("Get", "List", "Head", "Describe", "Query", "Scan", "BatchGet", "AssumeRole")


class Invocation:
    """The call that this process works on; its side effects are counted from 1."""

    file = ""
    count = 0

    def begin(self, event: object) -> None:
        job = event.get("job") if isinstance(event, dict) else None
        name = str(job["object"]["key"]).rsplit("/", 1)[-1] if isinstance(job, dict) else ""
        self.file = name if name.startswith("kill.") else ""
        self.count = 0
        if self.file and _TASK in ("deliver", "confirm"):
            _watch_asyncssh()

    def before(self, effect: str) -> int:
        """Count and note a side effect, or die before it; its number."""
        if not self.file:
            return 0
        self.count += 1
        _append(f"effects/{self.file}.jsonl", json.dumps({"task": _TASK, "number": self.count, "effect": effect}))
        self._die_if_planned(self.count, "before")
        return self.count

    def after(self, number: int) -> None:
        if number:
            self._die_if_planned(number, "after")

    def _die_if_planned(self, number: int, moment: str) -> None:
        plan = _PLAN.fullmatch(self.file)
        if plan is None or (plan[1], int(plan[2]), plan[3]) != (_TASK, number, moment):
            return
        marker = _HERE / "kills" / self.file
        marker.parent.mkdir(exist_ok=True)
        try:
            marker.open("x").close()
        except FileExistsError:
            return  # it has died of this before
        os.kill(os.getpid(), signal.SIGKILL)


_invocation = Invocation()


def _append(name: str, line: str) -> None:
    path = _HERE / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write(line + "\n")


def _watch_invocations() -> None:
    from awslambdaric import bootstrap

    handle = bootstrap.handle_event_request

    def handled(client, handler, *rest, **named):
        def noting(event, context):
            _invocation.begin(event)
            return handler(event, context)

        return handle(client, noting, *rest, **named)

    bootstrap.handle_event_request = handled


def _watch_aws() -> None:
    from botocore.client import BaseClient

    call = BaseClient._make_api_call

    def called(self, operation, arguments):
        if operation.startswith(_READS):
            return call(self, operation, arguments)
        number = _invocation.before(f"{operation} {_target(arguments)}")
        answer = call(self, operation, arguments)
        _invocation.after(number)
        return answer

    BaseClient._make_api_call = called


def _target(arguments: dict[str, object]) -> str:
    """The table, topic or bucket and folder that a call writes to, as people know it."""
    for name in ("TableName", "TopicArn", "QueueUrl"):
        if name in arguments:
            return str(arguments[name]).rsplit(":", 1)[-1].rsplit("/", 1)[-1].removeprefix("fileferry-")
    if "Bucket" in arguments:
        kind = re.sub(r"^fileferry-([a-z]+)-.*", r"\1", str(arguments["Bucket"]))
        folder = re.sub(r"^j[a-z0-9]{25}$", "JOB", str(arguments["Key"]).rsplit("/", 2)[-2])
        return f"{kind} {folder}/"
    return ""


def _watch_https() -> None:
    """The functions' calls of AWS are plain HTTP here, so every HTTPS request is a delivery."""
    try:
        from urllib3 import HTTPSConnectionPool
    except ModuleNotFoundError:
        return
    request = HTTPSConnectionPool.urlopen

    def requested(self, method, *rest, **named):
        if method in ("GET", "HEAD"):
            return request(self, method, *rest, **named)
        number = _invocation.before(f"HTTPS {method}")
        answer = request(self, method, *rest, **named)
        _invocation.after(number)
        return answer

    HTTPSConnectionPool.urlopen = requested


def _watch_asyncssh() -> None:
    """asyncssh is imported for the first file of ours only: other functions do without it."""
    if "asyncssh" in sys.modules and hasattr(sys.modules["asyncssh"], "_ferry_watched"):
        return
    import asyncssh

    asyncssh._ferry_watched = True
    for kind, names in (
        (asyncssh.SFTPClient, ("rename", "posix_rename", "remove", "mkdir")),
        (asyncssh.SFTPClientFile, ("write", "truncate")),
    ):
        for name in names:
            setattr(kind, name, _noted(getattr(kind, name), f"SFTP {name}"))
    opened = asyncssh.SFTPClient.open

    def opening(self, path, pflags="r", *rest, **named):
        creates = isinstance(pflags, int) and pflags & asyncssh.FXF_CREAT
        call = _noted(_awaited(opened), "SFTP open (create)") if creates else opened
        return call(self, path, pflags, *rest, **named)

    asyncssh.SFTPClient.open = opening


def _awaited(call):
    async def run(*arguments, **named):
        return await call(*arguments, **named)

    return run


def _noted(call, effect):
    async def noted(*arguments, **named):
        number = _invocation.before(effect)
        answer = await call(*arguments, **named)
        _invocation.after(number)
        return answer

    return noted


_watch_invocations()
_watch_aws()
_watch_https()
