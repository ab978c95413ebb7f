"""A message's run is taken, driven through the workflow, and ended."""

from __future__ import annotations

from fileferry.model.job import JobStatus
from tests.unit.worker.world import WorkerWorld

STATES = ["Validate", "Stage", "Transform", "Deliver", "Confirm", "Archive"]


def test_a_message_brings_its_job_to_succeeded(world: WorkerWorld) -> None:
    world.receive()
    world.work()
    run = world.run()
    assert (run.status, world.data.record().status) == (JobStatus.SUCCEEDED, JobStatus.SUCCEEDED)
    assert world.delivered() == ["orders.csv"]
    assert world.left() == 0


def test_the_history_is_kept_as_step_functions_would_tell_it(world: WorkerWorld) -> None:
    world.receive()
    world.work()
    assert world.run().history.states == STATES
    assert [event["type"] for event in world.events()][:4] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
    ]
    assert world.events()[-1]["type"] == "ExecutionSucceeded"


def test_nothing_is_left_of_what_was_kept_to_go_on(world: WorkerWorld) -> None:
    world.receive()
    world.work()
    run = world.run()
    assert (run.checkpoint, run.lease_until) == (None, 0)
    assert world.checkpoints() == []
