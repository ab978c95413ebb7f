"""JSONata expressions in a definition: what does not parse, and what they may not refer to.

AWS parses every expression when a state machine is created ("Transforming data with JSONata in Step Functions").
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from asl.errors import BadExpression
from asl.expressions.jsonata import References, inner_text, references
from asl.expressions.jsonata_paths import path_of

from .findings import Surroundings

BRACES = "JSONata string must start with {% and end with %}"
INVALID = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"


def check_jsonata_template(value: Any, location: str, around: Surroundings) -> None:
    """Strings in `{% %}`, at every depth."""
    kind = type(value)
    if kind is str:
        if value.startswith("{%") or value.endswith("%}"):
            check_jsonata(value, location, around)
    elif kind is dict:
        for name, member in value.items():
            check_jsonata_template(member, f"{location}/{name}", around)
    elif kind is list:
        for index, member in enumerate(value):
            check_jsonata_template(member, f"{location}[{index}]", around)


def check_jsonata(value: str, location: str, around: Surroundings) -> None:
    """One string that must be a JSONata expression."""
    text = inner_text(value)
    if text is None:
        around.findings.error(BRACES, location)
        return
    read = _read(text)
    if isinstance(read, BadExpression):
        # AWS leaves the parser's code out.
        around.findings.error(read.reason.partition(": ")[2] or read.reason, location, INVALID)
        return
    for name in read.top_level:
        # An unknown function may look at everything: that is no reference to it.
        if name != "$$":
            around.findings.error(f"Reference to '{name}' at the top level is not supported.", location, UNSUPPORTED)
        elif "$$" in text:
            around.findings.error("Reference to '$$' is not supported.", location, UNSUPPORTED)
    for path in sorted(read.states):
        member = path.partition(".")[0]
        if member and member not in around.readable:
            around.findings.error(f"Field '$states.{member}' does not exist.", location, UNSUPPORTED)
    for name in read.variables:
        around.findings.reads.append((name, location))


@lru_cache(maxsize=4096)
def _read(text: str) -> References | BadExpression:
    """What the expression refers to; plain paths do not need the engine."""
    path = path_of(text)
    if path is not None:
        root, names = path
        if root == "states":
            return References(frozenset((".".join(names),)), frozenset())
        return References(frozenset(), frozenset((root,)))
    try:
        return references(text)
    except BadExpression as error:
        return error
