"""The common forms of JSONata as plain closures: `$states`, `$states.input.a.b`, `$states.context.a`, `$x`, `$x.a.b`.

A closure answers only where every value on the way is an object that has the next name. Everything else (arrays on the
way, which JSONata maps over, and whatever is missing) is left to the `fallback`, the same expression in the full
engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from asl.expressions.expression import Evaluate, Scope


class _Absent:
    """The type of ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()
"""Stands for a member that `$states` does not have in a field."""


class States(NamedTuple):
    """What `$states` holds in a field besides the context: the data of a JSONata expression.

    `result` is there once the state's work has succeeded, `error_output` in a Catch; else they are ABSENT.
    """

    input: Any
    result: Any = ABSENT
    error_output: Any = ABSENT


MEMBERS: Mapping[str, str] = {"input": "input", "result": "result", "errorOutput": "error_output"}
"""Members of `$states` that are the data's, with its attributes."""

_PATH = re.compile(r"\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)", re.ASCII)
_WORDS = {"and", "or", "in", "true", "false", "null", "function"}


def path_of(text: str) -> tuple[str, tuple[str, ...]] | None:
    """`$x.a.b` as ("x", ("a", "b")); None if the text is anything but a variable followed by plain names."""
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    names = tuple(match[2].split(".")[1:])
    return None if _WORDS.intersection(names) else (match[1], names)


def compile_path(text: str, fallback: Evaluate) -> Evaluate | None:
    """The closure for the text, or None if it has another form."""
    path = path_of(text)
    if path is None:
        return None
    root, names = path
    if root != "states":
        return _of_variable(root, names, fallback)
    if not names:
        return states_reader(True)
    if names[0] == "context":
        return _of_context(names[1:], fallback)
    if names[0] not in MEMBERS:
        return None
    if names[0] == "input":
        return _of_input(names[1:], fallback)
    return _of_member(MEMBERS[names[0]], names[1:], fallback)


def states_reader(members: Any) -> Callable[[States, Scope], dict[str, Any] | None]:
    """Builds `$states` with only the members asked for: a collection of names, True for all, None for no object."""
    if members is None:
        return lambda _data, _scope: None
    if members is not True and set(members) == {"input"}:
        return lambda data, _scope: {"input": data.input}
    wanted = [(name, attribute) for name, attribute in MEMBERS.items() if members is True or name in members]
    with_context = members is True or "context" in members

    def states(data: States, scope: Scope) -> dict[str, Any]:
        found = {}
        for name, attribute in wanted:
            value = getattr(data, attribute)
            if value is not ABSENT:
                found[name] = value
        if with_context:
            found["context"] = scope.context()
        return found

    return states


def _of_input(names: tuple[str, ...], fallback: Evaluate) -> Evaluate:
    """The most frequent roots and lengths have closures of their own: a loop costs twice as much."""
    if not names:
        return lambda data, _: data.input
    if len(names) == 1:
        (name,) = names

        def one(data: States, scope: Scope) -> Any:
            try:
                return data.input[name]
            except (KeyError, TypeError):
                return fallback(data, scope)

        return one
    return _walk(attrgetter("input"), names, fallback)


def _of_member(attribute: str, names: tuple[str, ...], fallback: Evaluate) -> Evaluate:
    value_of = attrgetter(attribute)
    if names:
        return _walk(value_of, names, fallback)  # ABSENT has no items, which leads to the fallback

    def member(data: States, scope: Scope) -> Any:
        value = value_of(data)
        return fallback(data, scope) if value is ABSENT else value

    return member


def _walk(value_of: Callable[[States], Any], names: tuple[str, ...], fallback: Evaluate) -> Evaluate:
    def walk(data: States, scope: Scope) -> Any:
        value = value_of(data)
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError):
            return fallback(data, scope)
        return value

    return walk


def _of_context(names: tuple[str, ...], fallback: Evaluate) -> Evaluate:
    def walk(data: States, scope: Scope) -> Any:
        value: Any = scope.context()
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError):
            return fallback(data, scope)
        return value

    return walk


def _of_variable(root: str, names: tuple[str, ...], fallback: Evaluate) -> Evaluate:
    if not names:

        def variable(data: States, scope: Scope) -> Any:
            try:
                return scope.variables[root]
            except KeyError:
                return fallback(data, scope)

        return variable

    def walk(data: States, scope: Scope) -> Any:
        try:
            value = scope.variables[root]
            for name in names:
                value = value[name]
        except (KeyError, TypeError):
            return fallback(data, scope)
        return value

    return walk
