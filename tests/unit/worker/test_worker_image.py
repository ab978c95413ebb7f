"""What can be known of the image without Docker: its instructions, and that its tree runs and is not written to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fileferry.settings import _REQUIRED
from tests.unit.worker.image import ROOT, arguments, copied, entry_point, environment, instructions, lay_out

UV = shutil.which("uv", path=f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")


def test_all_that_it_copies_is_there() -> None:
    assert [path for path in copied() if not path.exists()] == []


def test_sigterm_reaches_python_itself() -> None:
    assert entry_point() == ["python", "-m", "worker"]


def test_it_runs_as_the_user_that_the_task_definition_names() -> None:
    template = (ROOT / "template.yaml").read_text()

    assert arguments("USER") == re.findall(r'User: "(\d+:\d+)"', template)


def test_only_scratch_is_meant_to_be_written() -> None:
    assert environment()["TMPDIR"] == "/scratch"
    assert arguments("VOLUME") == ["/scratch"]
    assert environment()["PYTHONDONTWRITEBYTECODE"] == "1"


def test_scratch_belongs_to_the_worker_before_it_is_a_volume() -> None:
    names = [f"{one.name} {one.text}" for one in instructions()]
    made = next(number for number, text in enumerate(names) if "--owner=worker" in text and "/scratch" in text)

    assert made < names.index("VOLUME /scratch")


def test_its_health_is_asked_as_the_task_definition_asks_it() -> None:
    template = (ROOT / "template.yaml").read_text()

    assert arguments("HEALTHCHECK")[0].endswith('CMD ["python", "-m", "worker.healthcheck"]')
    assert "Command: [CMD, python, -m, worker.healthcheck]" in template


def test_its_uv_is_the_one_of_the_makefile() -> None:
    pinned = re.search(r"uv==(\S+)", "\n".join(arguments("RUN", 0)))
    made = re.search(r"^UV_VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert pinned and made and pinned[1] == made[1]


def test_the_builder_gets_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / "worker" / "Dockerfile.dockerignore").read_text().split()
    allowed = {ROOT / line.removeprefix("!") for line in lines if line.startswith("!")}

    assert "*" in lines
    assert allowed == set(copied())


@pytest.mark.skipif(UV is None, reason="uv is not here")
@pytest.mark.parametrize("platform", ["aarch64-manylinux_2_28", "x86_64-manylinux_2_28"])
def test_every_requirement_has_a_wheel_for_both_architectures(platform: str, tmp_path: Path) -> None:
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    export = ["export", "--quiet", "--frozen", "--no-default-groups", "--group", "asl", "--no-emit-project"]
    subprocess.run([str(UV), *export, "--output-file", "locked.txt"], cwd=tmp_path, check=True, capture_output=True)
    wanted = ["--python-platform", platform, "--python-version", "3.13", "--only-binary", ":all:", "--require-hashes"]
    install = ["pip", "install", "--dry-run", "--target", "nowhere", "--requirements", "locked.txt"]
    done = subprocess.run([str(UV), *install, *wanted], cwd=tmp_path, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(UV is None, reason="uv is not here")
def test_the_tree_that_it_makes_runs_and_is_not_written_to(tmp_path: Path) -> None:
    app, scratch = tmp_path / "app", tmp_path / "scratch"
    app.mkdir()
    scratch.mkdir()
    lay_out(app, str(UV))
    own = {name: value.replace("/app", str(app)) for name, value in environment().items() if name != "PATH"}
    names = {name: "x" for name in (*_REQUIRED, "AWS_REGION", "WORK_DLQ_URL")}
    before = files(app)
    python = str(app / ".venv" / "bin" / "python")
    done = subprocess.run(
        [python, *entry_point()[1:], "--check"],
        cwd=app,
        env={**own, **names, "TMPDIR": str(scratch), "PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "workflow transfer/v1.asl.json: " in done.stdout
    assert files(app) == before
    assert list(scratch.iterdir()) == []


def files(folder: Path) -> dict[str, float]:
    """Every file and folder with the time of its last change."""
    return {str(path): path.lstat().st_mtime for path in folder.rglob("*")}
