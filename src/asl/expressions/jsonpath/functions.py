"""The functions that may end a path: `$.items.length()`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

NOTHING: Final = object()
"""What a function gives for a value that it does not apply to."""


def _numbers(value: Any) -> list[float]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, int | float) and not isinstance(item, bool)]


def _length(value: Any) -> Any:
    return len(value) if isinstance(value, list | dict | str) else NOTHING


def _keys(value: Any) -> Any:
    return list(value) if isinstance(value, dict) else NOTHING


def _of_numbers(function: Callable[[list[float]], float]) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        numbers = _numbers(value)
        return float(function(numbers)) if numbers else NOTHING

    return apply


def _average(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def _deviation(numbers: list[float]) -> float:
    average = _average(numbers)
    return math.sqrt(sum((number - average) ** 2 for number in numbers) / len(numbers))


FUNCTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "length": _length,
    "size": _length,
    "keys": _keys,
    "min": _of_numbers(min),
    "max": _of_numbers(max),
    "sum": _of_numbers(sum),
    "avg": _of_numbers(_average),
    "stddev": _of_numbers(_deviation),
}
