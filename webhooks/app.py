"""The webhooks function: takes messages of the queue `webhooks`, several at once, and delivers events by HTTPS."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools.metrics import Metrics, MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from fileferry.home import LambdaContext
from fileferry.services import Services, services
from fileferry.steps import as_ferry_error, logger
from fileferry.webhooks.delivering import NotDelivered, take

metrics = Metrics(namespace="Fileferry", service="webhooks")
_AT_ONCE = 10
"""As many as a batch has messages: one slow endpoint must not hold up the others."""


@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> Mapping[str, Any]:  # noqa: ARG001
    """Lambda's entry: an SQS batch in, `{"batchItemFailures": [{"itemIdentifier": message id}]}` out."""
    world = services()
    _ = world.dynamodb, world.sqs, world.sns, world.secrets, world.config, world.webhooks, world.notifier
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda record: _outcome(world, record), event["Records"]))
    for outcome in outcomes:
        metrics.add_metric(f"Webhooks{outcome.partition(' ')[0].capitalize()}", MetricUnit.Count, 1)
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record, outcome in zip(event["Records"], outcomes, strict=True)
        if outcome == "failed"
    ]
    return {"batchItemFailures": failed}


def _outcome(world: Services, record: Mapping[str, Any]) -> str:
    """`told N`, `delivered`, `dropped`, or `failed`: then the message comes again after its delay."""
    attributes = {name: value.get("stringValue", "") for name, value in record.get("messageAttributes", {}).items()}
    try:
        return take(world, record["body"], attributes, int(record["attributes"]["ApproximateReceiveCount"]))
    except NotDelivered as error:
        _postpone(world, record["receiptHandle"], error.delay)
    except Exception as error:
        logger.exception("message failed", error_type=type(as_ferry_error(error)).__name__)
    return "failed"


def _postpone(world: Services, receipt: str, delay: int | None) -> None:
    """Have the message come again after `delay` seconds; if that fails, it comes when the queue's own time is over."""
    if delay is None:
        return
    queue = world.settings.webhooks_queue_url
    try:
        world.sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=delay)
    except (ClientError, BotoCoreError):
        logger.exception("message could not be postponed")
