"""Parts fit S3's limits, and what is under way fits the transfer's."""

from __future__ import annotations

import pytest

from fileferry.errors import ConfigurationError
from fileferry.home import MIB, Transfer
from fileferry.objects.part_sizes import MAX_PART, MAX_PARTS, MIN_PART, PartSizes, estimated_sizes, exact_sizes

TB = 1000**4
SIZES = [1, 5 * MIB, 10**9, 10**11, TB, 5 * TB, 50 * TB]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("transfer", [Transfer(), Transfer(part_size=64 * MIB, lanes=8), Transfer(part_size=5 * MIB)])
def test_ten_thousand_parts_hold_any_object_of_a_known_size(size: int, transfer: Transfer) -> None:
    sizes = exact_sizes(size, transfer)
    assert MIN_PART <= sizes.first <= MAX_PART
    assert sizes.count(size) <= MAX_PARTS


@pytest.mark.parametrize("size", [10**9, 10**11, TB])
def test_parts_are_as_small_as_the_lanes_need_while_their_number_allows(size: int) -> None:
    transfer = Transfer(part_size=512 * MIB, lanes=4)
    assert exact_sizes(size, transfer).first == 128 * MIB


def test_the_ranges_are_the_whole_object_without_gap_or_overlap() -> None:
    size = 23 * MIB + 7
    position = 0
    for number, (given, start, length) in enumerate(PartSizes(5 * MIB).ranges(size), 1):
        assert (given, start) == (number, position)
        position += length
    assert position == size
    assert not list(PartSizes(5 * MIB).ranges(0))


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 5 * MIB + 1, 10**10])
@pytest.mark.parametrize("growing", [True, False])
def test_the_count_is_that_of_the_ranges(size: int, growing: bool) -> None:
    sizes = PartSizes(5 * MIB, growing)
    assert sizes.count(size) == len(list(sizes.ranges(size)))


def test_an_object_that_becomes_far_larger_than_was_thought_still_fits() -> None:
    sizes = estimated_sizes(10**9, Transfer())
    assert sizes.first == MIN_PART
    assert [sizes.length(number) // MIN_PART for number in (1, 5000, 5001, 5500, 5501)] == [1, 1, 2, 2, 4]
    assert sizes.count(5 * TB) <= MAX_PARTS
    assert max(sizes.length(number) for number in range(1, MAX_PARTS + 1)) == MAX_PART


def test_a_good_guess_of_the_largest_object_needs_no_growth_beyond_the_limit_of_a_part() -> None:
    sizes = estimated_sizes(50 * TB, Transfer())
    assert sizes.first == MAX_PART
    assert sizes.count(50 * TB) <= MAX_PARTS


def test_there_is_no_part_after_the_ten_thousandth() -> None:
    with pytest.raises(ConfigurationError, match="larger than the 10000 parts"):
        PartSizes(5 * MIB).length(MAX_PARTS + 1)
