"""From a definition's text to its value: syntax, and fields that are given twice."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from .findings import Findings

Duplicates = list[tuple[dict[str, Any], str]]
_AROUND = 40


def parsed_text(text: str, findings: Findings) -> Any:
    """The value of JSON text; None, with a finding, if it has none. Fields given twice are reported."""
    if not text.strip():
        findings.nowhere("MISSING_DESCRIPTION", "Received a null or empty workflow input.")
        return None
    duplicates: Duplicates = []

    def collected(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            names = [name for name, _ in pairs]
            duplicates.extend((value, name) for name in value if names.count(name) > 1)
        return value

    try:
        value = json.loads(text, object_pairs_hook=collected, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        findings.nowhere("INVALID_JSON_DESCRIPTION", _with_caret(error))
        return None
    except ValueError as error:
        findings.nowhere("INVALID_JSON_DESCRIPTION", str(error))
        return None
    if duplicates:
        _report_duplicates(value, "", duplicates, findings)
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _with_caret(error: json.JSONDecodeError) -> str:
    """The parser's words, and the place in its line."""
    start = error.doc.rfind("\n", 0, error.pos) + 1
    end = error.doc.find("\n", error.pos)
    end = len(error.doc) if end < 0 else end
    first = max(start, error.pos - _AROUND)
    line = error.doc[first : min(end, error.pos + _AROUND)].replace("\t", " ")
    return f"{error.msg}: line {error.lineno}, column {error.colno}\n  {line}\n  {' ' * (error.pos - first)}^"


def _report_duplicates(value: Any, location: str, duplicates: Duplicates, findings: Findings) -> None:
    """A state given twice is AWS's error; of another field the last one counts."""
    if type(value) is list:
        for index, member in enumerate(value):
            _report_duplicates(member, f"{location}[{index}]", duplicates, findings)
    elif type(value) is dict:
        for holder, name in duplicates:
            if holder is value:
                _report_duplicate(name, location, findings)
        for name, member in value.items():
            _report_duplicates(member, f"{location}/{name}", duplicates, findings)


def _report_duplicate(name: str, location: str, findings: Findings) -> None:
    if location.endswith("/States"):
        findings.error(f"Duplicate State name: {name}", f"{location}/{name}", "DUPLICATE_STATE_NAME")
    else:
        findings.warning("DUPLICATE_FIELD", f"Field '{name}' is given twice: the last one counts", location)
