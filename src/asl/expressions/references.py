"""What a JSONPath expression refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from asl.expressions.intrinsics import Call, Node, PathNode, parse_intrinsic
from asl.expressions.jsonpath import ParsedPath, parse_path


class References(NamedTuple):
    """Each without repetition, in the order of the text."""

    data: tuple[str, ...]
    """Paths into the data, as written."""
    context: tuple[str, ...]
    """Paths into the context object, as written."""
    variables: tuple[str, ...]
    """Names of variables, without `$`."""


def paths_in(text: str) -> list[ParsedPath]:
    """All paths of a path or intrinsic call, parsed. Raises `BadExpression`."""
    return [parse_path(text)] if text.startswith("$") else list(_paths(parse_intrinsic(text)))


def references(text: str) -> References:
    """What a path or an intrinsic call refers to. Raises `BadExpression`."""
    paths = paths_in(text)
    return References(
        tuple(dict.fromkeys(path.text for path in paths if path.root == "data")),
        tuple(dict.fromkeys(path.text for path in paths if path.root == "context")),
        tuple(dict.fromkeys(path.variable for path in paths if path.root == "variable")),
    )


def _paths(node: Node) -> Iterator[ParsedPath]:
    if isinstance(node, PathNode):
        yield node.path
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from _paths(argument)
