"""The messages of `work.fifo`: one says that a job's run is to go on in the worker, from wherever it stands."""

from __future__ import annotations

import json

from pydantic import ValidationError

from fileferry.errors import FerryError
from fileferry.model.job import FIRST_FENCE, JobRef
from fileferry.services import Services


class MalformedWork(FerryError):
    """A message of `work.fifo` that is none of ours; no repeat makes it one."""


def send_work(world: Services, job: JobRef, *, reason: str) -> None:
    """Put a run on the queue, in its job's own FIFO group; once per `reason` within SQS's window of five minutes.

    The message names the run and not its owner: whoever takes it has a fence of its own.
    """
    body = {"job": job.model_copy(update={"fence": FIRST_FENCE}).model_dump(mode="json")}
    world.sqs.send_message(
        QueueUrl=world.settings.work_queue_url,
        MessageBody=json.dumps(body, ensure_ascii=False),
        MessageGroupId=job.job_id,
        MessageDeduplicationId=f"{job.execution_name}-{reason}"[:128],
    )


def parse_work(body: str) -> JobRef:
    """The run that a message is about. Raises MalformedWork."""
    try:
        return JobRef.model_validate(json.loads(body)["job"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise MalformedWork(f"A message of the work queue cannot be read: {str(error)[:500]}") from error
