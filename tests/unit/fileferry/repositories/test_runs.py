"""Runs: their writes hold only for their owner while they are open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fileferry.errors import NoSuchRecord, RunClosed
from fileferry.model.job import Delivery, JobRef, JobStatus, Run, Step, StepStatus
from fileferry.repositories.runs import MAX_ERROR_BYTES, RunRepository, run_from, run_item
from tests.unit.world import JobWorld

DELIVERY = Delivery(status="DELIVERED", kind="sftp", name="ü.csv", location="sftp://x/ü.csv", size=1, sha256="0" * 64)
Write = Callable[[RunRepository, JobRef], object]
WRITES: dict[str, Write] = {
    "begin": lambda runs, job: runs.begin_step(job, Step.DELIVER, 1),
    "finish": lambda runs, job: runs.finish_step(job, Step.DELIVER, {"destinations": {}}),
    "fail": lambda runs, job: runs.fail_step(job, Step.DELIVER, {"error": "X", "message": "m"}),
    "deliver": lambda runs, job: runs.record_delivery(job, "bank", DELIVERY),
    "close": lambda runs, job: runs.close(job, JobStatus.FAILED),
}


@pytest.fixture
def job(world: JobWorld) -> JobRef:
    return world.receive(b"content")


@pytest.fixture
def runs(world: JobWorld) -> RunRepository:
    return world.services.runs


class TestFence:
    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    def test_the_owner_writes(self, runs: RunRepository, job: JobRef, write: Write) -> None:
        before = runs.get(job.job_id, 1)
        write(runs, job)
        assert runs.get(job.job_id, 1) != before

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    def test_a_replaced_owner_writes_nothing(
        self, world: JobWorld, runs: RunRepository, job: JobRef, write: Write
    ) -> None:
        world.take_over()
        before = runs.get(job.job_id, 1)
        with pytest.raises(RunClosed, match=r"another runner \(fence 2, ours 1\)"):
            write(runs, job)
        assert runs.get(job.job_id, 1) == before

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    def test_nobody_writes_into_a_closed_run(self, runs: RunRepository, job: JobRef, write: Write) -> None:
        runs.close(job, JobStatus.CANCELLED)
        before = runs.get(job.job_id, 1)
        with pytest.raises(RunClosed, match="is CANCELLED"):
            write(runs, job)
        assert runs.get(job.job_id, 1) == before

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    def test_a_run_that_does_not_exist_is_not_made(self, runs: RunRepository, job: JobRef, write: Write) -> None:
        with pytest.raises(NoSuchRecord, match="no run 7"):
            write(runs, job.model_copy(update={"run": 7}))


class TestSteps:
    def test_a_step_passes_through_its_states(self, runs: RunRepository, job: JobRef) -> None:
        assert runs.begin_step(job, Step.STAGE, 2).status is JobStatus.RUNNING
        record = runs.get(job.job_id, 1).steps[Step.STAGE]
        assert (record.status, record.attempt, record.ended_at) == (StepStatus.RUNNING, 2, "")
        runs.fail_step(job, Step.STAGE, {"error": "X", "message": "ü"})
        assert runs.get(job.job_id, 1).steps[Step.STAGE].error == {"error": "X", "message": "ü"}
        runs.finish_step(job, Step.STAGE, {"object": {"size": 1.5, "list": [None, True]}})
        run = runs.get(job.job_id, 1)
        assert run.result(Step.STAGE) == {"object": {"size": 1.5, "list": [None, True]}}
        assert run.steps[Step.STAGE].error is None
        assert run.steps[Step.STAGE].ended_at >= run.steps[Step.STAGE].started_at >= run.started_at > ""

    def test_a_retry_keeps_the_first_begin(self, runs: RunRepository, job: JobRef) -> None:
        first = runs.begin_step(job, Step.STAGE, 0)
        second = runs.begin_step(job, Step.STAGE, 1)
        assert second.steps[Step.STAGE].started_at == first.steps[Step.STAGE].started_at
        assert second.started_at == first.started_at

    @pytest.mark.parametrize("late", ["begin", "fail", "wait"])
    def test_a_step_that_is_done_stays_done(self, runs: RunRepository, job: JobRef, late: str) -> None:
        runs.finish_step(job, Step.CONFIRM, {"confirmed": {}})
        if late == "begin":
            assert runs.begin_step(job, Step.CONFIRM, 1).result(Step.CONFIRM) == {"confirmed": {}}
        elif late == "wait":
            runs.wait_step(job, Step.CONFIRM)
        else:
            with pytest.raises(RunClosed):
                runs.fail_step(job, Step.CONFIRM, {"error": "X", "message": "m"})
        assert runs.get(job.job_id, 1).result(Step.CONFIRM) == {"confirmed": {}}

    def test_an_error_is_cut_to_what_an_item_holds(self, runs: RunRepository, job: JobRef) -> None:
        violations = [{"rule": "r", "message": "ü" * 500}] * 1000
        for step in Step:
            runs.fail_step(job, step, {"error": "ContentRefused", "message": "m", "violations": violations})
        runs.close(job, JobStatus.QUARANTINED, {"error": "X", "message": "m", "violations": violations})
        error = runs.get(job.job_id, 1).error or {}
        assert error["cut"] is True
        assert 0 < len(str(error["violations"]).encode()) < MAX_ERROR_BYTES


class TestDeliveries:
    def test_outcomes_are_kept_by_destination_and_the_last_one_counts(self, runs: RunRepository, job: JobRef) -> None:
        failed = Delivery(status="FAILED", kind="sftp", name="ü.csv", location="", error="no")
        runs.record_delivery(job, "bank", failed)
        runs.record_delivery(job, "bank", DELIVERY)
        runs.record_delivery(job, "a-partner", failed)
        assert runs.get(job.job_id, 1).deliveries == {"bank": DELIVERY, "a-partner": failed}


class TestClosing:
    def test_the_same_status_may_be_given_again_and_the_first_end_counts(
        self, runs: RunRepository, job: JobRef
    ) -> None:
        runs.close(job, JobStatus.FAILED, {"error": "X", "message": "m"}, {"sha256": "0"})
        first = runs.get(job.job_id, 1)
        runs.close(job, JobStatus.FAILED, {"error": "X", "message": "m"}, {"sha256": "0"})
        assert runs.get(job.job_id, 1) == first
        assert (first.error, first.outcome) == ({"error": "X", "message": "m"}, {"sha256": "0"})
        assert first.ended_at

    def test_another_status_is_refused(self, runs: RunRepository, job: JobRef) -> None:
        runs.close(job, JobStatus.SUCCEEDED)
        with pytest.raises(RunClosed, match="SUCCEEDED"):
            runs.close(job, JobStatus.FAILED)


def test_runs_of_a_job_come_in_their_order(world: JobWorld, runs: RunRepository, job: JobRef) -> None:
    world.next_run()
    found: list[Run] = runs.of_job(job.job_id)
    assert [run.run for run in found] == [1, 2]


def test_steps_come_in_the_workflows_order_although_dynamodb_keeps_none(job: JobRef, runs: RunRepository) -> None:
    item = run_item(runs.get(job.job_id, 1))
    scrambled = {"M": dict(sorted(item["steps"]["M"].items()))}
    assert list(run_from({**item, "steps": scrambled}).steps) == list(Step)


def test_declared_checksums_are_kept(runs: RunRepository, job: JobRef) -> None:
    runs.declare(job.job_id, 1, "sha256", "ab")
    runs.declare(job.job_id, 1, "md5", "cd")
    assert runs.get(job.job_id, 1).declared == {"sha256": "ab", "md5": "cd"}


def test_all_runs_of_a_job_are_found_beyond_one_answer_of_dynamodb(
    world: JobWorld, runs: RunRepository, job: JobRef
) -> None:
    """Of 1 MB (DynamoDB Developer Guide, "Query"); a run whose content was refused may have 60 KB and more."""
    runs.close(job, JobStatus.QUARANTINED, {"error": "ContentRefused", "message": "x" * (MAX_ERROR_BYTES - 1000)})
    for _ in range(19):
        world.next_run()
    assert [run.run for run in runs.of_job(job.job_id, consistent=True)] == list(range(1, 21))
