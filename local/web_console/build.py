"""Building `console/` with npm: its packages by the lock file, and its pages when their sources changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fileferry.errors import FerryError
from local.commands import run_logged
from local.console import Say, stage
from local.lock import one_at_a_time
from local.workspace import Workspace

NODE_MAJOR = 20
GET_NODE = f"install Node {NODE_MAJOR} or newer with npm (https://nodejs.org), then run `ferry up` again."
_SOURCES = ("src", "public", "scripts", "index.html", "package-lock.json", "tsconfig.json", "vite.config.ts")
_MADE = {"schema.ts", "operations.ts"}
"""Files below src/ that the build itself writes."""
_CALM = {"CI": "true", "npm_config_fund": "false", "npm_config_audit": "false", "npm_config_update_notifier": "false"}


class NoNode(FerryError):
    """Node or npm is not there, or too old."""


def folder(root: Path) -> Path:
    """Where the console's sources are."""
    return root / "console"


def pages(root: Path) -> Path:
    """Where the built console is."""
    return folder(root) / "dist"


def is_built(root: Path) -> bool:
    """Whether there is a console to serve, however old."""
    return (pages(root) / "index.html").is_file()


def built(workspace: Workspace) -> Path:
    """The folder of the console's pages as the sources are now. Raises NoNode, CommandFailed."""
    root = workspace.root
    with one_at_a_time(root / ".tools/console.lock"):  # console/dist is the checkout's, not the home's
        digest = sources_digest(root)
        stamp = folder(root) / "node_modules/.cache/fileferry/built"
        if is_built(root) and stamp.is_file() and stamp.read_text() == digest:
            return pages(root)
        _install(workspace)
        with stage("npm run build (the console)") as say:
            _npm(workspace, "run build", say)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)
    return pages(root)


def with_packages(workspace: Workspace) -> None:
    """Have the packages installed that the lock file names. Raises NoNode, CommandFailed."""
    with one_at_a_time(workspace.root / ".tools/console.lock"):
        _install(workspace)


def require_node() -> None:
    """Raises NoNode unless Node and npm are on the PATH and new enough."""
    if not (node := shutil.which("node")) or not shutil.which("npm"):
        raise NoNode("The console needs Node with npm to be built, which is not here.", todo=GET_NODE)
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    if not is_new_enough(version):
        raise NoNode(
            f"The console needs Node {NODE_MAJOR}; here is {version.strip() or 'a broken one'}.", todo=GET_NODE
        )


def is_new_enough(version: str) -> bool:
    """Of what `node --version` says, such as `v20.20.2`."""
    major = version.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= NODE_MAJOR


def sources_digest(root: Path) -> str:
    """Of all that the build reads; the API's description is part of it."""
    total = hashlib.sha256()
    for file in sorted(_sources(root)):
        total.update(f"{file.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def has_packages(console: Path) -> bool:
    """Whether node_modules holds what package-lock.json names.

    npm keeps a lock file of what it installed; packages for other platforms, which are optional, are not in it.
    """
    wanted, there = _locked(console / "package-lock.json"), _locked(console / "node_modules/.package-lock.json")
    needed = {name for name, package in wanted.items() if name and not package.get("optional")}
    same = all(wanted.get(name, {}).get("integrity") == package.get("integrity") for name, package in there.items())
    return bool(needed) and needed <= there.keys() and same


def _install(workspace: Workspace) -> None:
    require_node()
    if not has_packages(folder(workspace.root)):
        with stage("npm ci (the console's packages; the first time fetches them)") as say:
            _npm(workspace, "ci", say)


def _locked(file: Path) -> Mapping[str, Any]:
    try:
        return dict(json.loads(file.read_text())["packages"])
    except (FileNotFoundError, ValueError, KeyError):
        return {}


def _sources(root: Path) -> Iterator[Path]:
    yield root / "docs/openapi.json"
    for name in _SOURCES:
        found = folder(root) / name
        yield from (file for file in (found.rglob("*") if found.is_dir() else [found]) if _is_source(file))


def _is_source(file: Path) -> bool:
    return file.is_file() and file.name not in _MADE and ".test." not in file.name


def _npm(workspace: Workspace, arguments: str, say: Say) -> None:
    run_logged(
        ["npm", *arguments.split()],
        workspace.logs / f"npm-{arguments.replace(' ', '-')}.log",
        cwd=folder(workspace.root),
        environment=_CALM,
        say=say,
        todo="mend what the output names; `ferry up` again.",
    )
