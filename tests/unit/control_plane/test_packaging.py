"""The functions as Lambda loads them: control_plane/ is the root, `fileferry` comes from the layer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]


def _loaded(module: str) -> set[str]:
    """Names of what is imported with a handler's module in a fresh process."""
    code = f"import sys, {module} as app; assert callable(app.handler); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "src")}
    run = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=_ROOT / "control_plane",
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("service", ["config_service", "status_service"])
def test_a_service_loads_from_its_code_folder_without_libraries_that_only_tasks_need(service: str) -> None:
    assert not {"asyncssh", "duckdb", "pysequoia", "jsonschema", "httpx"} & _loaded(f"{service}.app")


def test_a_login_waits_for_no_models() -> None:
    assert not {"pydantic", "boto3", "asyncssh", "fileferry.services"} & _loaded("sftp_identity.app")
