"""Every event that is published in tests is checked against `events/schemas/`.

`CheckedSns` stands between the notifier and a real (moto's, the emulator's) SNS client; `check_event` checks one
message that came by any other way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parents[1] / "events" / "schemas"
_PREFIX = "https://fileferry.dev/schemas/"
MAX_MESSAGE_BYTES = 256 * 1024
"""What SNS takes in one message, attributes included."""


@dataclass(frozen=True)
class Published:
    """One message as it went to SNS; `topic` is the topic's name."""

    topic: str
    event: dict[str, Any]
    attributes: dict[str, str]

    @property
    def type(self) -> str:
        return str(self.event["type"]).removeprefix("fileferry.")


@lru_cache(maxsize=1)
def schemas() -> dict[str, dict[str, Any]]:
    """Schema by file name without `.json`."""
    return {path.stem: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}


@lru_cache(maxsize=1)
def _registry() -> Registry[Any]:
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas().values())


@lru_cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schemas()[name], registry=_registry(), format_checker=FormatChecker())


def check_event(event: Mapping[str, Any]) -> None:
    """Raises jsonschema.ValidationError when envelope or data break the schema that the event itself names."""
    _validator("CloudEvent").validate(event)
    name = str(event["dataschema"]).removeprefix(_PREFIX).removesuffix(".json")
    assert event["type"] == f"fileferry.{name}", f"{event['type']} names the schema of {name}"
    _validator(name).validate(event["data"])


class CheckedSns:
    """An SNS client that checks what is published, keeps it in `published`, and passes it on."""

    def __init__(self, sns: Any) -> None:
        self._sns = sns
        self.published: list[Published] = []

    def publish(self, **arguments: Any) -> Any:
        self._check(arguments["TopicArn"], arguments)
        return self._sns.publish(**arguments)

    def publish_batch(self, **arguments: Any) -> Any:
        for entry in arguments["PublishBatchRequestEntries"]:
            self._check(arguments["TopicArn"], entry)
        return self._sns.publish_batch(**arguments)

    def of_type(self, kind: str, topic: str = "events") -> list[dict[str, Any]]:
        """The events of a type that went to a topic, in their order."""
        return [message.event for message in self.published if (message.type, message.topic) == (kind, topic)]

    def _check(self, topic: str, message: Mapping[str, Any]) -> None:
        event = json.loads(message["Message"])
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        check_event(event)
        assert attributes["type"] == event["type"]
        assert len(message["Message"].encode()) + len(str(attributes)) <= MAX_MESSAGE_BYTES
        self.published.append(Published(topic.rsplit(":", 1)[-1], event, attributes))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sns, name)
