"""A worker that is killed anywhere: the next one goes on, and the end is that of an undisturbed run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from fileferry.model.job import JobStatus
from tests.unit.faults import Killed
from tests.unit.worker.world import WorkerWorld

GZIP = [{"op": "pack", "format": "gzip"}]


def story(world: WorkerWorld) -> dict[str, Any]:
    """All that somebody outside can see of a job's end, but for times and ids.

    What killed tries left in staging is the bucket's lifecycle's.
    """
    run = world.run()
    return {
        "status": (run.status, world.data.record().status),
        "states": run.history.states,
        "events": [event["type"] for event in world.events()],
        "steps": {name: record.status for name, record in run.steps.items()},
        "told": told(world),
        "delivered": world.delivered(),
        "archived": sorted({key.rsplit("/", 1)[-1] for key, _ in world.data.versions("archive")}),
        "left": (world.left(), world.data.versions("ingest")),
        "kept": (run.checkpoint, run.progress, run.lease_until),
    }


def told(world: WorkerWorld) -> list[str]:
    """Topic and type of the distinct events; a subscriber keeps the ids that it has seen."""
    distinct = {(one.topic, one.event["id"]): one.type for one in world.data.sns.published}
    return [f"{topic} {kind}" for (topic, _), kind in distinct.items()]


def effects(world: WorkerWorld) -> int:
    """How many side effects an undisturbed run has."""
    world.receive(transform=GZIP)
    world.data.faults.log.clear()
    world.end()
    return len(world.data.faults.log)


@pytest.mark.parametrize("part", range(8))
def test_killed_after_any_side_effect_the_job_ends_as_if_nothing_had_been(part: int, fresh: Callable[[], Any]) -> None:
    """After one is before the next."""
    with fresh() as world:
        count = effects(world)
        expected = story(world)
    assert count > 30

    for number in range(1 + part, count + 1, 8):
        with fresh() as world:
            world.receive(transform=GZIP)
            world.data.kill(number, "after")
            with suppress(Killed):
                world.work()
            killed_after = world.data.faults.log[-1]
            world.data.kill(0, "after")
            world.die()
            world.end()
            assert story(world) == expected, f"killed after side effect {number}, {killed_after}"


def test_killed_in_a_row_the_job_still_comes_to_its_end(world: WorkerWorld) -> None:
    world.receive(transform=GZIP)
    for number in range(4, 40, 4):
        world.data.kill(number, "after")
        with suppress(Killed):
            world.work(tries=3)
        world.data.kill(0, "after")
        world.die()
        if world.run().status.is_final:
            break
    world.end()

    assert world.run().status is JobStatus.SUCCEEDED
