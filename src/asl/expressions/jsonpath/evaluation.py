"""What a parsed path gives for a value, and AWS's words for why it gives nothing."""

from __future__ import annotations

import json
from typing import Any, Final

from asl.expressions.jsonpath.functions import FUNCTIONS, NOTHING
from asl.expressions.jsonpath.parser import ParsedPath
from asl.expressions.jsonpath.selection import select
from asl.expressions.jsonpath.tokens import Function, Index, Key, Keys, Token, is_definite, written

ABSENT: Final = object()
"""The value of a variable that there is not, and of a path that finds nothing."""

PROVIDER: Final = "com.jayway.jsonpath.spi.json.JacksonJsonProvider"


def read(tokens: tuple[Token, ...], value: Any, root: Any, missing: Any) -> Any:
    """The one value of a definite path, the list of an indefinite one, or `missing`."""
    if tokens and isinstance(tokens[-1], Function):
        argument = read(tokens[:-1], value, root, missing)
        result = argument if argument is missing else FUNCTIONS[tokens[-1].name](argument)
        return missing if result is NOTHING else result
    if tokens and isinstance(tokens[-1], Keys) and is_definite(tokens[:-1]):
        owner = read(tokens[:-1], value, root, missing)
        return {name: owner[name] for name in tokens[-1].names if name in owner} if isinstance(owner, dict) else missing
    found = select(tokens, value, root)
    if not is_definite(tokens):
        return found
    return found[0] if found else missing


def why_missing(path: ParsedPath, value: Any) -> str:
    """Why a definite path (maybe with a function at its end) finds nothing from the root `value`, in AWS's words."""
    if value is ABSENT:
        return f"No results for path: $['{path.variable}']"
    tokens = path.tokens
    for number, token in enumerate(tokens):
        place = written(tokens[:number])
        if isinstance(token, Key):
            if not isinstance(value, dict):
                return (
                    f"Expected to find an object with property ['{token.name}'] in path {place} but found "
                    f"'{_java_class(value)}'. This is not a json object according to the JsonProvider: '{PROVIDER}'."
                )
            if token.name not in value:
                here = written(tokens[: number + 1])
                return (
                    f"No results for path: {here}" if number + 1 == len(tokens) else f"Missing property in path {here}"
                )
            value = value[token.name]
        elif isinstance(token, Index):
            if value is None:
                return f"The path {place} is null"
            if not isinstance(value, list):
                return f"Filter: [{token.at}] can only be applied to arrays. Current context is: {_shown(value)}"
            if not -len(value) <= token.at < len(value):
                break
            value = value[token.at]
    return f"No results for path: {written(tokens)}"


def _java_class(value: Any) -> str:
    """The class that AWS names for a value: `java.lang.String`."""
    if value is None:
        return "null"
    names = {
        str: "java.lang.String",
        bool: "java.lang.Boolean",
        int: "java.lang.Integer",
        float: "java.lang.Double",
        list: "java.util.ArrayList",
        dict: "java.util.LinkedHashMap",
    }
    return names[type(value)]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
