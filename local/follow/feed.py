"""The events of the stack as they are published: an SQS queue subscribed to the topic `events`."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.stack import Stack

Event = dict[str, Any]


@dataclass(frozen=True)
class Feed:
    """A subscription of our own."""

    stack: Stack
    queue_url: str

    def receive(self, wait_seconds: int = 1) -> list[Event]:
        """The CloudEvents that have come, after at most `wait_seconds`; each is given once."""
        answer = self.stack.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds
        )
        messages = answer.get("Messages", [])
        if messages:
            entries: Any = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            self.stack.sqs.delete_message_batch(QueueUrl=self.queue_url, Entries=entries)
        return [json.loads(message["Body"]) for message in messages]


@contextmanager
def subscribed(stack: Stack) -> Iterator[Feed]:
    """A feed for as long as the block runs; queue and subscription are gone afterwards."""
    name = f"ferry-follow-{os.getpid()}-{secrets.token_hex(3)}"
    topic = stack["EventsTopicArn"]
    queue_url = stack.sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = stack.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": json.dumps(_policy(arn, topic))})
    subscription = stack.sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    try:
        yield Feed(stack, queue_url)
    finally:
        with suppress(ClientError, BotoCoreError):
            stack.sns.unsubscribe(SubscriptionArn=subscription)
            stack.sqs.delete_queue(QueueUrl=queue_url)


def _policy(queue_arn: str, topic_arn: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
