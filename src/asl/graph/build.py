"""From a definition to its graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from asl.graph.labels import rule_label, shortened, state_detail
from asl.graph.model import Edge, Graph, Node, Retrier

_DEFAULT_ATTEMPTS = 3  # Retry's MaxAttempts where none is given


def graph(definition: str | Mapping[str, Any]) -> Graph:
    """The graph of a definition (JSON text or the parsed object).

    The definition need not be valid: what is malformed is left out, and a state that is named but not there becomes a
    node of type `Missing`. Raises `ValueError` for text that is no JSON.
    """
    machine = json.loads(definition) if isinstance(definition, str) else definition
    return _machine(machine if isinstance(machine, Mapping) else {}, "")


def _machine(machine: Mapping[str, Any], pointer: str) -> Graph:
    states = {name: state for name, state in _object(machine.get("States")).items() if isinstance(state, Mapping)}
    base = f"{pointer}/States/"
    edges = tuple(edge for name, state in states.items() for edge in _edges(base, name, state))
    nodes = [_node(base, name, state) for name, state in states.items()]
    start = machine.get("StartAt")
    named = [edge.target for edge in edges] + ([node_id(base, start)] if isinstance(start, str) else [])
    known = {node.id for node in nodes}
    missing = [target for target in dict.fromkeys(named) if target not in known]
    nodes += [Node(target, _unescaped(target.removeprefix(base)), "Missing", "no such state") for target in missing]
    return Graph(
        pointer,
        node_id(base, start) if isinstance(start, str) else None,
        tuple(nodes),
        edges,
        _text(machine, "Comment"),
    )


def node_id(base: str, name: str) -> str:
    """The JSON pointer of a state within the `States` object at `base` (which ends with a slash)."""
    return base + name.replace("~", "~0").replace("/", "~1")


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def _node(base: str, name: str, state: Mapping[str, Any]) -> Node:
    pointer = node_id(base, name)
    kind = _text(state, "Type") or "?"
    return Node(
        pointer,
        name,
        kind,
        state_detail(state),
        _text(state, "Comment"),
        state.get("End") is True or kind in ("Succeed", "Fail"),
        tuple(_retriers(state)),
        tuple(_inner(state, pointer)),
    )


def _inner(state: Mapping[str, Any], pointer: str) -> Iterator[Graph]:
    for index, branch in enumerate(_list(state.get("Branches"))):
        yield _machine(_object(branch), f"{pointer}/Branches/{index}")
    for field in ("ItemProcessor", "Iterator"):
        if isinstance(state.get(field), Mapping):
            yield _machine(state[field], f"{pointer}/{field}")


def _edges(base: str, name: str, state: Mapping[str, Any]) -> Iterator[Edge]:
    source = node_id(base, name)
    for rule in _list(state.get("Choices")):
        if isinstance(rule, Mapping) and isinstance(rule.get("Next"), str):
            yield Edge(source, node_id(base, rule["Next"]), "choice", rule_label(rule))
    if isinstance(state.get("Default"), str):
        yield Edge(source, node_id(base, state["Default"]), "default", "otherwise")
    if isinstance(state.get("Next"), str):
        yield Edge(source, node_id(base, state["Next"]), "next")
    for catcher in _list(state.get("Catch")):
        if isinstance(catcher, Mapping) and isinstance(catcher.get("Next"), str):
            errors = _errors(catcher)
            yield Edge(source, node_id(base, catcher["Next"]), "catch", shortened(", ".join(errors)), errors)


def _retriers(state: Mapping[str, Any]) -> Iterator[Retrier]:
    for retrier in _list(state.get("Retry")):
        if isinstance(retrier, Mapping):
            attempts = retrier.get("MaxAttempts", _DEFAULT_ATTEMPTS)
            yield Retrier(_errors(retrier), attempts if isinstance(attempts, int) else _DEFAULT_ATTEMPTS)


def _errors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(error) for error in _list(entry.get("ErrorEquals")))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(holder: Mapping[str, Any], field: str) -> str:
    value = holder.get(field)
    return value if isinstance(value, str) else ""
