"""AWS's words for a path that finds nothing, by the field in which it stands."""

from __future__ import annotations

from typing import Any, Final

from asl.errors import PathNotFound, RuntimeFailure
from asl.expressions.jsonpath.parser import ParsedPath
from asl.expressions.jsonpath.selection import ABSENT
from asl.expressions.jsonpath.tokens import Index, Key, Token, written
from asl.json_values import compact

PROVIDER: Final = "com.jayway.jsonpath.spi.json.JacksonJsonProvider"


def invalid_path(error: PathNotFound) -> RuntimeFailure:
    """InputPath, OutputPath and ItemsPath: "Invalid path '$.x' : No results for path: $['x']"."""
    return RuntimeFailure(f"Invalid path '{error.path}' : {error.reason}")


def path_not_in_input(error: PathNotFound, field: str) -> RuntimeFailure:
    """A member of a payload template (`field` is its name with `.$`), CausePath, ErrorPath.

    "The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{}'"
    """
    return RuntimeFailure(
        f"The JSONPath '{error.path}' specified for the field '{field}' could not be found in the input "
        f"'{compact(error.data)}'"
    )


def why_missing(path: ParsedPath, value: Any) -> str:
    """Why a definite path (maybe with a function at its end) finds nothing from the root `value`, in AWS's words."""
    if value is ABSENT:
        return f"No results for path: $['{path.variable}']"
    tokens = path.tokens
    for number, token in enumerate(tokens):
        reason = _why_not(token, value, written(tokens[:number]), is_last=number + 1 == len(tokens))
        if reason is not None:
            return reason
        if isinstance(token, Key | Index):
            value = _at(value, token)
            if value is ABSENT:
                break
    return f"No results for path: {written(tokens)}"


def _at(value: Any, token: Key | Index) -> Any:
    if isinstance(token, Key):
        return value[token.name]
    return value[token.at] if -len(value) <= token.at < len(value) else ABSENT


def _why_not(token: Token, value: Any, place: str, *, is_last: bool) -> str | None:
    """Why a step does not fit the value at `place`; None if it does."""
    if isinstance(token, Key):
        if not isinstance(value, dict):
            return (
                f"Expected to find an object with property ['{token.name}'] in path {place} but found "
                f"'{_java_class(value)}'. This is not a json object according to the JsonProvider: '{PROVIDER}'."
            )
        if token.name not in value:
            said = "No results for path:" if is_last else "Missing property in path"
            return f"{said} {place}['{token.name}']"
    elif isinstance(token, Index):
        if value is None:
            return f"The path {place} is null"
        if not isinstance(value, list):
            shown = value if isinstance(value, str) else compact(value)
            return f"Filter: [{token.at}] can only be applied to arrays. Current context is: {shown}"
    return None


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
