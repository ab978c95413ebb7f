"""Few words for people: what a state does, and when a Choice rule holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

LONGEST_LABEL = 48

_COMPARISONS = {
    "Equals": "=",
    "LessThan": "<",
    "LessThanEquals": "≤",
    "GreaterThan": ">",
    "GreaterThanEquals": "≥",
    "Matches": "matches",
}
_OPERATOR = re.compile(r"(String|Numeric|Boolean|Timestamp)(Equals|(?:Less|Greater)Than(?:Equals)?|Matches)(Path)?")
_TEST = re.compile(r"Is(Present|Null|String|Numeric|Boolean|Timestamp)")
_JSONATA = re.compile(r"\{%\s*(.*?)\s*%\}", re.DOTALL)


def shortened(text: str, longest: int = LONGEST_LABEL) -> str:
    """The text on one line, cut with `…` after `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def rule_label(rule: Mapping[str, Any]) -> str:
    """When a top-level rule of Choices holds: its Comment if it is short, else its condition."""
    comment = rule.get("Comment")
    if isinstance(comment, str) and 0 < len(comment) <= LONGEST_LABEL:
        return shortened(comment)
    return shortened(_condition(rule))


def _condition(rule: Any) -> str:
    if not isinstance(rule, Mapping):
        return "?"
    if "Condition" in rule:
        return expression(rule["Condition"])
    for word in ("And", "Or"):
        if isinstance(rule.get(word), list):
            return f" {word.lower()} ".join(_operand(part) for part in rule[word])
    if "Not" in rule:
        return f"not {_operand(rule['Not'])}"
    return _comparison(rule)


def _operand(rule: Any) -> str:
    text = _condition(rule)
    nested = isinstance(rule, Mapping) and ("And" in rule or "Or" in rule)
    return f"({text})" if nested else text


def _comparison(rule: Mapping[str, Any]) -> str:
    variable = _path(rule.get("Variable", "?"))
    for name, value in rule.items():
        if test := _TEST.fullmatch(name):
            return f"{variable} is {'' if value else 'not '}{test[1].lower()}"
        if operator := _OPERATOR.fullmatch(name):
            operand = _path(value) if operator[3] else json.dumps(value, ensure_ascii=False)
            return f"{variable} {_COMPARISONS[operator[2]]} {operand}"
    return "?"


def _path(path: Any) -> str:
    return str(path).removeprefix("$.")


def expression(value: Any) -> str:
    """A JSONata expression without its braces, the state's input without its prefix; other values as JSON."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    braces = _JSONATA.fullmatch(value.strip())
    return (braces[1] if braces else value).replace("$states.input.", "")


def state_detail(state: Mapping[str, Any]) -> str:
    """What the state does beyond its type, in a few words; empty for most types."""
    describe = _DETAILS.get(str(state.get("Type")))
    return shortened(describe(state), 40) if describe else ""


def _task(state: Mapping[str, Any]) -> str:
    resource = expression(state.get("Resource", ""))
    parts = resource.split(":")
    if len(parts) > 6 and parts[2] == "states" and parts[5] == "activity":
        return f"activity {parts[6]}"
    if len(parts) > 6 and parts[2] == "lambda":
        return f"lambda {parts[6]}"
    return re.sub(r"^arn:[\w-]+:states:[^:]*:[^:]*:(aws-sdk:)?", "", resource)


def _wait(state: Mapping[str, Any]) -> str:
    if "Seconds" in state:
        return f"{expression(state['Seconds'])} s"
    if "SecondsPath" in state:
        return f"{_path(state['SecondsPath'])} s"
    if "Timestamp" in state:
        return f"until {expression(state['Timestamp'])}"
    return f"until {_path(state.get('TimestampPath', '?'))}"


def _fail(state: Mapping[str, Any]) -> str:
    error = state.get("Error")
    return error if isinstance(error, str) and not _JSONATA.fullmatch(error.strip()) else ""


def _parallel(state: Mapping[str, Any]) -> str:
    branches = state.get("Branches")
    count = len(branches) if isinstance(branches, list) else 0
    return f"{count} branch{'' if count == 1 else 'es'}"


def _map(state: Mapping[str, Any]) -> str:
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    mode = str(config.get("Mode", "INLINE")).lower() if isinstance(config, Mapping) else "inline"
    at_once = state.get("MaxConcurrency")
    return f"{mode}, {at_once} at once" if isinstance(at_once, int) and at_once > 0 else mode


_DETAILS = {"Task": _task, "Wait": _wait, "Fail": _fail, "Parallel": _parallel, "Map": _map}
