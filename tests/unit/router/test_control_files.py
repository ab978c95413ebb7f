"""Sidecars and acknowledgements: in either order of arrival, repeated, late, and never a job."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fileferry.clock import timestamp
from fileferry.errors import RunClosed
from fileferry.intake.outcome import Outcome
from fileferry.model.job import Job, JobRef, JobStatus, Step, StepStatus
from fileferry.repositories.keys import Acknowledgement
from tests.unit.router.world import Killed, RouterWorld, client_error

SHA256 = "ab" * 32
MD5 = "cd" * 16


@pytest.fixture
def required(world: RouterWorld) -> RouterWorld:
    world.route(validation={"checksum": "required"})
    return world


def declared(world: RouterWorld, job: Job) -> dict[str, str]:
    return world.services.runs.get(job.job_id, 1).declared


# Sidecars


def test_a_sidecar_before_its_file_is_declared_and_kept(required: RouterWorld) -> None:
    taken = required.receive(required.upload("x/a.csv.sha256", f"{SHA256.upper()}  a.csv\n".encode()))
    assert taken.outcome is Outcome.CONTROL_FILE
    assert not required.jobs()
    assert required.archived() == ["control/acme/bob/x/a.csv.sha256"]
    assert required.receive(required.upload("x/a.csv")).outcome is Outcome.STARTED
    assert declared(required, required.job()) == {"sha256": SHA256}
    assert required.ingested() == ["x/a.csv"]
    assert required.topics.types() == ["SidecarReceived", "JobReceived", "JobStarted"]


def test_a_file_waits_for_its_required_sidecar(required: RouterWorld) -> None:
    event = required.upload("a.csv")
    assert required.receive(event).outcome is Outcome.WAITING
    assert required.receive(event).outcome is Outcome.WAITING
    assert required.job().waiting_for == "sidecar"
    assert not required.executions()
    required.receive(required.upload("a.csv.md5", MD5.encode()))
    assert [taken.outcome for taken in required.resume_all()] == [Outcome.STARTED]
    assert declared(required, required.job()) == {"md5": MD5}
    assert required.topics.types() == ["JobReceived", "SidecarReceived", "JobStarted"]


def test_a_sidecar_that_left_ingest_is_ignored_when_it_is_told_again(required: RouterWorld) -> None:
    event = required.upload("a.csv.sha256", SHA256.encode())
    required.receive(event)
    assert required.receive(event).outcome is Outcome.IGNORED
    assert required.archived() == ["control/acme/bob/a.csv.sha256"]


@pytest.mark.parametrize("call", ["PutItem", "UpdateItem", "send_message", "publish", "CopyObject", "DeleteObject"])
@pytest.mark.parametrize("after", [False, True])
def test_a_sidecar_whose_router_died_is_taken_again(required: RouterWorld, call: str, after: bool) -> None:
    required.receive(required.upload("a.csv"))
    event = required.upload("a.csv.sha256", SHA256.encode())
    required.faults.fail(call, Killed(), after=after)
    try:
        required.receive(event)
    except Killed:
        required.receive(event)
    required.resume_all()
    assert declared(required, required.job()) == {"sha256": SHA256}
    assert required.job().status is JobStatus.RUNNING
    assert required.ingested() == ["a.csv"]
    # Nothing is left over for the next file of this name.
    assert required.receive(required.upload("a.csv", b"next")).outcome is Outcome.WAITING


def test_a_sidecar_serves_one_file_only(required: RouterWorld) -> None:
    required.receive(required.upload("a.csv.sha256", SHA256.encode()))
    required.receive(required.upload("a.csv", b"1"))
    assert required.receive(required.upload("a.csv", b"2")).outcome is Outcome.WAITING


def test_the_sidecar_of_the_next_file_does_not_go_to_the_one_before(required: RouterWorld) -> None:
    for digest, content in ((SHA256, b"1"), ("ef" * 32, b"2")):
        required.receive(required.upload("a.csv.sha256", digest.encode()))
        assert required.receive(required.upload("a.csv", content)).outcome is Outcome.STARTED
        assert declared(required, required.jobs()[-1]) == {"sha256": digest}
    assert declared(required, required.jobs()[0]) == {"sha256": SHA256}


def test_an_older_file_that_is_repeated_does_not_take_the_newer_one_s_sidecar(required: RouterWorld) -> None:
    older = required.upload("a.csv", b"1")
    required.receive(older)
    required.receive(required.upload("a.csv", b"2"))
    required.receive(older)
    required.receive(required.upload("a.csv.sha256", SHA256.encode()))
    required.resume_all()
    assert [job.status for job in required.jobs()] == [JobStatus.RECEIVED, JobStatus.RUNNING]


def test_declared_metadata_needs_no_sidecar(required: RouterWorld) -> None:
    assert required.receive(required.upload(sha256=SHA256.upper())).outcome is Outcome.STARTED
    assert declared(required, required.job()) == {"sha256": SHA256}


def test_sidecars_are_files_like_others_where_no_route_of_the_user_compares_checksums(world: RouterWorld) -> None:
    world.route(validation={"checksum": "none"})
    world.route("eve", match={"glob": "**", "users": ["eve"]}, validation={"checksum": "required"})
    assert world.receive(world.upload("a.csv.sha256", SHA256.encode())).outcome is Outcome.STARTED


def test_other_users_and_paths_do_not_meet(required: RouterWorld) -> None:
    required.receive(required.upload("a.csv.sha256", SHA256.encode(), user="eve"))
    required.receive(required.upload("x/a.csv.sha256", SHA256.encode()))
    assert required.receive(required.upload("a.csv")).outcome is Outcome.WAITING


# Acknowledgements


@pytest.fixture
def waiting(world: RouterWorld) -> JobRef:
    """A job whose confirm step waits for bob's orders.csv.ack."""
    world.route(confirm={"mode": "acknowledgement", "user": "bob"})
    world.receive(world.upload("orders.csv"))
    job = world.job().ref()
    world.services.runs.begin_step(job, Step.CONFIRM, 2)
    world.services.runs.wait_step(job, Step.CONFIRM)
    world.services.keys.await_acknowledgement("acme", "bob", "orders.csv", "TOKEN", job, timestamp())
    return job


def confirm_of(world: RouterWorld, job: JobRef) -> Any:
    return world.services.runs.get(job.job_id, 1).steps[Step.CONFIRM]


def test_an_acknowledgement_completes_the_step_that_waits(world: RouterWorld, waiting: JobRef) -> None:
    taken = world.receive(world.upload("mailbox/orders.csv.ack", b"thanks"))
    assert taken.outcome is Outcome.CONTROL_FILE
    result = {"confirmed": {}, "acknowledged_by": "bob/orders.csv.ack"}
    assert world.states.completed == [("TOKEN", json.dumps(result))]
    assert confirm_of(world, waiting).result == result
    assert world.archived() == ["control/acme/bob/mailbox/orders.csv.ack"]
    assert world.topics.types()[2:] == ["StepSucceeded", "AcknowledgementReceived"]
    assert len(world.jobs()) == 1


def test_a_negative_one_fails_the_step_with_the_partner_s_words(world: RouterWorld, waiting: JobRef) -> None:
    world.receive(world.upload("orders.csv.nack", b"bad header"))
    assert world.states.completed == [("TOKEN", "DestinationRefused")]
    step = confirm_of(world, waiting)
    assert (step.status, step.attempt) == (StepStatus.FAILED, 2)
    assert step.error["message"] == str(Acknowledgement(True, "bad header", "").refusal("bob", "orders.csv"))
    assert world.topics.types()[2:] == ["StepFailed", "AcknowledgementReceived"]


@pytest.mark.parametrize("suffix", [".ack", ".nack"])
def test_one_for_a_run_that_is_over_is_kept_and_blocks_nobody(world: RouterWorld, waiting: JobRef, suffix: str) -> None:
    world.services.runs.close(waiting, JobStatus.CANCELLED)
    assert world.receive(world.upload(f"orders.csv{suffix}", b"")).outcome is Outcome.CONTROL_FILE
    assert not world.states.completed
    assert world.ingested() == ["orders.csv"]
    with pytest.raises(RunClosed):
        world.services.runs.begin_step(waiting, Step.CONFIRM, 3)


def test_one_whose_token_is_gone_stays_for_the_step_s_next_try(world: RouterWorld, waiting: JobRef) -> None:
    world.faults.fail("send_task", client_error("TaskTimedOut", "SendTaskSuccess"))
    world.receive(world.upload("orders.csv.ack"))
    found = world.services.keys.await_acknowledgement("acme", "bob", "orders.csv", "TOKEN2", waiting, "2020")
    assert found is not None
    assert not found.negative


@pytest.mark.parametrize("after", [False, True])
def test_one_whose_router_died_completes_the_step_all_the_same(
    world: RouterWorld, waiting: JobRef, after: bool
) -> None:
    event = world.upload("orders.csv.ack")
    world.faults.fail("send_task", Killed(), after=after)
    with pytest.raises(Killed):
        world.receive(event)
    world.receive(event)
    assert {token for token, _ in world.states.completed} == {"TOKEN"}
    assert world.ingested() == ["orders.csv"]


def test_an_ack_of_a_user_who_acknowledges_nothing_is_a_file(world: RouterWorld, waiting: JobRef) -> None:
    assert world.receive(world.upload("orders.csv.ack", user="eve")).outcome is Outcome.STARTED


# Acknowledgements of what the worker runs


@pytest.fixture
def waiting_in_worker(world: RouterWorld) -> JobRef:
    """A worker's job whose confirm step waits for bob's orders.csv.ack; its worker has gone, it was the run's third."""
    world.route(executor="worker", confirm={"mode": "acknowledgement", "user": "bob"})
    world.receive(world.upload("orders.csv"))
    job = world.job()
    world.update_run(job.job_id, fence=3)
    lease = job.ref(fence=3)
    world.services.runs.begin_step(lease, Step.CONFIRM, 0)
    world.services.runs.wait_step(lease, Step.CONFIRM)
    world.services.keys.await_acknowledgement("acme", "bob", "orders.csv", "TOKEN", lease, timestamp())
    world.queues.messages.clear()
    return lease


@pytest.mark.parametrize("suffix", [".ack", ".nack"])
def test_one_for_the_worker_puts_the_run_back_on_its_queue_where_the_step_finds_it(
    world: RouterWorld, waiting_in_worker: JobRef, suffix: str
) -> None:
    world.receive(world.upload(f"orders.csv{suffix}", b"words"))

    (message,) = world.queues.messages
    assert message["QueueUrl"] == world.services.settings.work_queue_url
    assert json.loads(message["MessageBody"]) == {"job": world.job().ref().model_dump(mode="json")}
    assert not world.states.completed
    assert confirm_of(world, waiting_in_worker).status is StepStatus.WAITING
    found = world.services.keys.await_acknowledgement("acme", "bob", "orders.csv", "T2", waiting_in_worker, "2020")
    assert found is not None
    assert (found.negative, found.text) == (suffix == ".nack", "words")


def test_a_second_one_wakes_the_worker_again_but_a_repeated_message_does_not(
    world: RouterWorld, waiting_in_worker: JobRef
) -> None:
    event = world.upload("orders.csv.ack")
    world.faults.fail("send_message", Killed(), after=True)
    with pytest.raises(Killed):
        world.receive(event)
    world.receive(event)
    assert len(world.queues.messages) == 1
    world.receive(world.upload("orders.csv.nack"))
    assert len(world.queues.messages) == 2


def test_one_for_a_run_of_the_worker_that_is_over_wakes_nobody(world: RouterWorld, waiting_in_worker: JobRef) -> None:
    world.services.runs.close(waiting_in_worker, JobStatus.FAILED)
    world.receive(world.upload("orders.csv.ack"))
    assert not world.queues.messages
