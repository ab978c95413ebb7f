"""States.StringToJson, JsonToString, JsonMerge."""

from __future__ import annotations

import json
from typing import Any

from asl.expressions.intrinsics.arguments import refused, string
from asl.expressions.intrinsics.java_values import json_text


def parsed(text: Any) -> Any:
    """The value of a JSON text; a blank text is null."""
    text = string("StringToJson", text)
    if not text.strip():
        return None
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise refused("StringToJson") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def printed(value: Any) -> str:
    return json_text(value)


def merged(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    """The second object's members over the first's; a deep merge (true) is not supported by AWS."""
    if type(first) is not dict or type(second) is not dict or deep is True:
        raise refused("JsonMerge")
    return {**first, **second}
