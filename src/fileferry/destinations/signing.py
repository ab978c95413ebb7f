"""What lets a receiver recognise a request as ours, whole and new. docs/destinations.md has the receiver's side."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote


def signature(secret: str, sha256: str, timestamp: int) -> str:
    """The value of X-Fileferry-Signature: `t=<timestamp>,v1=<hex>`.

    `<hex>` is HMAC-SHA256 with the UTF-8 bytes of `secret` over the ASCII text `<timestamp>.<sha256>`, where
    `timestamp` is in seconds since the epoch and `sha256` the lower-case hex SHA-256 of the body. The receiver
    hashes the body that it got, computes the same, compares in constant time, and refuses old timestamps.
    """
    message = f"{timestamp}.{sha256}".encode()
    return f"t={timestamp},v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def content_digest(sha256: str) -> str:
    """The value of Content-Digest (RFC 9530) for a body with this SHA-256 in hex."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def stated_sha256(digests: str) -> str:
    """SHA-256 in hex that a Content-Digest or Repr-Digest header states; empty when it states none."""
    for member in digests.split(","):
        name, _, value = member.strip().partition("=")
        if name.lower() == "sha-256" and value.startswith(":") and value.endswith(":"):
            try:
                return base64.b64decode(value[1:-1], validate=True).hex()
            except ValueError:
                return ""
    return ""


def encoded_name(name: str) -> str:
    """`name` percent-encoded as UTF-8 (RFC 3986), as it stands in paths and in X-Fileferry-File-Name."""
    return quote(name, safe="")
