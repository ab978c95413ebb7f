"""Dead letters: messages that were received too often, or that the worker gave up, and what becomes of them.

Of `work.fifo` the worker writes a message with its reason in message attributes (`reason`, `error`, `job_id`, `run`);
SQS moves one there, without attributes, that was received too often. `ingest.fifo` and the bulk queue have the latter
only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
MOST = 100
"""Letters that are read at once."""
_AT_ONCE = 10
MOVED_BY_SQS = "received too often without being deleted (moved by SQS)"


@dataclass(frozen=True)
class DeadLetter:
    """One message of a `queue`'s dead-letter queue; `at` (ISO 8601) is when it was first sent.

    `job` is None where it is about none of the worker's; `group` is its FIFO group.
    """

    message_id: str
    receipt: str
    body: str
    job: JobRef | None
    reason: str
    error: str
    at: str
    queue: str = "work"
    group: str = ""


class DeadLetterQueue:
    """Reads a dead-letter queue; what was read comes again unless it is removed. `name` is the queue's before it."""

    def __init__(self, sqs: SQSClient, url: str, name: str = "work") -> None:
        self._sqs = sqs
        self._url = url
        self.name = name
        self.more = False
        """Whether the last reading may have left messages that nobody else is reading."""

    def read(self, most: int = MOST) -> list[DeadLetter]:
        """Messages that nobody else is reading, the oldest of each group first; they are hidden for a minute.

        A FIFO queue shows no more of a group than one answer holds, while that is hidden (SQS Developer Guide,
        "FIFO queue delivery logic"): a full answer may be all that comes now, and not all that there is.
        """
        letters: list[DeadLetter] = []
        self.more, full = True, False
        while len(letters) < most:
            answer: Mapping[str, Any] = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(_AT_ONCE, most - len(letters)),
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp", "MessageGroupId"],
            )
            messages = answer.get("Messages", [])
            letters += [_letter(message, self.name) for message in messages]
            full = full or len(messages) == _AT_ONCE
            if not messages:
                self.more = full and self._url.endswith(".fifo")
                break
        return letters

    def give_back(self, letter: DeadLetter) -> None:
        """Show the message to the next reader at once."""
        self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def remove(self, letter: DeadLetter) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)


def queues_of(world: Services) -> Iterator[DeadLetterQueue]:
    """The dead-letter queues that the process's settings name."""
    for name, url in world.settings.dead_letter_queue_urls.items():
        yield DeadLetterQueue(world.sqs, url, name)


def _letter(message: Mapping[str, Any], queue: str) -> DeadLetter:
    told = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    job, otherwise = None, MOVED_BY_SQS
    if queue == "work":
        try:
            job = parse_work(message["Body"])
        except MalformedWork as error:
            otherwise = str(error)
    system = message.get("Attributes", {})
    return DeadLetter(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        job=job,
        reason=told.get("reason") or otherwise,
        error=told.get("error", ""),
        at=timestamp(datetime.fromtimestamp(int(system.get("SentTimestamp", "0")) / 1000, UTC)),
        queue=queue,
        group=system.get("MessageGroupId", ""),
    )


def take_up(world: Services, letter: DeadLetter, request: Request) -> str:
    """Have what a dead letter is about go on, and say in words what was done; the letter can be removed then.

    A job that has failed or was cancelled is redriven, as `request` asks; a run that is open goes back to the worker.
    Nothing is to be done for one that is over otherwise, or was started again since. Raises MalformedWork for a message
    of nobody's.
    """
    if letter.queue != "work":
        return _sent_back(world, letter)
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


def _sent_back(world: Services, letter: DeadLetter) -> str:
    """A message as it was, to the queue that it came from; a message too many changes nothing there."""
    if letter.queue == "bulk":
        world.sqs.send_message(QueueUrl=world.settings.bulk_queue_url, MessageBody=letter.body)
    else:
        world.sqs.send_message(
            QueueUrl=world.settings.ingest_queue_url,
            MessageBody=letter.body,
            MessageGroupId=letter.group,
            MessageDeduplicationId=f"letter-{letter.message_id}",
        )
    return f"the message goes back to the queue {letter.queue!r}"
