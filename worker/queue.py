"""The queue `work.fifo` and its dead-letter queue, as the worker uses them."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

WAIT_SECONDS = 20
"""The longest that SQS waits for a message (SQS developer guide, "long polling")."""
_MOST = 10
"""Messages of one ReceiveMessage (SQS API reference)."""
_LONGEST_REASON = 1000
_CONTROLS = re.compile(r"[\x00-\x1f\ufffe\uffff]")
"""Characters that SQS takes in no message (SQS API reference, "SendMessage"), and line ends."""


@dataclass(frozen=True)
class Message:
    """A message of `work.fifo`. `group` is the job's id; `received` is when it came, by the monotonic clock."""

    id: str
    body: str
    group: str
    receipt: str
    received: float

    @property
    def age(self) -> float:
        """Seconds since it was received."""
        return time.monotonic() - self.received


class WorkQueue:
    """Takes messages, keeps them while they are worked on, gives them back, and buries those that are hopeless."""

    def __init__(self, sqs: SQSClient, url: str, dead_letter_url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._dead_letter_url = dead_letter_url

    def receive(self, most: int, visibility: int, wait: int = WAIT_SECONDS) -> list[Message]:
        """Up to `most` messages, at most one of each group, invisible to others for `visibility` seconds.

        Further messages of a group are given back: they come when the first one is done.
        """
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(most, _MOST),
            WaitTimeSeconds=wait,
            VisibilityTimeout=visibility,
            MessageSystemAttributeNames=["MessageGroupId"],
        )
        at = time.monotonic()
        messages: dict[str, Message] = {}
        for found in answer.get("Messages", []):
            group = found.get("Attributes", {}).get("MessageGroupId", "")
            message = Message(found["MessageId"], found["Body"], group, found["ReceiptHandle"], at)
            if messages.setdefault(group, message) is not message:
                self.show_in(message, 0)
        return list(messages.values())

    def show_in(self, message: Message, seconds: int) -> None:
        """Let the message be visible again `seconds` from now."""
        self._sqs.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=max(0, seconds)
        )

    def delete(self, message: Message) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def bury(self, message: Message, facts: Mapping[str, str]) -> None:
        """Send the message to the dead-letter queue with `facts` (reason …) as attributes; delete it afterwards.

        A repeat within SQS's window of five minutes sends nothing more.
        """
        self._sqs.send_message(
            QueueUrl=self._dead_letter_url,
            MessageBody=message.body,
            MessageGroupId=message.group or "malformed",
            MessageDeduplicationId=hashlib.sha256(message.id.encode()).hexdigest(),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": _CONTROLS.sub(" ", value)[:_LONGEST_REASON]}
                for name, value in facts.items()
                if value
            },
        )
