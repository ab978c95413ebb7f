"""Dead letters of the worker: what they say, and what becomes of the jobs that they are about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fileferry.dead_letters import MOVED_BY_SQS, DeadLetter, DeadLetterQueue, take_up
from fileferry.intake.outcome import Outcome
from fileferry.model.job import Job, JobStatus
from fileferry.work_queue import MalformedWork
from tests.unit.fileferry.actions.ended_jobs import ANN, failed
from tests.unit.router.world import SETTINGS, RouterWorld


def letter(job: Job, run: int = 1) -> DeadLetter:
    ref = job.ref().model_copy(update={"run": run})
    return DeadLetter("m1", "r1", "", ref, "poison", "PoisonJob", "2026-11-25T00:00:00.000000Z")


def test_a_dead_letter_starts_its_failed_job_again_once(world: RouterWorld) -> None:
    ended = failed(world, executor="worker")
    assert take_up(world.services, letter(ended), ANN).endswith("starts again in run 2")
    assert take_up(world.services, letter(ended), ANN).endswith("is in run 2 by now")
    assert [taken.outcome for taken in world.resume_all()] == [Outcome.STARTED]


def test_a_dead_letter_of_an_open_run_goes_back_to_the_worker(world: RouterWorld) -> None:
    world.route(executor="worker")
    job = world.services.jobs.get(world.receive(world.upload()).job_id)
    world.queues.messages.clear()
    assert "goes back to the worker" in take_up(world.services, letter(job), ANN)
    assert world.queues.bodies(SETTINGS.work_queue_url) == [{"job": job.ref().model_dump(mode="json")}]


def test_a_dead_letter_of_a_job_that_is_over_or_unknown_asks_for_nothing(world: RouterWorld) -> None:
    world.route(executor="worker")
    job = world.services.jobs.get(world.receive(world.upload()).job_id)
    world.queues.messages.clear()
    world.services.jobs.close(job, JobStatus.SUCCEEDED)
    assert take_up(world.services, letter(job), ANN).endswith("is SUCCEEDED")
    assert "no job" in take_up(world.services, letter(job.model_copy(update={"job_id": "jnone"})), ANN)
    assert not world.queues.messages
    with pytest.raises(MalformedWork, match="none of ours"):
        take_up(world.services, DeadLetter("m", "r", "{", None, "none of ours", "", ""), ANN)


def test_dead_letters_are_read_with_their_reasons_and_stay_until_they_are_removed(world: RouterWorld) -> None:
    job = failed(world)
    sqs = world.services.session.client("sqs")
    url = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    body = json.dumps({"job": job.ref().model_dump(mode="json")})
    reason = {"reason": {"DataType": "String", "StringValue": "six takes"}}
    for group, text, attributes in (("a", body, reason), ("b", body, {}), ("c", "{}", {})):
        sqs.send_message(
            QueueUrl=url,
            MessageBody=text,
            MessageGroupId=group,
            MessageDeduplicationId=group,
            MessageAttributes=attributes,  # type: ignore[arg-type]
        )
    letters = DeadLetterQueue(sqs, url)
    poison, moved, malformed = found = letters.read()
    assert (poison.job, poison.reason) == (job.ref(), "six takes")
    assert moved.reason == MOVED_BY_SQS
    assert malformed.job is None
    assert "cannot be read" in malformed.reason
    for each in found:
        letters.give_back(each)
    for each in letters.read():
        letters.remove(each)
    assert letters.read() == []


@pytest.mark.parametrize(("letters", "more"), [(9, False), (15, True)])
def test_a_fifo_queue_that_shows_no_more_of_a_group_is_not_taken_for_an_empty_one(
    world: RouterWorld, letters: int, more: bool
) -> None:
    sqs = world.services.session.client("sqs")
    url = sqs.create_queue(QueueName=f"dead-{letters}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for number in range(letters):
        sqs.send_message(QueueUrl=url, MessageBody="{}", MessageGroupId="shard-00", MessageDeduplicationId=str(number))
    locking: Any = _LockingGroups(sqs)
    queue = DeadLetterQueue(locking, url, "ingest")
    assert len(queue.read()) == min(letters, 10)
    assert queue.more is more


class _LockingGroups:
    """SQS, which shows no more of a message group while some of it is in flight (SQS Developer Guide, "FIFO")."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs
        self._in_flight = False

    def receive_message(self, **request: Any) -> Any:
        answer: Any = {} if self._in_flight else self._sqs.receive_message(**request)
        self._in_flight = True
        return answer
