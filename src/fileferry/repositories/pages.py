"""Pages of a listing, and the opaque cursors between them.

A cursor holds a position inside one listing only: the partition is always taken from the request, so that
a cursor from elsewhere, or one made by hand, can never lead into another tenant's records.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from botocore.exceptions import ClientError

from fileferry.errors import FerryError

T = TypeVar("T")

_LONGEST_CURSOR = 4000
_LONGEST_PART = 1024
"""Bytes. Sort keys end at 1024 (DynamoDB Developer Guide, "Quotas"), what stands before a part included; so do the
page tokens of Step Functions (API reference, "GetExecutionHistory")."""


class BadCursor(FerryError):
    """The cursor was not made by this listing."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some records in their order; `cursor` leads to the next page and is None on the last."""

    items: tuple[T, ...]
    cursor: str | None = None


def encode_cursor(listing: str, position: Mapping[str, str]) -> str:
    """`position` in the listing of this name as text that is safe in a URL."""
    text = json.dumps({"listing": listing, "position": dict(position)}, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(listing: str, cursor: str, names: frozenset[str]) -> dict[str, str]:
    """The position that `encode_cursor` was given. Raises BadCursor unless it has exactly these `names`."""
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        position = found["position"]
        fits = isinstance(position, dict) and found["listing"] == listing and set(position) == names
        if not fits or not all(map(_is_part, position.values())):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error) as error:
        raise BadCursor(
            "The cursor does not belong to this listing.",
            todo="pass on `cursor` of the page before, with the same filters, or leave it out to begin anew.",
        ) from error
    return {str(name): str(value) for name, value in position.items()}


@contextmanager
def refusing_starts(start: object) -> Iterator[None]:
    """Raises BadCursor where DynamoDB refuses the `start` of a query: it lies outside of the key condition."""
    try:
        yield
    except ClientError as error:
        if start and error.response["Error"]["Code"] == "ValidationException":
            raise BadCursor("The cursor lies outside what is asked for.", todo="begin anew.") from error
        raise


def _is_part(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.encode()) <= _LONGEST_PART
