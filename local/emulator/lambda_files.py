"""The files that a function's process sees: AWS's runtime, its layers, its code, and nothing else of the host's
packages.

On AWS these are /var/runtime, /opt and /var/task. Here each content has a folder of its own below the emulator's
home; functions with the same layer share it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import os
import re
import shutil
import stat
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

UNUSED_SECONDS = 12 * 3600  # unpacked content that was not used for so long goes at the next start
RUNTIME_DISTRIBUTIONS = ("awslambdaric", "boto3")  # what AWS's Python runtimes bring
_REQUIREMENT_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")

# The process of a function. It leads a group of its own, so that a kill reaches what it started. A sitecustomize in
# the function's own path is imported as Python does it, which -S keeps from looking.
_LAUNCHER = """import os, sys
os.setpgid(0, 0)
os.chdir(os.environ["LAMBDA_TASK_ROOT"])
try:
    import sitecustomize
except ModuleNotFoundError as error:
    if error.name != "sitecustomize":
        raise
from awslambdaric.__main__ import main
main(["awslambdaric", os.environ["_HANDLER"]])
"""


class FunctionFiles:
    """Unpacks code and layers once per content, and lays out the runtime."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self.launcher = home / "launcher"
        self.runtime = home / "runtime"
        self.scratch = home / "tmp"

    def prepare(self) -> None:
        """Lay out the runtime and the launcher anew; call once, before functions run."""
        for folder in (self.launcher, self.runtime, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for content in (self._home / "content").glob("*"):
            if content.stat().st_mtime < time.time() - UNUSED_SECONDS:
                shutil.rmtree(content)
        for entry in _runtime_entries():
            (self.runtime / entry.name).symlink_to(entry)
        (self.launcher / "launcher.py").write_text(_LAUNCHER)
        bootstrap = self.launcher / "bootstrap"
        interpreter = getattr(sys, "_base_executable", sys.executable)
        # -S -s -P: no site-packages of the host, so that a package missing in the layer is missing here too.
        bootstrap.write_text(f'#!/bin/sh\nexec "{interpreter}" -S -s -P "{self.launcher / "launcher.py"}"\n')
        bootstrap.chmod(0o755)

    def unpacked(self, archives: list[bytes]) -> Path:
        """A folder with the archives' files; of a path that several have, the later one's (the order of layers).

        Python keeps its bytecode in it, so that only the first start of a function compiles what it imports.
        """
        digest = hashlib.sha256(b"".join(hashlib.sha256(archive).digest() for archive in archives)).hexdigest()
        target = self._home / "content" / digest
        with self._lock:
            if not target.exists():
                partial = target.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir(parents=True)
                for archive in archives:
                    _unzip(archive, partial)
                partial.rename(target)
            os.utime(target)
        return target


def _unzip(archive: bytes, target: Path) -> None:
    """Extract with permissions, which zipfile drops."""
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        for member in content.infolist():
            extracted = Path(content.extract(member, target))  # refuses to leave the target
            mode = stat.S_IMODE(member.external_attr >> 16)
            if mode and not extracted.is_dir():
                extracted.chmod(mode)


def _runtime_entries() -> Iterator[Path]:
    """The files and folders in the host's site-packages that make up the runtime's distributions and what they need."""
    seen: set[str] = set()
    waiting = list(RUNTIME_DISTRIBUTIONS)
    entries: set[Path] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # required on other platforms only
        for file in distribution.files or []:
            if file.parts[0] not in ("..", "__pycache__"):
                entries.add(Path(str(distribution.locate_file(file.parts[0]))))
        for requirement in distribution.requires or []:
            if "extra ==" not in requirement and (match := _REQUIREMENT_NAME.match(requirement)):
                waiting.append(match.group())
    yield from sorted(entries)
