"""The messages of `ingest.fifo`: an object was created, or a job may start now."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from fileferry.errors import FerryError


class MalformedMessage(FerryError):
    """A message that no producer of ours sends; it goes to the dead-letter queue as it is."""


@dataclass(frozen=True)
class ObjectCreated:
    """An object version in the ingest bucket; `key` is raw, `version_id` empty when the event had none."""

    bucket: str
    key: str
    version_id: str
    size: int
    etag: str
    sequencer: str


@dataclass(frozen=True)
class StartJob:
    """A RECEIVED job whose turn may have come."""

    job_id: str


def object_message(created: ObjectCreated) -> str:
    """The body that parse_message reads; the same form as the rule's InputTransformer makes."""
    return json.dumps(asdict(created), ensure_ascii=False)


def parse_message(body: str) -> ObjectCreated | StartJob:
    """Raises MalformedMessage that says which member is missing or wrong."""
    try:
        value = json.loads(body)
    except json.JSONDecodeError as error:
        raise MalformedMessage(f"The message is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise MalformedMessage(f"The message is a JSON {type(value).__name__}, not an object.")
    if "start" in value:
        return StartJob(_text(value, "start"))
    size = value.get("size", 0)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise MalformedMessage(f"Member 'size' must be a number of bytes, not {size!r}.")
    return ObjectCreated(
        bucket=_text(value, "bucket"),
        key=_text(value, "key"),
        version_id=str(value.get("version_id") or ""),
        size=size,
        etag=str(value.get("etag") or ""),
        sequencer=str(value.get("sequencer") or ""),
    )


def _text(value: dict[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text:
        raise MalformedMessage(
            f"Member {name!r} must be a text that is not empty, not {text!r}.",
            todo="see events/router.json for the form; the rule's InputTransformer in template.yaml makes it.",
        )
    return text
