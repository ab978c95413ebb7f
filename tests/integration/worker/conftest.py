"""A tenant whose files go through workers that the tests start, freeze and kill; the system's own one rests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.killing.trial import Trial, trial_on
from local.temporary import System
from local.worker_process import start_worker, stop_worker


@pytest.fixture(scope="package")
def trial(system: System) -> Iterator[Trial]:
    """The tenant, with a partner and a proxy that count what they are sent."""
    stop_worker(system.workspace)
    try:
        with trial_on(system) as trial:
            yield trial
    finally:
        start_worker(system.workspace, system.stack)
