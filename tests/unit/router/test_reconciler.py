"""The reconciler finds what was missed, asks the router for it, and closes runs whose execution is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fileferry.clock import timestamp
from fileferry.errors import AccessDenied
from fileferry.intake.messages import ObjectCreated, parse_message
from fileferry.intake.reconcile import Sweep, reconcile
from fileferry.intake.worker_runs import LOST
from fileferry.model.job import Job, JobStatus, Step
from router import reconciler
from tests.unit.router.world import SETTINGS, Killed, RouterWorld, client_error, context

LATER = 600


@pytest.fixture
def sweep(world: RouterWorld) -> Callable[..., dict[str, int]]:
    """One sweep, LATER seconds from now unless told otherwise; it runs out of time after `steps` looks at the clock."""

    def run(seconds: float = LATER, steps: int = 10_000) -> dict[str, int]:
        left = iter(range(steps))
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        return dict(reconcile(Sweep(world.services, lambda: next(left, None) is None, at)))

    return run


def sent(world: RouterWorld) -> list[ObjectCreated]:
    messages = [parse_message(message["MessageBody"]) for message in world.queues.messages]
    return [message for message in messages if isinstance(message, ObjectCreated)]


def starts(world: RouterWorld) -> list[str]:
    return [body["start"] for body in world.queues.bodies(SETTINGS.ingest_queue_url) if "start" in body]


def killed_start(world: RouterWorld, **upload: Any) -> None:
    world.faults.fail("start_execution", Killed())
    with pytest.raises(Killed):
        world.receive(world.upload(**upload))


# Objects


def test_an_object_whose_event_was_lost_is_sent_and_becomes_a_job(world: RouterWorld, sweep: Any) -> None:
    world.route()
    event = world.upload("a+b %41 ü.csv")
    assert sweep()["sent"] == 1
    (found,) = sent(world)
    assert found == replace(event, sequencer="")
    (message,) = world.queues.messages
    assert message["MessageGroupId"] == "shard-00"
    world.receive(found)
    assert world.job().status is JobStatus.RUNNING
    world.queues.messages.clear()
    assert "sent" not in sweep(LATER + 3600)


def test_a_version_that_a_newer_one_covers_is_found_as_well_the_older_first(world: RouterWorld, sweep: Any) -> None:
    first, second = world.upload(content=b"1"), world.upload(content=b"22")
    world.services.s3.delete_object(Bucket="ingest", Key=first.key)
    assert sweep()["sent"] == 2
    assert [message.version_id for message in sent(world)] == [first.version_id, second.version_id]


def test_young_objects_claimed_ones_and_what_is_no_file_are_left_alone(world: RouterWorld, sweep: Any) -> None:
    world.route()
    world.receive(world.upload("claimed.csv"))
    world.upload("folder/")
    world.upload("x.filepart")
    assert "sent" not in sweep()
    world.upload("young.csv")
    assert "sent" not in sweep(0)


def test_an_object_is_sent_once_in_sqs_s_deduplication_window(world: RouterWorld, sweep: Any) -> None:
    world.upload()
    at = 300 - datetime.now(UTC).timestamp() % 300 + 600
    sweep(at)
    sweep(at + 200)
    assert len(sent(world)) == 1
    sweep(at + 400)
    assert len(sent(world)) == 2


def test_every_shard_is_looked_at_page_by_page(world: RouterWorld, sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = world.services.s3
    for shard in ("00", "07", "15"):
        for name in ("a", "b", "c"):
            s3.put_object(Bucket="ingest", Key=f"in/eu-central-1/{shard}/acme/bob/{name}.csv", Body=b"x")
    s3.put_object(Bucket="ingest", Key="in/eu-west-1/00/acme/bob/replica.csv", Body=b"x")
    _pages_of(2, s3, monkeypatch)
    assert sweep() == {"objects": 9, "sent": 9, "finished": 1}


def test_a_sweep_that_runs_out_of_time_goes_on_where_it_stopped(
    world: RouterWorld, sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = world.services.s3
    keys = [f"in/eu-central-1/{shard}/acme/bob/{name}.csv" for shard in ("00", "03") for name in "abcde"]
    for key in keys:
        s3.put_object(Bucket="ingest", Key=key, Body=b"x")
    _pages_of(2, s3, monkeypatch)
    counts = [sweep(steps=1)]
    while not counts[-1]["finished"]:
        counts.append(sweep(steps=1))
        assert len(counts) < 40
    assert [message.key for message in sent(world)] == keys
    assert sum(count.get("sent", 0) for count in counts) == len(keys)
    assert len(counts) > 4
    assert world.services.keys.reconciler_position("eu-central-1") == {}


def _pages_of(size: int, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = s3.list_object_versions
    monkeypatch.setattr(s3, "list_object_versions", lambda **request: listing(MaxKeys=size, **request))


# Jobs that have not started


@pytest.mark.parametrize("spec", [{}, {"ordered": True}, {"executor": "worker"}])
def test_a_claim_that_never_started_is_started(world: RouterWorld, sweep: Any, spec: dict[str, Any]) -> None:
    world.route(**spec)
    world.faults.fail("send_message" if "executor" in spec else "start_execution", Killed())
    with pytest.raises(Killed):
        world.receive(world.upload())
    assert sweep()["woken"] == 1
    assert starts(world) == [world.job().job_id]
    world.resume_all()
    assert world.job().status is JobStatus.RUNNING


def test_a_job_is_not_woken_while_its_sidecar_may_still_come(
    world: RouterWorld, sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.route(validation={"checksum": "required", "checksum_wait_seconds": 3600})
    world.receive(world.upload())
    assert world.job().waiting_for == "sidecar"
    assert "woken" not in sweep(3500)
    assert sweep(3700)["woken"] == 1
    later = datetime.now(UTC) + timedelta(seconds=3700)
    monkeypatch.setattr("fileferry.intake.start.now", lambda: later)
    world.resume_all()
    job = world.job()
    assert job.status is JobStatus.QUARANTINED
    assert "no orders.csv.sha256 or .md5 came within 3600 s" in job.reason


def test_a_line_that_stands_still_goes_on(world: RouterWorld, sweep: Any) -> None:
    world.route(ordered=True)
    first, second = (world.receive(world.upload(f"{number}.csv")).job_id for number in (1, 2))
    assert world.services.jobs.get(second).waiting_for == "order"
    assert "lines" not in sweep()
    world.services.jobs.close(world.services.jobs.get(first), JobStatus.FAILED)
    assert sweep()["lines"] == 1
    assert starts(world) == [second]
    world.resume_all()
    assert world.services.jobs.get(second).status is JobStatus.RUNNING


def test_the_first_of_a_line_is_woken_when_its_start_message_was_lost(world: RouterWorld, sweep: Any) -> None:
    world.route(ordered=True)
    first, second = (world.receive(world.upload(f"{number}.csv")).job_id for number in (1, 2))
    job = world.services.jobs.get(first)
    world.services.keys.leave_line("acme", "orders", "bob", job.sequence)
    assert sweep()["woken"] == 1
    assert starts(world) == [second]


# Runs whose execution is over


@pytest.mark.parametrize(
    ("ended", "status", "error"),
    [
        ({"status": "ABORTED"}, JobStatus.CANCELLED, "ExecutionAborted"),
        ({"status": "TIMED_OUT"}, JobStatus.FAILED, "States.Timeout"),
        ({"status": "FAILED", "error": "States.Runtime", "cause": "bad path"}, JobStatus.FAILED, "States.Runtime"),
        (None, JobStatus.FAILED, "ExecutionGone"),
    ],
)
def test_a_run_whose_execution_is_over_is_closed_and_told(
    world: RouterWorld, sweep: Any, ended: dict[str, str] | None, status: JobStatus, error: str
) -> None:
    world.route()
    world.receive(world.upload())
    (name,) = world.executions()
    if ended:
        world.states.executions[name].update(ended)
    else:
        del world.states.executions[name]
    assert sweep()["closed"] == 1
    job = world.job()
    run = world.services.runs.get(job.job_id, 1)
    assert (job.status, run.status) == (status, status)
    assert run.error is not None
    assert run.error["error"] == error
    assert world.topics.types("failure") == ["JobCancelled" if status is JobStatus.CANCELLED else "JobFailed"]
    assert world.ingested() == ["orders.csv"]
    assert sweep(LATER + 60).get("jobs", 0) == 0


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_a_run_whose_execution_goes_on_is_left_alone(world: RouterWorld, sweep: Any, status: str) -> None:
    world.route()
    world.receive(world.upload())
    (name,) = world.executions()
    world.states.executions[name]["status"] = status
    assert sweep() == {"jobs": 1, "objects": 1, "finished": 1}
    assert world.job().status is JobStatus.RUNNING


# Runs of the worker


@pytest.fixture
def on_worker(world: RouterWorld) -> Job:
    """A job that was sent to the worker; its message is gone."""
    world.route(executor="worker")
    world.receive(world.upload())
    world.queues.messages.clear()
    return world.job()


def epoch(seconds: float) -> int:
    return int(datetime.now(UTC).timestamp() + seconds)


def work(world: RouterWorld) -> list[Any]:
    return [body["job"] for body in world.queues.bodies(SETTINGS.work_queue_url)]


def test_a_run_whose_message_nobody_took_is_sent_again(world: RouterWorld, sweep: Any, on_worker: Job) -> None:
    assert "resumed" not in sweep(LOST.total_seconds() - 60)
    assert sweep(LOST.total_seconds() + 60)["resumed"] == 1
    assert work(world) == [on_worker.ref().model_dump(mode="json")]


def test_a_run_whose_owner_was_lost_long_ago_is_sent_again(world: RouterWorld, sweep: Any, on_worker: Job) -> None:
    world.update_run(on_worker.job_id, lease_owner="w", lease_until=epoch(2000), fence=4, takes=3)
    assert "resumed" not in sweep(1990)
    assert "resumed" not in sweep(2000 + LOST.total_seconds() - 60)
    assert sweep(2000 + LOST.total_seconds() + 60)["resumed"] == 1
    assert work(world) == [on_worker.ref().model_dump(mode="json")]


def test_a_run_that_is_still_not_taken_is_sent_once_an_hour(world: RouterWorld, sweep: Any, on_worker: Job) -> None:
    hours = [sweep(LOST.total_seconds() + 60 + minutes * 60).get("resumed", 0) for minutes in range(0, 125, 5)]
    assert hours == [1, *[0] * 11, 1, *[0] * 11, 1]
    assert len(work(world)) == 3


def test_a_wait_ends_at_its_time(world: RouterWorld, sweep: Any, on_worker: Job) -> None:
    wake_at = timestamp(datetime.now(UTC) + timedelta(days=3))
    world.update_run(on_worker.job_id, fence=2, lease_until=0, wake_at=wake_at)
    assert "resumed" not in sweep(2 * 86_400)
    assert sweep(3 * 86_400 + 1)["resumed"] == 1
    world.update_run(on_worker.job_id, lease_until=epoch(4 * 86_400))
    assert "resumed" not in sweep(3 * 86_400 + 7200)


def test_a_wait_that_was_woken_before_is_woken_again_at_its_next_end(
    world: RouterWorld, sweep: Any, on_worker: Job
) -> None:
    first, second = (datetime.now(UTC) + timedelta(seconds=seconds) for seconds in (1000, 1300))
    world.update_run(on_worker.job_id, lease_until=0, wake_at=timestamp(first))
    assert sweep(1001)["resumed"] == 1
    world.update_run(on_worker.job_id, lease_until=0, wake_at=timestamp(second))
    assert sweep(1301)["resumed"] == 1


def test_a_run_that_was_taken_out_of_its_wait_and_lost_is_sent_again(
    world: RouterWorld, sweep: Any, on_worker: Job
) -> None:
    world.services.runs.begin_step(on_worker.ref(), Step.CONFIRM, 0)
    world.services.runs.wait_step(on_worker.ref(), Step.CONFIRM)
    world.update_run(on_worker.job_id, lease_owner="w", lease_until=epoch(100), fence=2)  # whose `take` removed wake_at
    assert "resumed" not in sweep(100 + LOST.total_seconds() - 60)
    assert sweep(100 + LOST.total_seconds() + 60)["resumed"] == 1


def test_a_worker_s_job_whose_run_is_closed_is_closed_and_told(world: RouterWorld, sweep: Any, on_worker: Job) -> None:
    world.update_run(on_worker.job_id, fence=5)
    error = {"error": "PoisonJob", "message": "six takes"}
    world.services.runs.close(on_worker.ref(fence=5), JobStatus.FAILED, error)
    assert sweep()["closed"] == 1
    job = world.job()
    assert (job.status, job.reason) == (JobStatus.FAILED, "six takes")
    assert world.topics.types("failure") == ["JobFailed"]
    assert not work(world)


# What goes wrong


def test_an_error_stops_nothing_else_and_is_raised_at_the_end(world: RouterWorld, sweep: Any) -> None:
    world.route()
    world.receive(world.upload("running.csv"))
    world.upload("missed.csv")
    world.faults.fail("describe_execution", client_error("AccessDeniedException", "DescribeExecution"))
    with pytest.raises(AccessDenied, match="DescribeExecution"):
        sweep()
    assert [message.key.rsplit("/", 1)[-1] for message in sent(world)] == ["missed.csv"]


def test_the_handler_reads_the_schedule_s_event_and_counts(world: RouterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciler, "services", lambda: world.services)
    world.services.settings = replace(SETTINGS, reconcile_after_seconds=-5)
    world.upload()
    assert reconciler.handler({}, context()) == {"objects": 1, "sent": 1, "finished": 1}
    assert reconciler.handler({}, context(milliseconds=10))["finished"] == 0


def test_jobs_beyond_the_time_are_looked_after_next_time(world: RouterWorld, sweep: Any) -> None:
    world.route()
    for number in range(5):
        killed_start(world, path=f"{number}.csv")
    counts = [sweep(steps=2)]
    while not counts[-1]["finished"]:
        counts.append(sweep(steps=2))
        assert len(counts) < 40
    assert set(starts(world)) == {job.job_id for job in world.jobs()}
