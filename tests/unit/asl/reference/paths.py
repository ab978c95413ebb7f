"""JSONPath, followed step by step from the text: names, indexes, slices, wildcards and `..name`; no filters."""

from __future__ import annotations

import re
from typing import Any

from tests.unit.asl.reference.values import PATH_FAILURE, Failure, View

STEP = re.compile(
    r"\.\.(?P<deep>\w+)|\.(?P<star>\*)|\[(?P<bracket>\*)\]|\.(?P<function>length)\(\)|\.(?P<name>\w+)|\['(?P<quoted>[^']*)'\]"
    r"|\[(?P<slice>-?\d*:-?\d*)\]|\[(?P<indexes>-?\d+(?:,-?\d+)+)\]|\[(?P<index>-?\d+)\]"
)
ROOT = re.compile(r"\$\$|\$(?P<variable>[A-Za-z_]\w*)?")


def value_at(path: str, view: View) -> Any:
    """The value of a definite path (a `Failure` if it finds nothing), the list of an indefinite one."""
    root = ROOT.match(path)
    assert root is not None, path
    name = root["variable"]
    if name is not None and name not in view.variables:
        raise Failure(PATH_FAILURE)
    start = view.context if root[0] == "$$" else view.data if name is None else view.variables[name]
    found, definite = [start], True
    rest = path[root.end() :]
    while rest:
        step = STEP.match(rest)
        assert step is not None, path
        if step["function"]:
            if definite and not found:
                raise Failure(PATH_FAILURE)
            return length(found[0] if definite else found)
        found = [value for item in found for value in follow(step, item)]
        definite = definite and step.lastgroup in ("name", "quoted", "index")
        rest = rest[step.end() :]
    if not definite:
        return found
    if not found:
        raise Failure(PATH_FAILURE)
    return found[0]


def length(value: Any) -> int:
    if isinstance(value, (list, dict, str)):
        return len(value)
    raise Failure(PATH_FAILURE)


def follow(step: re.Match[str], item: Any) -> list[Any]:
    """Where one step leads from one value."""
    name = step["name"] if step["name"] is not None else step["quoted"]
    if name is not None:
        return [item[name]] if isinstance(item, dict) and name in item else []
    if step["star"] or step["bracket"]:
        return list(item.values()) if isinstance(item, dict) else list(item) if isinstance(item, list) else []
    if step["deep"]:
        return [value[step["deep"]] for value in everything(item) if isinstance(value, dict) and step["deep"] in value]
    if not isinstance(item, list):
        return []
    if step["slice"]:
        first, last = step["slice"].split(":")
        return item[int(first) if first else None : int(last) if last else None]
    wanted = [int(number) for number in (step["indexes"] or step["index"]).split(",")]
    return [item[index] for index in wanted if -len(item) <= index < len(item)]


def everything(value: Any) -> list[Any]:
    """A value and all that lies in it, in the order of the text."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(found for part in inner for found in everything(part))]


def with_result(path: str, data: Any, result: Any) -> Any:
    """ResultPath: the data with the result at the path."""
    steps = [
        int(match["index"]) if match["index"] is not None else match["name"] or match["quoted"]
        for match in STEP.finditer(path, 1)
    ]
    return put(data, steps, result)


def put(data: Any, steps: list[str | int], result: Any) -> Any:
    if not steps:
        return result
    step, *rest = steps
    if isinstance(step, int):
        if not isinstance(data, list) or not -len(data) <= step < len(data):
            raise Failure("States.ResultPathMatchFailure")
        step = step % len(data)
        return [put(item, rest, result) if index == step else item for index, item in enumerate(data)]
    if not isinstance(data, dict):
        raise Failure("States.ResultPathMatchFailure")
    return {**data, step: put(data.get(step, {}), rest, result)}
