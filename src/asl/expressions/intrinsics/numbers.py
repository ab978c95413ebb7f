"""States.MathAdd, MathRandom."""

from __future__ import annotations

import math
from typing import Any, Final

from asl.expressions.expression import Scope
from asl.expressions.intrinsics.arguments import LARGEST, SMALLEST, refused, truncated

MULTIPLIER: Final = 0x5DEECE66D
MASK: Final = (1 << 48) - 1


def add(first: Any, second: Any) -> int:
    """The sum of two numbers, each rounded first, halves up (-1.5 is -1), all within 32 bits."""
    total: int = (first if type(first) is int else _rounded(first)) + (
        second if type(second) is int else _rounded(second)
    )
    if not SMALLEST <= total <= LARGEST or not (_fits(first) and _fits(second)):
        raise refused("MathAdd")
    return total


def _rounded(value: Any) -> int:
    if type(value) is not float or not math.isfinite(value):
        raise refused("MathAdd")
    return math.floor(value + 0.5)


def _fits(value: float) -> bool:
    return SMALLEST <= value <= LARGEST


def random(scope: Scope, start: Any, end: Any, *seed: Any) -> int:
    """An integer from `start` up to, not including, `end`; with a seed always the same (that of `java.util.Random`)."""
    first, last = truncated("MathRandom", start), truncated("MathRandom", end)
    if first >= last:
        raise refused("MathRandom")
    if not seed:
        return first + int(scope.randomness.random() * (last - first))
    return first + _seeded(truncated("MathRandom", seed[0]), last - first)


def _seeded(seed: int, bound: int) -> int:
    """The first number below `bound` of Java's generator."""
    state = (seed ^ MULTIPLIER) & MASK
    while True:
        state = (state * MULTIPLIER + 0xB) & MASK
        bits = state >> 17
        if bound & (bound - 1) == 0:
            return (bound * bits) >> 31
        value = bits % bound
        if bits - value + bound - 1 < 1 << 31 or bound >= 1 << 31:
            return value
