"""When a distributed Map's failed items make it fail, and which limits a definition may give.

Source: "Setting failure thresholds" (concepts-map-process-modes) and the recordings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from asl.errors import ExceedToleratedFailureThreshold, RuntimeFailure
from asl.json_values import compact


@dataclass(frozen=True, slots=True)
class Tolerance:
    """ToleratedFailureCount and ToleratedFailurePercentage; None: not given. With neither, no failure is tolerated."""

    count: int | None = None
    percentage: float | None = None

    def exceeded(self, failed: int, total: int | None) -> bool:
        """Whether `failed` items of `total` are too many; passing either limit is. `total` None: not known yet."""
        if self.count is None and self.percentage is None:
            return failed > 0
        if self.count is not None and failed > self.count:
            return True
        return self.percentage is not None and total is not None and failed * 100 > self.percentage * total

    def check(self, failed: int, total: int | None) -> None:
        """Raise `ExceedToleratedFailureThreshold` if `exceeded`."""
        if self.exceeded(failed, total):
            raise ExceedToleratedFailureThreshold


def tolerated_count(value: int) -> int:
    """ToleratedFailureCount. Raises `RuntimeFailure` in AWS's words."""
    if value < 0:
        raise RuntimeFailure("ToleratedFailureCount cannot be negative.")
    return value


def tolerated_percentage(value: float) -> float:
    """ToleratedFailurePercentage. Raises `RuntimeFailure` in AWS's words."""
    if not 0 <= value <= 100:
        raise RuntimeFailure("ToleratedFailurePercentage must be between 0 and 100.")
    return float(value)


def integer_at(field: str, path: str, value: Any) -> int:
    """What a field such as MaxItemsPath or ToleratedFailureCountPath found, as an integer: `2` and `"2"` are 2.

    Raises `RuntimeFailure` in AWS's words, which name `field` and `path`.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit():
        return int(value)
    raise _invalid(field, path, value, "integer")


def float_at(field: str, path: str, value: Any) -> float:
    """What a field such as ToleratedFailurePercentagePath found, as a number: `1.5` and `"1.5"` are 1.5.

    Raises `RuntimeFailure` in AWS's words, which name `field` and `path`.
    """
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            raise _invalid(field, path, value, "float") from None
        if math.isfinite(number):
            return number
    raise _invalid(field, path, value, "float")


def _invalid(field: str, path: str, value: Any, kind: str) -> RuntimeFailure:
    text = value if isinstance(value, str) else compact(value)
    return RuntimeFailure(f'The {field} field refers to value "{text}" which is not a valid {kind}: {path}')
