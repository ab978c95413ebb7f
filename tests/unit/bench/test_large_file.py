"""The measure of large files: what it sends, and how it judges."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from bench.large_file import Passage, bounds, uneven, write_file
from fileferry.model.job import Job, JobStatus, ObjectVersion, Run, Step, StepRecord, StepStatus

MIB = 1024**2
LIMITS = {
    "openssl dgst -sha256": 900.0,
    "dd": 800.0,
    "dd conv=fsync": 700.0,
    "gzip -6": 60.0,
    "OpenSSH sftp": 250.0,
    "S3 upload": 150.0,
    "S3 download": 240.0,
    "S3 CopyObject": 300.0,
}


def passage(route: str, peak: int) -> Passage:
    version = ObjectVersion(bucket="ingest", key="k", version_id="v", size=100)
    shared = {"job_id": "j", "tenant": "large", "route": route, "revision": 1, "status": JobStatus.SUCCEEDED}
    times = {"created_at": "", "updated_at": "", "home_region": "eu-central-1"}
    job = Job(**shared, **times, user="u", object=version, filename="k")  # type: ignore[arg-type]
    record = StepRecord(
        status=StepStatus.SUCCEEDED, started_at="2026-01-31T10:00:00.0Z", ended_at="2026-01-31T10:00:02.0Z"
    )
    run = Run(**shared, run=1, fence=1, steps={step.value: record for step in Step}, ended_at="2026-01-31T10:00:08.0Z")  # type: ignore[arg-type]
    return Passage(route, 100, 50, job, run, peak, [])


def test_the_file_is_random_and_gzip_saves_a_quarter_of_it(tmp_path: Path) -> None:
    size = 2 * MIB + 17
    sha256 = write_file(tmp_path / "file", size, seed=1)
    content = (tmp_path / "file").read_bytes()
    assert len(content) == size
    assert hashlib.sha256(content).hexdigest() == sha256
    assert 0.7 < len(gzip.compress(content, 6)) / size < 0.8
    assert write_file(tmp_path / "other", size, seed=2) != sha256


def test_a_step_is_held_to_the_slowest_of_what_does_its_work() -> None:
    found = bounds(passage("gzip", 1), LIMITS)
    assert found[Step.TRANSFORM] == ("gzip -6", 60.0)
    assert found[Step.DELIVER] == ("S3 download", 240.0)
    assert Step.TRANSFORM not in bounds(passage("copy", 1), LIMITS)


def test_rates_are_of_the_bytes_that_a_step_moves() -> None:
    found = passage("gzip", 1)
    assert (found.rate(Step.STAGE), found.rate(Step.DELIVER), found.whole) == (50.0, 25.0, 8.0)


@pytest.mark.parametrize(("peaks", "wrong"), [((100, 119), 0), ((100, 121), 1), ((121, 100), 1)])
def test_peaks_of_a_route_may_differ_by_a_fifth(peaks: tuple[int, int], wrong: int) -> None:
    passages = [passage("gzip", peak * MIB) for peak in peaks] + [passage("copy", MIB)]
    assert len(list(uneven(passages))) == wrong
