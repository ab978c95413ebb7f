"""Intrinsic functions, read from the text and applied at once."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from typing import Any

from tests.unit.asl.reference.paths import value_at
from tests.unit.asl.reference.values import PATH_FAILURE, Failure, View

TOKEN = re.compile(
    r"\s*(?:(?P<call>States\.\w+)\(|(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>true|false|null)|(?P<path>\$(?:[^,()\[\]]|\[[^\]]*\]|\(\))*)|(?P<end>\)))\s*,?"
)


def evaluate(text: str, view: View) -> Any:
    """The value of a call such as `States.Format('{}', $.name)`."""
    values, _ = arguments(text, 0, view)
    return values[0]


def arguments(text: str, at: int, view: View) -> tuple[list[Any], int]:
    """The values up to the closing parenthesis, and the place after it."""
    values: list[Any] = []
    while at < len(text):
        token = TOKEN.match(text, at)
        assert token is not None, text[at:]
        at = token.end()
        if token["end"]:
            return values, at
        if token["call"]:
            given, at = arguments(text, at, view)
            values.append(apply(token["call"].removeprefix("States."), given, view))
        elif token["text"]:
            values.append(re.sub(r"\\(.)", r"\1", token["text"][1:-1], flags=re.DOTALL))
        elif token["path"]:
            values.append(value_at(token["path"].strip(), view))
        else:
            values.append(json.loads(token["number"] or token["word"]))
    return values, at


def apply(name: str, given: list[Any], view: View) -> Any:
    try:
        return FUNCTIONS[name](*given) if name != "MathRandom" else random(view, *given)
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as problem:
        raise Failure(PATH_FAILURE) from problem


def demand(fits: bool) -> None:
    if not fits:
        raise ValueError


def an_array(value: Any) -> list[Any]:
    demand(isinstance(value, list))
    return list(value)


def a_text(value: Any) -> str:
    demand(isinstance(value, str))
    return str(value)


def whole(value: Any) -> int:
    demand(isinstance(value, (int, float)) and not isinstance(value, bool))
    demand(-(1 << 31) <= int(value) < 1 << 31)
    return int(value)


def rounded(value: Any) -> int:
    demand(isinstance(value, (int, float)) and not isinstance(value, bool) and -(1 << 31) <= value < 1 << 31)
    return value if isinstance(value, int) else math.floor(value + 0.5)


def printed(value: Any) -> str:
    """Java's `toString`; the floats that the strategies put here are those that Java prints plainly."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list):
        return "[" + ", ".join(printed(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={printed(item)}" for key, item in value.items()) + "}"
    return repr(value)


def text_of(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def format_text(template: Any, *values: Any) -> str:
    parts = a_text(template).split("{}")
    demand(len(parts) == len(values) + 1)
    return parts[0] + "".join(printed(value) + part for value, part in zip(values, parts[1:], strict=True))


def partition(values: Any, size: Any) -> list[Any]:
    items, length = an_array(values), whole(size)
    demand(length > 0)
    return [items[start : start + length] for start in range(0, len(items), length)]


def span(first: Any, last: Any, step: Any) -> list[int]:
    start, end, by = whole(first), whole(last), whole(step)
    demand(by != 0)
    demand(len(range(start, end + (1 if by > 0 else -1), by)) <= 1000)
    numbers = []
    while start <= end if by > 0 else start >= end:
        numbers.append(start)
        start += by
    return numbers


def item(values: Any, index: Any) -> Any:
    items, place = an_array(values), whole(index)
    demand(place >= 0)
    return None if not items else items[place]


def add(first: Any, second: Any) -> int:
    total = rounded(first) + rounded(second)
    demand(-(1 << 31) <= total < 1 << 31)
    return total


def random(view: View, start: Any, end: Any) -> int:
    first, last = whole(start), whole(end)
    demand(first < last)
    return first + int(view.chance * (last - first))


def split(text: Any, delimiters: Any) -> list[str]:
    parts, part = [], ""
    for sign in a_text(text):
        if sign in a_text(delimiters):
            parts.append(part)
            part = ""
        else:
            part += sign
    a_text(delimiters)
    return [found for found in [*parts, part] if found]


def merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    demand(isinstance(first, dict) and isinstance(second, dict) and deep is not True)
    return {**first, **second}


def hashed(data: Any, algorithm: Any) -> str:
    demand(algorithm in ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"))
    return hashlib.new(str(algorithm).replace("-", "").lower(), printed(data).encode()).hexdigest()


FUNCTIONS = {
    "Array": lambda *values: list(values),
    "ArrayContains": lambda values, sought: printed(sought) in [printed(value) for value in an_array(values)],
    "ArrayGetItem": item,
    "ArrayLength": lambda values: len(an_array(values)),
    "ArrayPartition": partition,
    "ArrayRange": span,
    "Base64Decode": lambda text: base64.b64decode(a_text(text)).decode(),
    "Base64Encode": lambda text: base64.b64encode(a_text(text).encode()).decode(),
    "Format": format_text,
    "Hash": hashed,
    "JsonMerge": merge,
    "JsonToString": text_of,
    "MathAdd": add,
    "StringSplit": split,
    "StringToJson": lambda text: json.loads(text) if a_text(text).strip() else None,
}
