"""The router: each message of `ingest.fifo` becomes a job, goes on with one, or is ignored.

A failed message stops its FIFO group (a shard), so that a user's files keep their order, while the other groups
go on; SQS brings it again, and after the queue's last try moves it to the dead-letter queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import Metrics, MetricUnit
from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fileferry.intake.messages import MalformedMessage, StartJob, parse_message
from fileferry.intake.outcome import Outcome, Taken
from fileferry.intake.receive import receive, resume
from fileferry.services import Services, services
from fileferry.steps import as_ferry_error, logger

metrics = Metrics(namespace="Fileferry", service="router")
_METRICS = {
    Outcome.STARTED: "JobsStarted",
    Outcome.QUARANTINED: "Quarantined",
    Outcome.DUPLICATE: "Duplicates",
    Outcome.FAILED: "JobsFailed",
    Outcome.CONTROL_FILE: "ControlFiles",
}


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Mapping[str, Any]:
    """Lambda's entry: an SQS batch in, `{"batchItemFailures": [{"itemIdentifier": message id}]}` out.

    Raises BatchProcessingError when no message could be taken, so that the function's Errors metric shows it.
    """
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    return process_partial_response(event=event, record_handler=take_record, processor=processor, context=context)


def take_record(record: SQSRecord, world: Services | None = None) -> str:
    """Take one message and say what became of it. Raises the error, named and logged, that fails the message."""
    metrics.add_metric("Messages", MetricUnit.Count, 1)
    logger.append_keys(message_id=record.message_id, group=record.attributes.message_group_id)
    try:
        taken = _take(record, world)
    except MalformedMessage as error:
        metrics.add_metric("MalformedMessages", MetricUnit.Count, 1)
        logger.error("malformed message: %s", error, extra={"body": record.body[:500]})
        raise
    except Exception as error:
        named = as_ferry_error(error)
        metrics.add_metric("MessagesFailed", MetricUnit.Count, 1)
        logger.exception("message failed", error_type=type(named).__name__)
        if named is error:
            raise
        raise named from error
    _tell(taken)
    return f"{taken.outcome}: {taken.why}"


def _take(record: SQSRecord, world: Services | None) -> Taken:
    message = parse_message(record.body)
    world = world or services()
    if isinstance(message, StartJob):
        return resume(world, message.job_id)
    sequence = record.attributes.sequence_number
    if not sequence:
        raise MalformedMessage("The message has no SequenceNumber.", todo="send it through a FIFO queue.")
    return receive(world, message, sequence)


def _tell(taken: Taken) -> None:
    logger.info(taken.why, outcome=taken.outcome.value, job_id=taken.job_id)
    if taken.created:
        metrics.add_metric("JobsReceived", MetricUnit.Count, 1)
    if name := _METRICS.get(taken.outcome):
        metrics.add_metric(name, MetricUnit.Count, 1)
