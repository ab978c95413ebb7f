"""The worker's environment: what it may say, and what this process may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from fileferry.errors import ConfigurationError
from fileferry.home import MIB
from worker.capacity import cores, memory_bytes
from worker.scratch import own_scratch
from worker.settings import jobs_at_once, read_worker_settings


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"WORK_DLQ_URL": "https://sqs/dead", "TMPDIR": str(tmp_path), "MEMORY_BYTES": str(4096 * MIB)}


def test_defaults_are_those_of_the_documentation(environment: dict[str, str]) -> None:
    settings = read_worker_settings(environment)

    assert (settings.lease_seconds, settings.part_size, settings.health_port) == (90, 64 * MIB, 8080)
    assert (settings.tries, settings.hold_seconds, settings.agent_uri) == (5, 39_600, "")
    assert (settings.workflows / "transfer" / "v1.asl.json").is_file()
    assert settings.jobs * settings.memory <= 4096 * MIB


def test_every_wrong_value_is_told_at_once_with_what_it_may_be(environment: dict[str, str]) -> None:
    wrong = {
        "LEASE_SECONDS": "soon",
        "PART_SIZE": "1",
        "COPY_LIMIT": str(6 * 1024**3),
        "HOLD_SECONDS": "43200",
        "HEALTH_PORT": "70000",
        "WORKFLOWS_FOLDER": "/nowhere",
        "TMPDIR": "/nowhere/either",
        "WORK_DLQ_URL": "",
    }
    with pytest.raises(ConfigurationError) as refused:
        read_worker_settings({**environment, **wrong})

    text = str(refused.value)
    assert [name for name in wrong if name not in text] == []
    assert "LEASE_SECONDS is 'soon': give a whole number from 6 to 3600" in text
    assert "set these variables" in text


@pytest.mark.parametrize(
    ("mib", "processors", "jobs"), [(512, 0.5, 1), (4096, 1.0, 2), (4096, 16.0, 7), (1024, 8.0, 1), (30_720, 4.0, 8)]
)
def test_memory_and_cores_bound_the_jobs_at_once(mib: int, processors: float, jobs: int) -> None:
    assert jobs_at_once(mib * MIB, processors) == jobs


def test_the_container_bounds_what_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("536870912\n")
    (tmp_path / "cpu.max").write_text("50000 100000\n")

    assert (memory_bytes(tmp_path), cores(tmp_path)) == (512 * MIB, 0.5)


def test_so_do_the_older_control_groups(tmp_path: Path) -> None:
    for name, text in (
        ("memory/memory.limit_in_bytes", "536870912"),
        ("cpu/cpu.cfs_quota_us", "25000"),
        ("cpu/cpu.cfs_period_us", "100000"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    assert (memory_bytes(tmp_path), cores(tmp_path)) == (512 * MIB, 0.25)


def test_without_limits_it_is_the_machines(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")

    assert memory_bytes(tmp_path) > 512 * MIB
    assert cores(tmp_path) >= 1


def test_temporary_files_of_dead_workers_go_and_those_of_others_stay(tmp_path: Path) -> None:
    dead, stranger = tmp_path / "worker-dead", tmp_path / "worker-of-somebody"
    dead.mkdir()
    (dead / "in-use").touch()
    (dead / "left").touch()
    stranger.mkdir()
    living = own_scratch(tmp_path)
    ours = own_scratch(tmp_path)

    assert not dead.exists()
    assert sorted(tmp_path.iterdir()) == sorted([stranger, living, ours])
