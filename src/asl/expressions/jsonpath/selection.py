"""What a path selects from a value, as AWS evaluates it, in one closure for each path.

A step of an indefinite path (wildcard, slice, union, filter, `..`) that does not fit a value selects nothing there, so
the answer to an indefinite path is always a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from asl.expressions.jsonpath.functions import FUNCTIONS, NOTHING
from asl.expressions.jsonpath.tokens import (
    Descent,
    Filter,
    Function,
    Index,
    Indexes,
    Key,
    Keys,
    Slice,
    Token,
    Wildcard,
    is_definite,
)

ABSENT: Final = object()
"""What a path gives that finds nothing, and the value of a variable that there is not."""

Read = Callable[[Any, Any], Any]
"""(value, the root `$` of filters) → the value of a definite path or `ABSENT`; the list of an indefinite one."""

Step = Callable[[Any, Any, Any], Iterable[Any]]
"""(token, value, root) → what the step leads to."""


def reader(tokens: tuple[Token, ...]) -> Read:
    """The function that follows the steps."""
    if tokens and isinstance(tokens[-1], Function):
        return _applying(FUNCTIONS[tokens[-1].name], reader(tokens[:-1]))
    if is_definite(tokens):
        return _definite(tokens)
    if isinstance(tokens[-1], Keys) and is_definite(tokens[:-1]):
        return _members(reader(tokens[:-1]), tokens[-1].names)
    return _list(tokens)


def _applying(function: Callable[[Any], Any], argument: Read) -> Read:
    def read(value: Any, root: Any) -> Any:
        found = argument(value, root)
        result = ABSENT if found is ABSENT else function(found)
        return ABSENT if result is NOTHING else result

    return read


def _definite(tokens: tuple[Token, ...]) -> Read:
    steps = tuple((t.name, False) if isinstance(t, Key) else (t.at, True) for t in tokens if isinstance(t, Key | Index))

    def read(value: Any, _root: Any) -> Any:
        try:
            for step, is_index in steps:
                # an index must be kept off a string, which would take it
                if is_index and type(value) is not list:
                    return ABSENT
                value = value[step]
        except (LookupError, TypeError):
            return ABSENT
        return value

    return read


def _members(owner: Read, names: tuple[str, ...]) -> Read:
    def read(value: Any, root: Any) -> Any:
        found = owner(value, root)
        return {name: found[name] for name in names if name in found} if isinstance(found, dict) else ABSENT

    return read


def _list(tokens: tuple[Token, ...]) -> Read:
    steps = [(_STEPS[type(token)], token) for token in tokens]

    def read(value: Any, root: Any) -> Any:
        values = [value]
        for step, token in steps:
            values = [found for item in values for found in step(token, item, root)]
        return values

    return read


def _key(token: Key, value: Any, _root: Any) -> Iterable[Any]:
    return (value[token.name],) if isinstance(value, dict) and token.name in value else ()


def _keys(token: Keys, value: Any, _root: Any) -> Iterable[Any]:
    return [value[name] for name in token.names if name in value] if isinstance(value, dict) else ()


def _index(token: Index, value: Any, _root: Any) -> Iterable[Any]:
    return (value[token.at],) if isinstance(value, list) and -len(value) <= token.at < len(value) else ()


def _indexes(token: Indexes, value: Any, _root: Any) -> Iterable[Any]:
    return [value[at] for at in token.at if -len(value) <= at < len(value)] if isinstance(value, list) else ()


def _slice(token: Slice, value: Any, _root: Any) -> Iterable[Any]:
    return value[token.start : token.end] if isinstance(value, list) else ()


def _wildcard(_token: Wildcard, value: Any, _root: Any) -> Iterable[Any]:
    if isinstance(value, list):
        return value
    return value.values() if isinstance(value, dict) else ()


def _descent(_token: Descent, value: Any, _root: Any) -> Iterable[Any]:
    found: list[Any] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict | list):
            found.append(item)
            waiting.extend(reversed(item.values() if isinstance(item, dict) else item))
    return found


def _filter(token: Filter, value: Any, root: Any) -> Iterable[Any]:
    if isinstance(value, list):
        return [item for item in value if token.accepts(item, root)]
    return (value,) if isinstance(value, dict) and token.accepts(value, root) else ()


_STEPS: Final[dict[type, Step]] = {
    Key: _key,
    Keys: _keys,
    Index: _index,
    Indexes: _indexes,
    Slice: _slice,
    Wildcard: _wildcard,
    Descent: _descent,
    Filter: _filter,
}
