"""The examples of docs/identity.md: each block marked `run`, in the page's order, on the deployed system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.api import Api
from local.operator.login import forget
from local.temporary import System

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(sh|python) run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = _BLOCK.findall((ROOT / "docs" / "identity.md").read_text("utf-8"))


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("jq"), reason="the page's examples use curl and jq")
def test_the_pages_examples_run(system: System, tmp_path: Path) -> None:
    (tmp_path / ".ferry").symlink_to(system.workspace.home)
    (tmp_path / "page.sh").write_text("\n".join(map(_as_script, BLOCKS)))
    environment = {
        **os.environ,
        **system.stack.emulator.environment(),
        "FERRY_HOME": str(system.workspace.home),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "IAM_API": Api(system.stack).url,
        "COLUMNS": "200",
    }
    script = f'set -euo pipefail\nferry() {{ "{sys.executable}" -m local.cli "$@"; }}\n. ./page.sh\n'
    try:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    finally:
        forget(system.workspace)

    assert len(BLOCKS) >= 7
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("You are operator of the demo.", '"id": "warehouse"', "invoices", "✓ route invoices", "Logged out."):
        assert told in done.stdout, done.stdout


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )


def _as_script(block: tuple[str, str]) -> str:
    """A block as lines of one shell script, so that its variables hold on."""
    language, text = block
    return text if language == "sh" else f"\"{sys.executable}\" - <<'END'\n{text}END\n"
