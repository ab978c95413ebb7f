"""What lets a receiver recognise an event as ours, whole and new. docs/subscriptions.md has the receiver's side."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence

HEADER = "X-Fileferry-Signature"


def new_secret() -> str:
    """256 random bits as text."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def signature(keys: Sequence[str], body: bytes, timestamp: int) -> str:
    """The header's value: `t=<timestamp>,v1=<hex>`, with one `v1` for each secret that is valid.

    `<hex>` is HMAC-SHA256 with the UTF-8 bytes of the secret over `<timestamp>.<body>`; `timestamp` is in seconds since
    the epoch. A receiver accepts the request when one `v1` fits and the timestamp is fresh.
    """
    message = f"{timestamp}.".encode() + body
    digests = (hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in keys)
    return ",".join([f"t={timestamp}", *(f"v1={digest}" for digest in digests)])
