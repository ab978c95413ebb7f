"""What steps keep of their transfers: in the run's record, so that another worker goes on from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fileferry.model.job import JobRef
from fileferry.repositories.runs import RunRepository


class RunProgress:
    """The `Progress` of a run, written under the lease's fencing number."""

    kept = True

    def __init__(self, runs: RunRepository, job: JobRef) -> None:
        self._runs = runs
        self._job = job

    def load(self, name: str) -> Mapping[str, Any]:
        text = self._runs.get(self._job.job_id, self._job.run).progress.get(name)
        kept: Mapping[str, Any] = json.loads(text) if text else {}
        return kept

    def save(self, name: str, value: Mapping[str, Any]) -> None:
        self._runs.save_progress(self._job, name, value)
