"""What a distributed Map needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol


class Readable(Protocol):
    """An open file, binary or text."""

    def read(self, size: int = -1, /) -> bytes | str: ...


Body = bytes | bytearray | memoryview | str | Readable | Iterable[Any]
"""An object's content: text or bytes, an open file, an iterable of chunks of bytes, or values that are parsed already.

An iterable whose first element is not bytes holds values: text that comes in pieces must be encoded or joined.
"""

OpenObject = Callable[[str, str], Body]
"""(bucket, key) → the object's content. For manifests and LOAD_AND_FLATTEN, which name further objects."""


class ItemReader(Protocol):
    """Fetches a dataset."""

    def __call__(self, resource: str, parameters: Mapping[str, Any], config: Mapping[str, Any], /) -> Body:
        """The content that `resource` gives for `parameters`.

        `resource` is `arn:aws:states:::s3:getObject` (parameters Bucket, Key, perhaps VersionId: one object's content)
        or `arn:aws:states:::s3:listObjectsV2` (Bucket, perhaps Prefix: the objects, or pages of the API's answer, as
        dictionaries in S3's form). `config` is the evaluated ReaderConfig. What cannot be read is raised as
        `asl.errors.ItemReaderFailed`.
        """


class ResultWriter(Protocol):
    """Stores a Map Run's results."""

    def put(self, bucket: str, key: str, content: bytes, /) -> None:
        """Store `content`. What cannot be written is raised as `asl.errors.ResultWriterFailed`."""
