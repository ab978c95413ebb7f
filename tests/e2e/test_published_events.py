"""Everything that was published in this session fits its schema."""

from __future__ import annotations

from fileferry.model.job import JobStatus
from tests.published import Recorder
from tests.trials import Trials, unique


def test_every_event_so_far_fits_its_schema_and_ends_are_told_twice(trials: Trials, published: Recorder) -> None:
    """The rest of the session is checked where `published` ends."""
    path = f"plain/{unique('told.csv')}"
    trials.send({path: b"told\n"})
    job = trials.ended(path)
    assert job.status is JobStatus.SUCCEEDED
    trials.event(job, "JobSucceeded", "success")
    kinds = [event["type"].removeprefix("fileferry.") for event in published.of_job(job.job_id, topic="events")]
    assert kinds == ["JobReceived", "JobStarted", *["StepSucceeded"] * 6, "JobSucceeded"]
    assert published.of_job(job.job_id, topic="failure") == []
    assert published.mistakes == []
