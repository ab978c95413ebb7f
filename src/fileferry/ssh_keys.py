"""SSH public keys as one line of text: read and checked without a cryptographic library.

The form is OpenSSH's `TYPE BASE64 [COMMENT]`, whose blob is RFC 4253, section 6.6 (RSA), RFC 5656, section 3.1
(ECDSA) or RFC 8709, section 4 (Ed25519). Whether a point lies on its curve is left to the login.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

_CURVES = {"nistp256": 65, "nistp384": 97, "nistp521": 133}
"""Curve → length of an uncompressed point in bytes."""
_TYPES = ("ssh-ed25519", "ssh-rsa", *(f"ecdsa-sha2-{curve}" for curve in _CURVES))
_RSA_BITS = (2048, 16_384)


class NotAPublicKey(ValueError):
    """The text is no usable SSH public key; the message says why, and never repeats the text."""


@dataclass(frozen=True)
class SshPublicKey:
    """`blob` in base64, as it stands in authorized_keys."""

    type: str
    blob: str

    @property
    def line(self) -> str:
        """The key without its comment."""
        return f"{self.type} {self.blob}"

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` as OpenSSH shows it (`ssh-keygen -l`): base64 of the blob's SHA-256 without padding."""
        digest = hashlib.sha256(base64.b64decode(self.blob)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def parse_public_key(text: str) -> SshPublicKey:
    """The key in `text`. Raises NotAPublicKey."""
    if "PRIVATE KEY" in text:
        raise NotAPublicKey("is a private key; give the public one (the .pub file), and replace the private key")
    words = text.split(maxsplit=2)
    if "\n" in text.strip() or len(words) < 2:
        raise NotAPublicKey("must be one line of the form `ssh-ed25519 AAAA… comment`")
    kind, blob = words[:2]
    if kind not in _TYPES:
        if words[1] in _TYPES:
            raise NotAPublicKey(f"must begin with the key's type, {words[1]}, without what stands before it")
        raise NotAPublicKey(f"must begin with one of the types {', '.join(_TYPES)}")
    try:
        fields = _fields(base64.b64decode(blob, validate=True))
    except (binascii.Error, IndexError) as error:
        raise NotAPublicKey("is cut off or damaged: its base64 part cannot be read") from error
    _check(kind, fields)
    return SshPublicKey(kind, blob)


def _fields(blob: bytes) -> list[bytes]:
    """The length-prefixed strings of a blob. Raises IndexError when one is cut off."""
    fields = []
    while blob:
        end = 4 + int.from_bytes(blob[:4], "big")
        if len(blob) < max(end, 4):
            raise IndexError
        fields.append(blob[4:end])
        blob = blob[end:]
    return fields


def _check(kind: str, fields: list[bytes]) -> None:
    if not fields or fields[0] != kind.encode():
        raise NotAPublicKey(f"says {kind} but holds a key of another type")
    body = fields[1:]
    if kind == "ssh-ed25519":
        fits = [len(field) for field in body] == [32]
    elif kind == "ssh-rsa":
        fits = len(body) == 2
        bits = int.from_bytes(body[-1], "big").bit_length() if fits else 0
        if fits and not _RSA_BITS[0] <= bits <= _RSA_BITS[1]:
            raise NotAPublicKey(f"is an RSA key of {bits} bits; {_RSA_BITS[0]} to {_RSA_BITS[1]} are taken")
    else:
        curve = kind.removeprefix("ecdsa-sha2-")
        fits = len(body) == 2 and body[0] == curve.encode() and len(body[1]) == _CURVES[curve] and body[1][0] == 4
    if not fits:
        raise NotAPublicKey(f"is damaged: it does not have the parts of a key of type {kind}")
