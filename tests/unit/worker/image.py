"""The worker's Dockerfile as a test can read it, and the tree that it makes laid out in a folder, without Docker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = ROOT / "worker" / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """One instruction: `COPY`, `src/asl ./src/asl`."""

    name: str
    text: str


def instructions(stage: int = -1) -> list[Instruction]:
    """The instructions of a stage, its FROM first; by default of the last one."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    found = [Instruction(*line.split(maxsplit=1)) for line in joined]
    starts = [number for number, one in enumerate(found) if one.name == "FROM"] + [len(found)]
    stages = [found[start:end] for start, end in pairwise(starts)]
    return stages[stage]


def arguments(name: str, stage: int = -1) -> list[str]:
    """What stands after each instruction of this name."""
    return [one.text for one in instructions(stage) if one.name == name]


def copied() -> list[Path]:
    """Paths in the repository that the image gets."""
    texts = arguments("COPY") + arguments("COPY", 0)
    return [ROOT / source for text in texts if not text.startswith("--") for source in text.split()[:-1]]


def entry_point() -> list[str]:
    """The exec form's words. Raises ValueError for a shell form."""
    (text,) = arguments("ENTRYPOINT")
    words: list[str] = json.loads(text)
    return words


def environment() -> dict[str, str]:
    """The image's variables."""
    return dict(pair.split("=", 1) for text in arguments("ENV") for pair in text.split())


def lay_out(folder: Path, uv: str) -> None:
    """The image's /app in `folder`: requirements by the build stage's `uv sync`, and the copied paths."""
    for text in arguments("COPY"):
        if not text.startswith("--"):
            source, target = text.split()
            shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
    (sync,) = [text for text in arguments("RUN", 0) if text.startswith("uv ")]
    for name in arguments("COPY", 0)[0].split()[:-1]:
        shutil.copy(ROOT / name, folder)
    settings = {
        "UV_PROJECT_ENVIRONMENT": str(folder / ".venv"),
        "UV_PYTHON": sys.executable,
        "UV_LINK_MODE": "hardlink",
    }
    subprocess.run([uv, *sync.split()[1:]], cwd=folder, env={**os.environ, **settings}, check=True, capture_output=True)
