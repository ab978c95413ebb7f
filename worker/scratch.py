"""This process's folder for temporary files; what killed workers left in theirs is removed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "worker-"
_LOCK = "in-use"


def own_scratch(parent: Path) -> Path:
    """A new folder below `parent`, ours as long as this process lives."""
    for folder in parent.glob(f"{_PREFIX}*"):
        if _lock(folder):
            shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    (folder / _LOCK).touch()
    # Another worker that starts at this moment may have taken it for a dead one's.
    return folder if _lock(folder) else own_scratch(parent)


def _lock(folder: Path) -> bool:
    """Lock a worker's folder until the process ends; False when another one has it, or it is no worker's."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    return True
