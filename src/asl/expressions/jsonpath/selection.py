"""What an indefinite path selects: wildcards, slices, unions, filters and `..`, as AWS evaluates them.

A step that does not fit a value selects nothing there, so the answer to an indefinite path is always a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from asl.expressions.jsonpath.tokens import Descent, Filter, Index, Indexes, Key, Keys, Slice, Token, Wildcard


def select(tokens: tuple[Token, ...], value: Any, root: Any) -> list[Any]:
    """All values that the steps lead to from `value`; `$` in a filter is `root`."""
    values = [value]
    for token in tokens:
        step = _STEPS[type(token)]
        values = [found for item in values for found in step(token, item, root)]
    return values


def _key(token: Key, value: Any, _root: Any) -> Iterator[Any]:
    if isinstance(value, dict) and token.name in value:
        yield value[token.name]


def _keys(token: Keys, value: Any, _root: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (value[name] for name in token.names if name in value)


def _index(token: Index, value: Any, _root: Any) -> Iterator[Any]:
    if isinstance(value, list) and -len(value) <= token.at < len(value):
        yield value[token.at]


def _indexes(token: Indexes, value: Any, _root: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from (value[at] for at in token.at if -len(value) <= at < len(value))


def _slice(token: Slice, value: Any, _root: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value[token.start : token.end]


def _wildcard(_token: Wildcard, value: Any, _root: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()


def _descent(token: Descent, value: Any, root: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from _descent(token, child, root)


def _filter(token: Filter, value: Any, root: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from (item for item in value if token.accepts(item, root))
    elif isinstance(value, dict) and token.accepts(value, root):
        yield value


_STEPS: Final[dict[type, Callable[[Any, Any, Any], Iterator[Any]]]] = {
    Key: _key,
    Keys: _keys,
    Index: _index,
    Indexes: _indexes,
    Slice: _slice,
    Wildcard: _wildcard,
    Descent: _descent,
    Filter: _filter,
}
