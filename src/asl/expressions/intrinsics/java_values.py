"""JSON values as the Java objects that AWS holds them in: their `toString`, their `hashCode`, the order of a `HashSet`.

Format prints values so, ArrayContains compares them so, ArrayUnique gives them in that order.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Hashable
from typing import Any, Final

INT: Final = 1 << 31

ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
MAYBE_FLOAT: Final = re.compile(r"\d[.e]")


def java_text(value: Any) -> str:
    """`String.valueOf`: `{a=1, b=[x, null]}`, `1.0E10`, `true`, `null`; a string is itself."""
    if type(value) is str:
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_float(value)
    if isinstance(value, list):
        return f"[{', '.join(map(java_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={java_text(item)}' for key, item in value.items())}}}"
    return str(value)


def java_float(value: float) -> str:
    """`Double.toString`: plain from 0.001 up to 10,000,000, else with an exponent: `1.0E-4`."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    mantissa, _, exponent = f"{value!r}".partition("e")
    digits = mantissa.replace(".", "").replace("-", "").lstrip("0").rstrip("0") or "0"
    if exponent:
        power = int(exponent)
    else:
        power = (
            len(f"{abs(value):.0f}") - 1
            if abs(value) >= 1
            else -len(mantissa.split(".")[1].rstrip("0")) + len(digits) - 1
        )
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{power}"


def json_text(value: Any) -> str:
    """JSON without blanks, numbers as Java prints them."""
    text = ENCODE(value)
    return _slow_json_text(value) if MAYBE_FLOAT.search(text) else text


def _slow_json_text(value: Any) -> str:
    if isinstance(value, float):
        return java_float(value)
    if isinstance(value, list):
        return f"[{','.join(map(_slow_json_text, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{ENCODE(key)}:{_slow_json_text(item)}' for key, item in value.items())}}}"
    return ENCODE(value)


def java_hash(value: Any) -> int:
    """`hashCode` as an unsigned 32-bit number, of the classes that Jackson reads JSON into."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1231 if value else 1237
    if isinstance(value, str):
        return _polynomial(0, _utf16(value))
    if isinstance(value, int):
        return _int_hash(value)
    if isinstance(value, float):
        return _folded(struct.unpack(">Q", struct.pack(">d", value))[0])
    if isinstance(value, list):
        return _polynomial(1, [java_hash(item) for item in value])
    return sum(java_hash(key) ^ java_hash(item) for key, item in value.items()) & 0xFFFFFFFF


def _int_hash(value: int) -> int:
    if -INT <= value < INT:
        return value & 0xFFFFFFFF
    return _folded(value & 0xFFFFFFFFFFFFFFFF)


def _folded(bits: int) -> int:
    return (bits ^ (bits >> 32)) & 0xFFFFFFFF


def _utf16(text: str) -> list[int]:
    encoded = text.encode("utf-16-be", "surrogatepass")
    return list(struct.unpack(f">{len(encoded) // 2}H", encoded))


def _polynomial(start: int, parts: list[int]) -> int:
    for part in parts:
        start = (31 * start + part) & 0xFFFFFFFF
    return start


def identity(value: Any) -> Hashable:
    """A key that is equal for values that `equals` calls equal: 1 is not 1.0, an object's order does not matter."""
    if isinstance(value, list):
        return ("list", tuple(map(identity, value)))
    if isinstance(value, dict):
        return ("dict", frozenset((key, identity(item)) for key, item in value.items()))
    return (type(value).__name__, value)


def hash_set(values: list[Any]) -> list[Any]:
    """The different values in the order of `new HashSet<>(values)`."""
    capacity = 16
    while capacity < len(values) / 0.75 + 1:
        capacity *= 2
    different: dict[Hashable, Any] = {}
    for value in values:
        different.setdefault(identity(value), value)
    buckets: dict[int, list[Any]] = {}
    for value in different.values():
        code = java_hash(value)
        buckets.setdefault((code ^ (code >> 16)) & (capacity - 1), []).append(value)
    return [value for bucket in sorted(buckets) for value in buckets[bucket]]
