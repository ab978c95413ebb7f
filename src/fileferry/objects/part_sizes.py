"""How long the parts of an upload are.

Limits: a multipart upload has at most 10,000 parts of 5 MiB to 5 GiB, only the last may be smaller, and an object
48.8 TiB (Amazon S3 user guide, "Amazon S3 multipart upload limits").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fileferry.errors import ConfigurationError
from fileferry.home import MIB, Transfer

MIN_PART = 5 * MIB
MAX_PART = 5 * 1024**3
MAX_PARTS = 10_000
_STEADY = 5_000
_STEP = 500


@dataclass(frozen=True)
class PartSizes:
    """The length in bytes of each part of an upload, by its number from 1: `first`, and for all the same.

    Where the size is estimated the upload may need more parts than were thought: with `growing` they double from
    part 5,001 on, every 500 parts, so that 10,000 parts hold a thousand times what 10,000 equal ones do, up to the
    limit of a part.
    """

    first: int
    growing: bool = False

    def length(self, number: int) -> int:
        """Raises ConfigurationError for a part that S3 does not take."""
        if number > MAX_PARTS:
            raise ConfigurationError(
                f"The output is larger than the {MAX_PARTS} parts that S3 takes.", todo="have smaller files sent."
            )
        doublings = max(0, -(-(number - _STEADY) // _STEP)) if self.growing else 0
        return min(MAX_PART, self.first << doublings)

    def ranges(self, size: int) -> Iterator[tuple[int, int, int]]:
        """(number, first byte, length) of each part of an object of `size` bytes."""
        number, start = 1, 0
        while start < size:
            length = min(self.length(number), size - start)
            yield number, start, length
            number, start = number + 1, start + length

    def count(self, size: int) -> int:
        """The number of parts of an object of `size` bytes; more than 10,000 where they do not hold it."""
        number, left = 0, size
        while left > 0 and number <= MAX_PARTS:
            number += 1
            left -= self.length(min(number, MAX_PARTS))
        return number


def exact_sizes(size: int, transfer: Transfer) -> PartSizes:
    """Equal parts for an object of a known size: as many at once as the transfer has lanes, if S3's limits allow."""
    return PartSizes(_part(size, MAX_PARTS, transfer))


def estimated_sizes(hint: int, transfer: Transfer) -> PartSizes:
    """Parts for an object of about `hint` bytes, that may become far larger."""
    return PartSizes(_part(hint, _STEADY, transfer), growing=True)


def _part(size: int, parts: int, transfer: Transfer) -> int:
    return min(MAX_PART, max(MIN_PART, transfer.part_size // transfer.lanes, -(-size // parts)))
