"""Workers that are killed, or told to stop, in the middle of a transfer. `bench/killed_worker.py` does it at length."""

from __future__ import annotations

import pytest

from bench.killed_worker import Plan, one_job, passage
from bench.killing.meter import Moved, Way
from bench.killing.trial import MIB, Trial
from bench.killing.workers import workers_for
from fileferry.model.job import JobStatus
from tests.waiting import until

PLAN = Plan(kills=4, size=48 * MIB, part_size=8 * MIB, seed=4711)
SETTINGS = {"PART_SIZE": str(PLAN.part_size), "COPY_LIMIT": str(PLAN.part_size), "LANES": "2"}


def silent(_text: str) -> None:
    """Nobody watches."""


def test_a_file_comes_through_whole_and_once_however_often_its_worker_is_killed(trial: Trial) -> None:
    with workers_for(trial, **SETTINGS) as workers:
        calm = passage(trial, workers, PLAN, [], silent)
        (killed,) = one_job(trial, workers, PLAN, calm.total)

    assert calm.wrong == []
    assert killed.wrong == []
    assert len(killed.kills) == PLAN.kills


@pytest.mark.parametrize("way", [Way.S3, Way.SFTP, Way.COPY])
def test_a_worker_that_is_told_to_stop_hands_its_job_on(trial: Trial, way: Way) -> None:
    trial.meter.reset()
    with workers_for(trial, **SETTINGS) as workers:
        met = _first_move(trial, way)
        first = workers.start()
        sent = trial.put("gzip", PLAN.size, seed=1)
        until(lambda: met, 60, f"nothing moved over {way}")
        seconds = first.terminate()
        status = trial.job(sent)
        workers.start()
        until(lambda: trial.ended(sent), 60, "the other worker did not end the job")
        workers.started[-1].terminate()

    assert first.process.returncode == 0, first.log()[-5:]
    assert seconds < 120
    assert status
    assert status.status is JobStatus.RUNNING  # it was stopped in the middle of it
    assert trial.meter.sent_again() <= PLAN.part_size
    assert trial.wrong(sent) == []


def _first_move(trial: Trial, way: Way) -> list[Moved]:
    """Filled with the first move that goes beyond two parts over `way`."""
    met: list[Moved] = []

    def watch(moved: Moved) -> None:
        if moved.way is way and trial.meter.by_way()[way][0] > 2 * PLAN.part_size:
            met.append(moved)

    trial.meter.watch = watch
    return met
