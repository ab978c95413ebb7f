"""Hands on the ingest queue: its messages held back, read, deleted, and sent again as SQS may deliver them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.stack import Stack
from tests.waiting import until

ROUTER = "fileferry-router"
_SETTLING_SECONDS = 20


@dataclass(frozen=True)
class Held:
    """A message as it waited in the queue."""

    group: str
    body: str


class IngestQueue:
    """The queue before the router."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._url = stack["IngestQueueUrl"]

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """The router gets nothing for as long as the block runs."""
        functions = self._stack.functions
        mappings = functions.list_event_source_mappings(FunctionName=f"{ROUTER}:live")["EventSourceMappings"]
        (mapping,) = [found for found in mappings if "ingest" in found["EventSourceArn"]]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    def taken(self, count: int) -> list[Held]:
        """Receive and delete `count` messages, in the order of their groups."""
        found: list[Held] = []

        def receive() -> bool:
            names: Any = ["MessageGroupId"]
            answer = self._stack.sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=names
            )
            for message in answer.get("Messages", []):
                found.append(Held(message["Attributes"]["MessageGroupId"], message["Body"]))
                self._stack.sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return len(found) >= count

        until(receive, 60, f"{count} messages were to come")
        return found

    def send(self, message: Held, deduplication: str = "") -> None:
        """Send with this deduplication id; by default with one of its own, as after the window of five minutes."""
        self._stack.sqs.send_message(
            QueueUrl=self._url,
            MessageBody=message.body,
            MessageGroupId=message.group,
            MessageDeduplicationId=deduplication or uuid.uuid4().hex,
        )

    @contextmanager
    def impatient(self, seconds: int = 1) -> Iterator[None]:
        """A failed message comes again after `seconds`, not after the many minutes of the template."""
        answer = self._stack.sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["VisibilityTimeout"])
        self._set_visibility(str(seconds))
        try:
            yield
        finally:
            self._set_visibility(answer["Attributes"]["VisibilityTimeout"])

    def _set_visibility(self, seconds: str) -> None:
        self._stack.sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"VisibilityTimeout": seconds})

    def is_empty(self) -> bool:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._stack.sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        return all(number == "0" for number in answer["Attributes"].values())

    def dead_letters(self) -> list[str]:
        """The bodies in the dead-letter queue, which are taken out."""
        url, bodies = self._stack["IngestDlqUrl"], []
        for message in self._stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            bodies.append(message["Body"])
            self._stack.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies
