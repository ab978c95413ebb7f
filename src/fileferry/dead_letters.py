"""Messages in the dead-letter queue of `work.fifo`: which runs the worker gave up, and why.

The worker writes a message there with its reason in message attributes (`reason`, `error`, `job_id`, `run`); SQS moves
one there, without attributes, that was received too often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fileferry.actions.asked import Asked, Request
from fileferry.actions.judging import UNFINISHED
from fileferry.actions.new_runs import begin_run
from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord
from fileferry.model.job import Action, JobRef
from fileferry.services import Services
from fileferry.work_queue import MalformedWork, parse_work, send_work

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HIDDEN_SECONDS = 60
"""What is read is hidden from other readers for this long, unless it is given back."""
_MOST = 10
MOVED_BY_SQS = "received too often without being deleted (moved by SQS)"


@dataclass(frozen=True)
class DeadLetter:
    """One message; `job` is None where it is none of ours, `at` (ISO 8601) when it was first sent."""

    message_id: str
    receipt: str
    body: str
    job: JobRef | None
    reason: str
    error: str
    at: str


class DeadLetters:
    """Reads the queue; what was read comes again unless it is removed."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def read(self) -> list[DeadLetter]:
        """All messages that nobody else is reading, the oldest of each job first; they are hidden for a minute."""
        letters: list[DeadLetter] = []
        while True:
            answer: Mapping[str, Any] = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_MOST,
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            messages = answer.get("Messages", [])
            letters += [_letter(message) for message in messages]
            if not messages:
                return letters

    def give_back(self, letter: DeadLetter) -> None:
        """Show the message to the next reader at once."""
        self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def remove(self, letter: DeadLetter) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)


def _letter(message: Mapping[str, Any]) -> DeadLetter:
    told = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    try:
        job, otherwise = parse_work(message["Body"]), MOVED_BY_SQS
    except MalformedWork as error:
        job, otherwise = None, str(error)
    sent = int(message.get("Attributes", {}).get("SentTimestamp", "0")) / 1000
    return DeadLetter(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        job=job,
        reason=told.get("reason") or otherwise,
        error=told.get("error", ""),
        at=timestamp(datetime.fromtimestamp(sent, UTC)),
    )


def take_up(world: Services, letter: DeadLetter, request: Request) -> str:
    """Have what a dead letter is about go on, and say in words what was done; the letter can be removed then.

    A job that has failed or was cancelled is redriven, as `request` asks; a run that is open goes back to the worker.
    Nothing is to be done for one that is over otherwise, or was started again since. Raises MalformedWork for a message
    of nobody's.
    """
    if letter.job is None:
        raise MalformedWork(letter.reason, todo="look at the message, and delete it from the queue.")
    try:
        job = world.jobs.get(letter.job.job_id)
    except NoSuchRecord as error:
        return str(error)
    if job.run != letter.job.run:
        return f"job {job.job_id} is in run {job.run} by now"
    if job.status in UNFINISHED:
        job = begin_run(world, job.job_id, Asked(Action.REDRIVE), request)
        return f"job {job.job_id} starts again in run {job.run}"
    if job.status.is_final:
        return f"job {job.job_id} is {job.status}"
    send_work(world, job.ref(), reason=f"letter-{letter.message_id}")
    return f"job {job.job_id} is {job.status}; its run goes back to the worker"
