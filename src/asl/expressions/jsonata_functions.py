"""The functions that Step Functions adds to JSONata.

Source: "JSONata functions provided by Step Functions" in the page "Transforming data with JSONata in Step Functions".
The arguments have been checked against the signatures of `SIGNATURES` when a function is called; an argument is None
where the expression gave nothing for it, and then the result is nothing too, as with JSONata's own functions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from math import floor
from typing import Any

from asl.expressions.expression import Randomness

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
LONGEST_RANGE = 10_000_000
"""JSONata's own bound of the range operator (D2014)."""

SIGNATURES = {
    "partition": "<an:a>",
    "range": "<nnn:x>",
    "hash": "<ss:s>",
    "random": "<n?:n>",
    "uuid": "<:s>",
    "parse": "<s:x>",
}


class FunctionRefusal(Exception):
    """A function refuses its arguments: `code` and `message` go into the cause as those of JSONata's own errors."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def partition(items: list[Any] | None, size: float | None) -> list[list[Any]] | None:
    """`$partition(array, size)`: the array in pieces of `size`; the last may be shorter."""
    if items is None or size is None:
        return None
    length = floor(size)
    if length < 1:
        raise _mismatch("partition", 2)
    return [items[start : start + length] for start in range(0, len(items), length)]


def number_range(first: float | None, last: float | None, step: float | None) -> list[float] | float | None:
    """`$range(first, last, step)`: the numbers from first to last, both included where the step lands on them.

    It is a sequence in JSONata's sense: one number stands alone (recorded from AWS), none is nothing.
    """
    if first is None or last is None or step is None:
        return None
    if step == 0:
        raise _mismatch("range", 3)
    count = floor((last - first) / step) + 1
    if count > LONGEST_RANGE:
        raise FunctionRefusal(
            "D2014",
            "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  "
            f"Attempted to allocate {count}.",
        )
    numbers = [first + index * step for index in range(count)]
    return numbers if count > 1 else next(iter(numbers), None)


def digest(text: str | None, algorithm: str | None) -> str | None:
    """`$hash(text, algorithm)`: the digest of the text's UTF-8 bytes in hexadecimal."""
    if text is None or algorithm is None:
        return None
    if algorithm not in ALGORITHMS:
        raise _mismatch("hash", 2)
    return hashlib.new(ALGORITHMS[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def seeded_random(seed: float) -> float:
    """The first `nextDouble()` of `java.util.Random(seed)`, which is what AWS answers: 0.7275636800328681 for 42."""
    mask = (1 << 48) - 1
    state = (int(seed) ^ 0x5DEECE66D) & mask
    state = (state * 0x5DEECE66D + 0xB) & mask
    high = state >> 22
    state = (state * 0x5DEECE66D + 0xB) & mask
    return float(((high << 27) + (state >> 21)) / (1 << 53))


def parsed(text: str | None) -> dict[str, Any] | None:
    """The value of the JSON text as `{"v": value}`: a function cannot give JSONata a bare null."""
    if text is None:
        return None
    try:
        return {"v": json.loads(text, parse_constant=_refuse_constant)}
    except ValueError as error:
        raise _mismatch("parse", 1) from error


def host_functions(randomness: Callable[[], Randomness]) -> dict[str, Callable[..., Any]]:
    """The functions by their names without `$`; `randomness` gives the running evaluation's source of chance."""

    def random(seed: float | None = None) -> float:
        return randomness().random() if seed is None else seeded_random(seed)

    def uuid() -> str:
        return randomness().uuid()

    return {
        "partition": partition,
        "range": number_range,
        "hash": digest,
        "random": random,
        "uuid": uuid,
        "parse": parsed,
    }


def _mismatch(function: str, argument: int) -> FunctionRefusal:
    return FunctionRefusal("T0410", f'Argument {argument} of function "{function}" does not match function signature')


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
