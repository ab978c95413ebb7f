"""The steps that a parsed JSONPath consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Predicate = Callable[[Any, Any], bool]
"""(the item `@`, the root `$`) → whether a filter lets the item through."""


@dataclass(frozen=True, slots=True)
class Key:
    """`.name` or `['name']`."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`[3]`; a negative index counts from the end."""

    at: int


@dataclass(frozen=True, slots=True)
class Keys:
    """`['a', 'b']`: those members that there are; at the end of a definite path, an object of them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0, 2]`."""

    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:5]`, `[1:]`, `[:1]`; no step in this dialect."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*` or `[*]`."""


@dataclass(frozen=True, slots=True)
class Descent:
    """`..`: the value itself and all that lies in it, before the next step."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(…)]`: items of an array, or an object itself, that the predicate accepts."""

    accepts: Predicate
    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """`.length()` and its like, at the end of a path: applied to what the path before it gives."""

    name: str


Token = Key | Index | Keys | Indexes | Slice | Wildcard | Descent | Filter | Function


def is_definite(tokens: tuple[Token, ...]) -> bool:
    """Whether the path can give at most one value (a reference path)."""
    return all(isinstance(token, Key | Index) for token in tokens)


def written(tokens: tuple[Token, ...]) -> str:
    """A definite path in the form in which AWS prints it: `$['a'][0]`."""
    return "$" + "".join(
        f"['{t.name}']" if isinstance(t, Key) else f"[{t.at}]" for t in tokens if isinstance(t, Key | Index)
    )
