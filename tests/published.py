"""What the deployed system publishes: a queue of our own on its three topics, and each message checked at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jsonschema import ValidationError

from local.stack import Stack
from tests.event_schemas import Published, check_event
from tests.waiting import until

TOPICS = ("EventsTopicArn", "SuccessTopicArn", "FailureTopicArn")
_QUEUE = "fileferry-tests-published"


@dataclass
class Recorder:
    """The messages in the order of their coming, and what is wrong with them."""

    stack: Stack
    queue_url: str
    messages: list[Published] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def record(self) -> None:
        """Receive until told to end; the body of a thread."""
        while not self._ended.is_set():
            self._receive(1)

    def end(self) -> None:
        self._ended.set()

    def settle(self) -> None:
        """Wait until the queue has nothing more."""
        until(lambda: self._waiting() == 0, 15, "the published events were not all received")

    def of_job(self, job_id: str, kind: str = "", topic: str = "") -> list[dict[str, Any]]:
        """The events of a job, of one type (without prefix) and topic where these are given."""
        return [
            message.event
            for message in list(self.messages)
            if message.event["data"].get("job_id") == job_id
            and kind in ("", message.type)
            and (not topic or topic in message.topic)
        ]

    def _waiting(self) -> int:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.stack.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        return sum(int(number) for number in answer["Attributes"].values())

    def _receive(self, wait: int) -> None:
        answer = self.stack.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait)
        for message in answer.get("Messages", []):
            self._take(json.loads(message["Body"]))
            self.stack.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])

    def _take(self, notification: dict[str, Any]) -> None:
        event = json.loads(notification["Message"])
        attributes = {name: given["Value"] for name, given in notification.get("MessageAttributes", {}).items()}
        message = Published(notification["TopicArn"].rsplit(":", 1)[-1], event, attributes)
        self.messages.append(message)
        try:
            check_event(event)
            assert attributes.get("type") == event["type"], f"attributes {attributes} of a {event['type']}"
        except (ValidationError, AssertionError) as error:
            self.mistakes.append(f"{event.get('type')} {event.get('id')}: {str(error)[:1000]}")


@contextmanager
def recorded_events(stack: Stack) -> Iterator[Recorder]:
    """A recorder that runs for as long as the block; queue and subscriptions are gone afterwards."""
    url = stack.sqs.create_queue(QueueName=_QUEUE)["QueueUrl"]
    stack.sqs.purge_queue(QueueUrl=url)
    arn = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(arn)})
    subscriptions = [
        stack.sns.subscribe(TopicArn=stack[topic], Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
        for topic in TOPICS
    ]
    recorder = Recorder(stack, url)
    thread = threading.Thread(target=recorder.record, name="published", daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        recorder.end()
        thread.join(10)
        for subscription in subscriptions:
            stack.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        stack.sqs.delete_queue(QueueUrl=url)


def _policy(queue_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
