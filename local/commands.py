"""Other programs: run with one line of progress, their whole output in a log file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fileferry.errors import FerryError
from local.console import Say

_TAIL = 25


class CommandFailed(FerryError):
    """A program ended with an error; the text shows the end of its output."""


def run_logged(
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path,
    say: Say = lambda _: None,
    environment: Mapping[str, str] | None = None,
    todo: str = "",
) -> None:
    """Run `command` to its end, each line of its output to `say` and to `log`. Raises CommandFailed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        file.write(f"$ {' '.join(command)}\n")
        process = subprocess.Popen(  # noqa: S603 - commands are ours
            list(command),
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        with process:
            for line in process.stdout or ():
                file.write(line)
                file.flush()
                if line.strip():
                    say(line)
    if process.returncode:
        raise CommandFailed(
            f"`{' '.join(command[:12])}` ended with {process.returncode}:\n{tail(log)}\n", where=str(log), todo=todo
        )


def tail(log: Path, lines: int = _TAIL) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
