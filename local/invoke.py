"""`sam remote invoke` of one function on the running emulator."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from fileferry.errors import NoSuchRecord
from local.sam import sam
from local.stack import Stack
from local.workspace import STACK, Workspace


def logical_id(function: str) -> str:
    """The template's name of a function: `sftp-identity` → `SftpIdentityFunction`."""
    return "".join(part.capitalize() for part in function.replace("_", "-").split("-")) + "Function"


def invoke(workspace: Workspace, stack: Stack, function: str, event: Path) -> int:
    """Call the function with the event file, its answer on standard output; the SAM CLI's exit code.

    Raises NoSuchRecord when there is no such file.
    """
    if not event.is_file():
        raise NoSuchRecord(f"There is no event file {event}.", todo="see events/ for samples.")
    command = sam("remote", "invoke", logical_id(function), "--stack-name", STACK, "--event-file", str(event))
    command += ["--region", stack.emulator.region]
    environment = {**os.environ, **stack.emulator.environment(), "SAM_CLI_TELEMETRY": "0"}
    return subprocess.run(command, cwd=workspace.root, env=environment, check=False).returncode  # noqa: S603
