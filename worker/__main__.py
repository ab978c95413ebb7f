"""`python -m worker` works until SIGTERM; `--check` only says whether it could."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict, replace

import asl
from fileferry.errors import FerryError
from fileferry.settings import read_settings

from .app import Worker, connected, serve
from .scratch import own_scratch
from .settings import WorkerSettings, read_worker_settings


def main() -> int:
    """The exit status: 2 when the environment or the image is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m worker", description=__doc__)
    parser.add_argument("--check", action="store_true", help="read settings and workflows, tell them, and end")
    asked = parser.parse_args()
    try:
        settings, own = read_settings(os.environ), read_worker_settings()
        if asked.check:
            _check(own)
            return 0
        own = replace(own, scratch=own_scratch(own.scratch))
        serve(Worker(connected(settings, own.jobs, own.lanes), own))
    except FerryError as error:
        sys.stderr.write(f"{error}\n")
    return 2


def _check(settings: WorkerSettings) -> None:
    """Tell the settings, and load every workflow of the image."""
    for name, value in asdict(settings).items():
        sys.stdout.write(f"{name}: {value}\n")
    for path in sorted(settings.workflows.glob("*/*.asl.json")):
        machine = asl.load(path.read_text("utf-8"))
        sys.stdout.write(f"workflow {path.parent.name}/{path.name}: {len(list(machine.states()))} states\n")


if __name__ == "__main__":
    sys.exit(main())
