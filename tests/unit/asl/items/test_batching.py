"""Items in batches."""

from __future__ import annotations

import json
from itertools import count, islice
from typing import Any

import pytest

from asl.items.batching import MAX_BATCH_BYTES, batches


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def test_a_batch_has_at_most_the_given_number_of_items() -> None:
    assert list(batches([1, 2, 3], max_items=2)) == [{"Items": [1, 2]}, {"Items": [3]}]


def test_the_batch_input_comes_first_in_every_batch() -> None:
    made = list(batches(["a", "b"], max_items=1, batch_input={"k": 1}))
    assert made == [{"BatchInput": {"k": 1}, "Items": ["a"]}, {"BatchInput": {"k": 1}, "Items": ["b"]}]
    assert [list(batch) for batch in made] == [["BatchInput", "Items"]] * 2


@pytest.mark.parametrize("batch_input", [None, {"k": "ü"}, [], 0])
@pytest.mark.parametrize("max_bytes", [30, 41, 64])
def test_a_batch_is_as_large_as_its_limit_allows_and_no_larger(max_bytes: int, batch_input: Any) -> None:
    items = ["ü", "ab", 12, {"a": None}, "x" * 5] * 4
    made = list(batches(items, max_bytes=max_bytes, batch_input=batch_input))
    assert [item for batch in made for item in batch["Items"]] == items
    for batch, following in zip(made, [*made[1:], None], strict=True):
        assert size(batch) <= max_bytes or len(batch["Items"]) == 1
        if following is not None:
            assert size({**batch, "Items": batch["Items"] + following["Items"][:1]}) > max_bytes


def test_an_item_that_is_too_large_is_a_batch_of_its_own() -> None:
    assert list(batches([1, "x" * 50, 2], max_bytes=20)) == [{"Items": [1]}, {"Items": ["x" * 50]}, {"Items": [2]}]


def test_no_batch_passes_what_an_execution_takes_as_input() -> None:
    made = list(batches(["x" * 1000] * 600, max_items=600))
    assert len(made) == 3
    assert all(size(batch) <= MAX_BATCH_BYTES for batch in made)


def test_no_items_make_no_batch_and_endless_ones_are_batched_as_they_come() -> None:
    assert list(batches([], max_items=2)) == []
    assert list(islice(batches(count(), max_items=2), 2)) == [{"Items": [0, 1]}, {"Items": [2, 3]}]
