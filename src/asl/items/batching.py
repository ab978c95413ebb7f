"""Items in batches, as a child execution's input.

Source: "ItemBatcher (Map)" (input-output-itembatcher) and the recordings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

MAX_BATCH_BYTES = 256 * 1024


def batches(
    items: Iterable[Any], max_items: int = 0, max_bytes: int = 0, batch_input: Any = None
) -> Iterator[dict[str, Any]]:
    """`{"BatchInput"?: …, "Items": […]}`, as many items in each as the limits allow, but at least one.

    `max_items` 0: no limit; `max_bytes` is the limit of the whole batch as compact JSON in UTF-8, 0: 256 KiB, the most
    that a child execution's input may have. `batch_input` None: no such member.
    """
    envelope: dict[str, Any] = {} if batch_input is None else {"BatchInput": batch_input}
    limit = min(max_bytes or MAX_BATCH_BYTES, MAX_BATCH_BYTES)
    empty = _size({**envelope, "Items": []})
    batch: list[Any] = []
    size = empty
    for item in items:
        added = _size(item) + (1 if batch else 0)  # the comma
        if batch and (len(batch) == max_items or size + added > limit):
            yield {**envelope, "Items": batch}
            batch, size, added = [], empty, _size(item)
        batch.append(item)
        size += added
    if batch:
        yield {**envelope, "Items": batch}


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
