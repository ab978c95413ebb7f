"""States.Array, ArrayPartition, ArrayContains, ArrayRange, ArrayGetItem, ArrayLength, ArrayUnique."""

from __future__ import annotations

from typing import Any, Final

from asl.expressions.intrinsics.arguments import array, refused, truncated
from asl.expressions.intrinsics.java_values import hash_set, java_text

LONGEST_RANGE: Final = 1_000


def of(*values: Any) -> list[Any]:
    return list(values)


def partition(values: Any, size: Any) -> list[Any]:
    values, size = array("ArrayPartition", values), truncated("ArrayPartition", size)
    if size < 1:
        raise refused("ArrayPartition")
    return [values[start : start + size] for start in range(0, len(values), size)]


def contains(values: Any, sought: Any) -> bool:
    """AWS compares texts: 1 is found as "1" too, an object only with its members in the same order."""
    values, text = array("ArrayContains", values), java_text(sought)
    return text in values or any(java_text(value) == text for value in values)


def span(first: Any, last: Any, step: Any) -> list[int]:
    """Both ends are included."""
    first, last, step = (truncated("ArrayRange", number) for number in (first, last, step))
    if step == 0:
        raise refused("ArrayRange")
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > LONGEST_RANGE:
        raise refused("ArrayRange")
    return list(numbers)


def item(values: Any, index: Any) -> Any:
    """The item at a 0-based index; AWS gives null for any index of an empty array."""
    values, index = array("ArrayGetItem", values), truncated("ArrayGetItem", index)
    if 0 <= index < len(values):
        return values[index]
    if values or index < 0:
        raise refused("ArrayGetItem")
    return None


def length(values: Any) -> int:
    return len(array("ArrayLength", values))


def unique(values: Any) -> list[Any]:
    """In the order of a Java `HashSet`, as AWS does."""
    return hash_set(array("ArrayUnique", values))
