"""States.Base64Encode, Base64Decode, Hash, UUID."""

from __future__ import annotations

import base64
import re
from typing import Any, Final

from asl.expressions.expression import Scope
from asl.expressions.intrinsics.arguments import refused, short_text, string
from asl.expressions.intrinsics.java_values import java_text

ALGORITHMS: Final = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/\-_]")


def encoded(text: Any) -> str:
    text = short_text("Base64Encode", string("Base64Encode", text))
    return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")


def decoded(text: Any) -> str:
    """Lenient as AWS: foreign characters are skipped, the first `=` ends it, an incomplete group gives what it has."""
    text = short_text("Base64Decode", string("Base64Decode", text))
    digits = NOT_BASE64.sub("", text.partition("=")[0]).replace("-", "+").replace("_", "/")
    digits = digits[:-1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-8", "replace")


def hashed(data: Any, algorithm: Any) -> str:
    """The hexadecimal digest; a value that is no string is hashed as it is printed."""
    name = ALGORITHMS.get(string("Hash", algorithm))
    if name is None:
        raise refused("Hash")
    import hashlib  # takes 2 ms, and few workflows hash

    return hashlib.new(
        name, short_text("Hash", java_text(data)).encode("utf-8", "replace"), usedforsecurity=False
    ).hexdigest()


def uuid(scope: Scope) -> str:
    return scope.randomness.uuid()
