"""The intrinsic functions by name, with how many arguments they take and how large their values can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from asl.expressions.intrinsics import arrays, encoding, json_values, numbers, strings

Size = Literal["unknown", "small", "all", "first"]
"""How a value's size follows from the arguments': not at all, a bound of its own, their sum, or at most the first's."""


@dataclass(frozen=True, slots=True)
class Function:
    """`apply` gets the arguments, the scope before them if `scoped`; `largest` bounds a `small` value's bytes."""

    apply: Callable[..., Any]
    least: int
    most: int | None
    size: Size = "unknown"
    largest: int = 0
    scoped: bool = False


FUNCTIONS: Final[dict[str, Function]] = {
    "Array": Function(arrays.of, 0, None, "all"),
    "ArrayContains": Function(arrays.contains, 2, 2, "small", 5),
    "ArrayGetItem": Function(arrays.item, 2, 2, "first"),
    "ArrayLength": Function(arrays.length, 1, 1, "small", 20),
    "ArrayPartition": Function(arrays.partition, 2, 2),
    "ArrayRange": Function(arrays.span, 3, 3, "small", 12_002),
    "ArrayUnique": Function(arrays.unique, 1, 1, "first"),
    "Base64Decode": Function(encoding.decoded, 1, 1),
    "Base64Encode": Function(encoding.encoded, 1, 1),
    "Format": Function(strings.formatted, 1, None),
    "Hash": Function(encoding.hashed, 2, 2, "small", 130),
    "JsonMerge": Function(json_values.merged, 3, 3),
    "JsonToString": Function(json_values.printed, 1, 1),
    "MathAdd": Function(numbers.add, 2, 2, "small", 11),
    "MathRandom": Function(numbers.random, 2, 3, "small", 11, scoped=True),
    "StringSplit": Function(strings.split, 2, 2),
    "StringToJson": Function(json_values.parsed, 1, 1),
    "UUID": Function(encoding.uuid, 0, 0, "small", 38, scoped=True),
}
