"""The worker's log, which is a file."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fileferry.errors import NoSuchRecord
from local.logs import file_lines

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def written(minutes_ago: float, text: str) -> str:
    at = NOW - timedelta(minutes=minutes_ago)
    return json.dumps({"timestamp": at.isoformat(), "message": text})


def test_lines_since_a_time_are_shown_with_what_belongs_to_them(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    lines = [written(90, "old"), "Traceback of old", written(5, "new"), "Traceback of new"]
    log.write_text("\n".join(lines) + "\n")

    assert list(file_lines(log, (NOW - timedelta(hours=1)).timestamp(), follow=False)) == lines[2:]


def test_what_comes_is_shown_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "worker.log"
    log.write_text(written(2, "first") + "\n")

    def wait(_: float) -> None:
        with log.open("a") as file:
            file.write(written(1, "second") + "\n")

    monkeypatch.setattr(time, "sleep", wait)
    lines = file_lines(log, 0, follow=True)

    assert [json.loads(next(lines))["message"] for _ in range(2)] == ["first", "second"]


def test_a_worker_that_never_ran_has_no_log(tmp_path: Path) -> None:
    with pytest.raises(NoSuchRecord):
        list(file_lines(tmp_path / "worker.log", 0, follow=False))
