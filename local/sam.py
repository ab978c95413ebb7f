"""The SAM CLI in its pinned version, run by uv in an environment of its own."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

from fileferry.errors import ConfigurationError
from local.workspace import ROOT

SAM_CLI = "aws-sam-cli==1.170.0"
"""The only place of the version; its own pins would hold ours back, so it is no dependency of the project."""
_PYTHONS = ("3.11", "3.12", "3.13")
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def sam(*arguments: str) -> list[str]:
    """The command line of `sam ARGUMENTS`. Raises ConfigurationError when uv is not there."""
    return [uv(), "tool", "run", "--quiet", "--from", SAM_CLI, "sam", *arguments]


def uv() -> str:
    """The path of uv: the one that runs us, the one that the Makefile installed, or the PATH's."""
    ours = ROOT / ".tools" / "bin" / "uv"
    found = os.environ.get("UV") or (str(ours) if ours.exists() else shutil.which("uv"))
    if not found:
        raise ConfigurationError("uv is not installed.", todo="run `make run`, which installs it into .tools/.")
    return found


def host_python() -> str:
    """The host's Python as `3.MINOR`. Raises ConfigurationError when Lambda has no such runtime."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version not in _PYTHONS:
        raise ConfigurationError(
            f"The functions cannot run on Python {version}: Lambda's runtimes here are {', '.join(_PYTHONS)}.",
            todo="run `make run PYTHON=python3.13` (or 3.12, 3.11).",
        )
    return version


def host_architecture() -> str:
    """The host's processor in Lambda's words. Raises ConfigurationError for one that Lambda does not have."""
    machine = platform.machine().lower()
    if machine not in _MACHINES:
        raise ConfigurationError(f"Lambda has no processor like this machine's ({machine}).")
    return _MACHINES[machine]


def build_environment() -> dict[str, str]:
    """What the layer's Makefile needs to build for this machine: Python, platform, and uv on the PATH."""
    machine = "aarch64" if host_architecture() == "arm64" else "x86_64"
    system = "apple-darwin" if sys.platform == "darwin" else "unknown-linux-gnu"
    path = os.pathsep.join((str(Path(uv()).parent), os.environ.get("PATH", "")))
    return {
        "LAYER_PYTHON": host_python(),
        "LAYER_PLATFORM": f"{machine}-{system}",
        "UV": uv(),
        "PATH": path,
        "SAM_CLI_TELEMETRY": "0",
    }
