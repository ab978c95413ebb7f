"""The layer that `sam build` makes: what is in it, its size, and that an edit is never stale."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_LIMIT_BYTES = 250 * 1024**2
"""Function and layers unzipped (Lambda developer guide, "Lambda quotas")."""


def _build(artifacts: Path) -> Path:
    subprocess.run(
        [
            "make",
            "--silent",
            f"--directory={ROOT / 'src'}",
            "build-FileferryLayer",
            f"ARTIFACTS_DIR={artifacts}",
            f"LAYER_PYTHON=3.{sys.version_info.minor}",
            f"LAYER_PLATFORM={platform.machine()}-manylinux_2_28",
        ],
        check=True,
        timeout=240,
    )
    return artifacts / "python"


@pytest.mark.skipif(sys.platform != "linux", reason="the layer holds Linux wheels")
@pytest.mark.timeout(250)
def test_the_layer_holds_the_packages_as_they_are_now_and_is_within_lambdas_limit(tmp_path: Path) -> None:
    layer = _build(tmp_path / "layer")

    ours = ROOT / "src/fileferry"
    now = {path.relative_to(ours): path.read_bytes() for path in ours.rglob("*") if path.suffix in (".py", ".typed")}
    files = [path for path in (layer / "fileferry").rglob("*") if path.is_file()]
    built = {path.relative_to(layer / "fileferry"): path for path in files if path.suffix != ".pyc"}
    assert {name: path.read_bytes() for name, path in built.items()} == now
    assert sum(path.stat().st_size for path in layer.rglob("*") if path.is_file()) < _LIMIT_BYTES

    assert (layer / f"boto3/__pycache__/session.{sys.implementation.cache_tag}.pyc").is_file()
    assert (layer / f"fileferry/__pycache__/services.{sys.implementation.cache_tag}.pyc").is_file()
    modules = "asyncssh, boto3, duckdb, jsonschema, pydantic, pysequoia, zstandard, fileferry.services"
    code = f"import sys; sys.path.insert(0, {str(layer)!r}); import {modules}; print(fileferry.__file__)"
    run = [sys.executable, "-S", "-E", "-c", code]
    loaded = subprocess.run(run, check=True, capture_output=True, text=True, timeout=60)
    assert loaded.stdout.strip() == str(layer / "fileferry/__init__.py")
