"""A Query reads its own range only.

AWS: tables and indexes are kept in the order of their sort keys, and a page of a Query costs what it reads, however
large the partition is. MiniStack 1.5.33 sorts the whole partition and parses and tries the key condition for each of
its items for every page: 1.5 s of 100,000 items. Here each partition of an index is kept sorted, and MiniStack is
handed those items that the page can be of. The key condition is parsed once for a Query, not once for an item.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.services import dynamodb

Table = dict[str, Any]
Item = dict[str, Any]
Order = tuple[Any, ...]
"""Where an item stands in an index partition: its sort key's value, then its own keys in the table."""
Entry = tuple[Order, Any, Any]
"""An item's order and its two keys in the table."""

_HIGHEST = "\U0010ffff"


@dataclass(frozen=True)
class Window:
    """What a page can be of: entries from `low` to `high` (orders or their beginnings), the first `limit` of them.

    `start` is the order of the entry that the page before ended with.
    """

    low: Order = ()
    high: Order = ()
    start: Order | None = None
    forward: bool = True
    limit: int | None = None


_window: ContextVar[Window | None] = ContextVar("window", default=None)  # of the query in work


_fits: ContextVar[Callable[[Item], bool] | None] = ContextVar("fits", default=None)
"""Of the query in work: whether an item fits its key condition, where that is known without parsing it again."""


class Partition:
    """One partition of an index, in its order; MiniStack iterates over the keys of its items."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        insort(self._entries, entry, key=_order)

    def remove(self, entry: Entry) -> None:
        place = bisect_left(self._entries, entry[0], key=_order)
        if place < len(self._entries) and self._entries[place][0] == entry[0]:
            del self._entries[place]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        window = _window.get() or Window()
        low = bisect_left(self._entries, window.low, key=_order)
        high = bisect_right(self._entries, window.high, key=_beginning(len(window.high))) if window.high else len(self)
        if window.start is not None and window.forward:
            low = max(low, bisect_right(self._entries, window.start, key=_order))
        if window.start is not None and not window.forward:
            high = min(high, bisect_left(self._entries, window.start, key=_order))
        if window.limit is not None and window.forward:
            high = min(high, low + window.limit)
        if window.limit is not None and not window.forward:
            low = max(low, high - window.limit)
        for _, pk, sk in self._entries[low:high]:
            yield pk, sk


def _order(entry: Entry) -> Order:
    return entry[0]


def _beginning(length: int) -> Callable[[Entry], Order]:
    return lambda entry: entry[0][:length]


def _entry(table: Table, ranges: list[str], pk: Any, sk: Any, item: Item) -> Entry:
    keys = dynamodb._index_order_keys(table, ranges)
    return tuple(dynamodb._index_order_value(item, name, kind) for name, kind in keys), pk, sk


def index_members(table: Table) -> dict[str, dict[Any, Partition]]:
    """The partitions of each index of a table, by the index's name; made at the first use."""
    members: dict[str, dict[Any, Partition]] | None = table.get(dynamodb._INDEX_MEMBERS)
    if members is None:
        members = table[dynamodb._INDEX_MEMBERS] = {name: {} for name, _, _ in dynamodb._index_key_schemas(table)}
        for pk, items in table["items"].items():
            for sk, item in items.items():
                index_item(table, pk, sk, item, True)
    return members


def index_item(table: Table, pk: Any, sk: Any, item: Item, add: bool) -> None:
    """Take an item into every index that it belongs to, or out of them."""
    members = table.get(dynamodb._INDEX_MEMBERS)
    if members is None:
        return
    for name, hashes, ranges in dynamodb._index_key_schemas(table):
        if name not in members:
            table.pop(dynamodb._INDEX_MEMBERS, None)
            return
        partition = dynamodb._index_partition(item, hashes, ranges)
        if partition is None:
            continue
        entry = _entry(table, ranges, pk, sk, item)
        if add:
            members[name].setdefault(partition, Partition()).add(entry)
        elif partition in members[name]:
            members[name][partition].remove(entry)
            if not members[name][partition]:
                del members[name][partition]


def query(original: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """`_query`, which is handed the entries of its window only."""

    def narrowed(request: dict[str, Any]) -> Any:
        tokens = _window.set(window_of(request)), _fits.set(fits_of(request))
        try:
            return original(request)
        finally:
            _window.reset(tokens[0])
            _fits.reset(tokens[1])

    return narrowed


def evaluate_condition(original: Any) -> Any:
    """`_evaluate_condition`, which knows about the key condition of the query in work."""

    def evaluate(expression: str, item: Item, *rest: Any, **more: Any) -> Any:
        fits = _fits.get() if more.get("slot") == "KeyConditionExpression" else None
        return original(expression, item, *rest, **more) if fits is None else fits(item)

    return evaluate


def fits_of(request: dict[str, Any]) -> Callable[[Item], bool] | None:
    """What the key condition of a Query says of an item; None where that is not known."""
    table = dynamodb._tables.get(dynamodb._normalize_table_name(request.get("TableName")))
    condition, values = request.get("KeyConditionExpression"), request.get("ExpressionAttributeValues") or {}
    keys = _keys_of(table, request.get("IndexName")) if table else None
    if not table or not keys or not condition:
        return None
    names = request.get("ExpressionAttributeNames") or {}
    partition, sort = keys
    kind = dynamodb._get_attr_type(table, sort)
    try:
        low, high = _bounds(condition, sort, kind, values, names)
        value = dynamodb._extract_pk_from_condition(condition, values, names, partition)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None

    def fits(item: Item) -> bool:
        place = (dynamodb._sort_key_value(item.get(sort), kind),)
        same = dynamodb._extract_key_val(item.get(partition, {})) == value
        return same and (not low or low <= place) and (not high or place <= high)

    return fits


def _keys_of(table: Table, index: str | None) -> tuple[str, str] | None:
    """Partition and sort key of a table or of one of its indexes; None unless it has one of each."""
    if not index:
        return (table["pk_name"], table["sk_name"]) if table.get("sk_name") else None
    definition = dynamodb._index_def(table, index)
    hashes, ranges = dynamodb._index_key_lists(definition) if definition else ([], [])
    return (hashes[0], ranges[0]) if len(hashes) == len(ranges) == 1 else None


def window_of(request: dict[str, Any]) -> Window | None:
    """The window of a Query of an index; None where all its partition is to be looked at."""
    table = dynamodb._tables.get(dynamodb._normalize_table_name(request.get("TableName")))
    index = dynamodb._index_def(table, request["IndexName"]) if table and request.get("IndexName") else None
    condition, values = request.get("KeyConditionExpression"), request.get("ExpressionAttributeValues") or {}
    if not table or not index or not condition:
        return None
    _, ranges = dynamodb._index_key_lists(index)
    if len(ranges) != 1:
        return None
    kind = dynamodb._get_attr_type(table, ranges[0])
    try:
        low, high = _bounds(condition, ranges[0], kind, values, request.get("ExpressionAttributeNames") or {})
        start = request.get("ExclusiveStartKey")
        limit = request.get("Limit")
        return Window(
            low,
            high,
            _entry(table, ranges, None, None, start)[0] if start else None,
            request.get("ScanIndexForward", True),
            int(limit) if limit is not None else None,
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        return None  # a form of no importance here, or a request that is not right, which MiniStack refuses


def _bounds(condition: str, name: str, kind: str, values: dict[str, Any], names: dict[str, str]) -> tuple[Order, Order]:
    """The least and the greatest sort key that fit a key condition; () where it says nothing about one.

    Raises LookupError or TypeError for forms of which the bounds are not known exactly.
    """
    clause = next(
        (c for c in dynamodb._key_condition_clauses(dynamodb._tokenize(condition)) if _is_of(c, name, names)), None
    )
    if clause is None:
        return (), ()
    words = {token[1].lower() for token in clause if token[0] == "IDENT"}
    given = [dynamodb._sort_key_value(values[token[1]], kind) for token in clause if token[0] == "VALUE_REF"]
    if "between" in words:
        return (given[0],), (given[1],)
    if "begins_with" in words:
        return (given[0],), (given[0] + _HIGHEST,)
    if clause[0][0] == "VALUE_REF":
        raise LookupError("a value before its key")
    operator = next(token[0] for token in clause if token[0] in ("EQ", "LT", "LE", "GT", "GE"))
    return {"EQ": ((given[0],), (given[0],)), "LE": ((), (given[0],)), "GE": ((given[0],), ())}[operator]


def _is_of(clause: list[tuple[str, str]], name: str, names: dict[str, str]) -> bool:
    return any(
        (token[0] == "IDENT" and token[1] == name) or (token[0] == "NAME_REF" and names.get(token[1]) == name)
        for token in clause
    )


def close_gap() -> None:
    dynamodb._index_members = index_members
    dynamodb._index_item = index_item
    dynamodb._query = query(dynamodb._query)
    dynamodb._evaluate_condition = evaluate_condition(dynamodb._evaluate_condition)
