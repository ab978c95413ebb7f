"""Paths, compiled: `$.a.b`, `$$.Execution.Id`, `$variable.part[0]`, `$.items[?(@.n > 1)].name`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from asl.errors import AslError, PathNotFound
from asl.expressions.expression import Evaluate, Expression, Scope
from asl.expressions.jsonpath.failures import invalid_path, why_missing
from asl.expressions.jsonpath.parser import ParsedPath, parse_path
from asl.expressions.jsonpath.selection import ABSENT, reader
from asl.expressions.jsonpath.tokens import Descent, Indexes, Key, Keys, Token

Missing = Callable[[Any, Any], AslError]
"""(the root of the path, the data) → what is raised for a path that finds nothing."""


@lru_cache(maxsize=4096)
def compile_path(text: str) -> Expression:
    """A path of a JSONPath state: from the data (`$…`), the context object (`$$…`) or a variable (`$name…`).

    A definite path gives the value, an indefinite one (wildcard, slice, union, filter, `..`) the list of all values,
    which may be empty. Evaluating raises `PathNotFound` if a definite path finds nothing; compiling raises
    `BadExpression`.
    """
    path = parse_path(text)
    return _compile(path, lambda root, data: PathNotFound(text, why_missing(path, root), data))


@lru_cache(maxsize=4096)
def compile_flow_path(text: str) -> Expression:
    """The path of InputPath, OutputPath or ItemsPath: as `compile_path`, but evaluating raises `RuntimeFailure`."""
    path = parse_path(text)
    return _compile(path, lambda root, data: invalid_path(PathNotFound(text, why_missing(path, root), data)))


def _compile(path: ParsedPath, missing: Missing) -> Expression:
    if path.root == "data":
        return Expression(_from_data(path, missing), copies=_copies(path.tokens))
    return Expression(_from_context(path, missing) if path.root == "context" else _from_variable(path, missing))


def _copies(tokens: tuple[Token, ...]) -> int | None:
    """How often a part of the data can occur in the answer: more than once only by `..`, names or indexes listed."""
    return None if any(isinstance(token, Descent | Indexes | Keys) for token in tokens) else 1


# Below, a key of something that is no object raises TypeError: no other JSON value takes a string as its index.


def _finder(tokens: tuple[Token, ...]) -> Callable[[Any], Any]:
    """A function from a root to the value; raises `LookupError` or `TypeError` where there is none."""
    names = [token.name for token in tokens if isinstance(token, Key)]
    if len(names) == len(tokens) == 1:
        first = names[0]
        return lambda root: root[first]
    if len(names) == len(tokens) == 2:
        first, second = names
        return lambda root: root[first][second]
    read = reader(tokens)

    def find(root: Any) -> Any:
        value = read(root, root)
        if value is ABSENT:
            raise LookupError
        return value

    return find


def _from_context(path: ParsedPath, missing: Missing) -> Evaluate:
    if not path.tokens:
        return lambda _data, scope: scope.context()
    find = _finder(path.tokens)

    def evaluate(data: Any, scope: Scope) -> Any:
        context = scope.context()
        try:
            return find(context)
        except (LookupError, TypeError):
            raise missing(context, data) from None

    return evaluate


def _from_variable(path: ParsedPath, missing: Missing) -> Evaluate:
    name, find = path.variable, _finder(path.tokens)

    def whole(data: Any, scope: Scope) -> Any:
        try:
            return scope.variables[name]
        except KeyError:
            raise missing(ABSENT, data) from None

    def part(data: Any, scope: Scope) -> Any:
        variable = scope.variables.get(name, ABSENT)
        try:
            return find(variable)
        except (LookupError, TypeError):
            raise missing(variable, data) from None

    return part if path.tokens else whole


def _from_data(path: ParsedPath, missing: Missing) -> Evaluate:
    keys = [token.name for token in path.tokens if isinstance(token, Key)]
    if len(keys) == len(path.tokens) <= 3:
        return _SPECIAL[len(keys)](missing, *keys)
    read = reader(path.tokens)

    def evaluate(data: Any, _scope: Scope) -> Any:
        value = read(data, data)
        if value is ABSENT:
            raise missing(data, data)
        return value

    return evaluate


def _root(_missing: Missing) -> Evaluate:
    return lambda data, _scope: data


def _one_key(missing: Missing, key: str) -> Evaluate:
    def evaluate(data: Any, _scope: Scope) -> Any:
        try:
            return data[key]
        except (KeyError, TypeError):
            raise missing(data, data) from None

    return evaluate


def _two_keys(missing: Missing, first: str, second: str) -> Evaluate:
    def evaluate(data: Any, _scope: Scope) -> Any:
        try:
            return data[first][second]
        except (KeyError, TypeError):
            raise missing(data, data) from None

    return evaluate


def _three_keys(missing: Missing, first: str, second: str, third: str) -> Evaluate:
    def evaluate(data: Any, _scope: Scope) -> Any:
        try:
            return data[first][second][third]
        except (KeyError, TypeError):
            raise missing(data, data) from None

    return evaluate


_SPECIAL: Final[tuple[Callable[..., Evaluate], ...]] = (_root, _one_key, _two_keys, _three_keys)
