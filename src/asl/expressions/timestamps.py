"""Timestamps as Choice rules compare them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)

Moment = tuple[datetime, str]
"""A second in UTC and the digits after the decimal point without trailing zeros: exact, and ordered as time is."""


def moment(value: Any) -> Moment | None:
    """The moment that a value names if it is a string in RFC 3339 with upper-case `T`, and `Z` or an offset; else None.

    Source: the comparison operators of Choice in the Amazon States Language. "2012-10-09T19:00:55Z" and
    "2012-10-09T20:00:55.000+01:00" are the same moment; "2012-10-09", "2012-10-09 19:00:55Z" and numbers are none.
    """
    match = _RFC3339.fullmatch(value) if value.__class__ is str else None
    if match is None:
        return None
    text, fraction, sign, hours, minutes = match.groups()
    zone = UTC
    if sign is not None:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC), (fraction or "").rstrip("0")
    except (ValueError, OverflowError):  # the 30th of February; a year outside 1 to 9999
        return None
