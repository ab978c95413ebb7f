"""What the functions say when they refuse their arguments, and how they read numbers."""

from __future__ import annotations

from typing import Any, Final

from asl.errors import IntrinsicFailure

SMALLEST: Final = -(1 << 31)
LARGEST: Final = (1 << 31) - 1
LONGEST: Final = 10_000
"""Characters that Base64Encode, Base64Decode and Hash take."""


def refused(name: str, detail: str = "") -> IntrinsicFailure:
    """AWS's text: "Invalid arguments in States.MathAdd"."""
    return IntrinsicFailure(f"Invalid arguments in States.{name}{detail}")


def array(name: str, value: Any) -> list[Any]:
    if type(value) is not list:
        raise refused(name)
    return value


def string(name: str, value: Any) -> str:
    if type(value) is not str:
        raise refused(name)
    return value


def truncated(name: str, value: Any) -> int:
    """A number without its fraction, within 32 bits, as all functions but MathAdd read numbers."""
    if type(value) is not int and (type(value) is not float or value != value or abs(value) > LARGEST + 1):
        raise refused(name)
    whole = int(value)
    if not SMALLEST <= whole <= LARGEST:
        raise refused(name)
    return whole


def short_text(name: str, value: str) -> str:
    if len(value) > LONGEST:
        raise refused(name)
    return value
