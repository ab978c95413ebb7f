"""Definitions that something is wrong with: a valid one, changed in one to three places, or its text damaged."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

from asl.validation.states import STATES
from tests.unit.asl.reference import expressions as exp
from tests.unit.asl.reference.definitions import definitions

WRONG = st.one_of(
    exp.JSON,
    st.floats(),
    st.sampled_from(
        [10**30, -1, 1e300, "$", "$.", "$..", "$[", "$$", "{% $states %}", "{% ( %}", "{%%}", "States.Array(", ""]
    ),
    st.text(st.characters(), max_size=4),
    exp.paths,
    exp.intrinsics,
    exp.expression(*exp.EXPRESSIONS),
    exp.templates(),
)
FIELDS = st.sampled_from(sorted({field for shape in STATES.values() for field in shape.fields}))


@st.composite
def corrupted(draw: st.DrawFn) -> Any:
    """A definition's value, or its text."""
    definition = copy.deepcopy(draw(definitions()))
    for _number in range(draw(st.integers(1, 3))):
        _change(draw, definition)
    text = json.dumps(definition, ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 3)) < 3:
        return definition
    place = draw(st.integers(0, len(text)))
    return (
        text[:place] + draw(st.sampled_from(["", '"', "{", "]", ",", "\x00", "NaN", "\ud800", "'"])) + text[place + 1 :]
    )


def _change(draw: st.DrawFn, definition: Any) -> None:
    """One member or element: taken out, replaced, doubled, exchanged with another, or a field added."""
    holders = [value for value in _containers(definition) if value]
    if not holders:
        return
    holder = draw(st.sampled_from(holders))
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key, other = draw(st.sampled_from(keys)), draw(st.sampled_from(keys))
    match draw(st.sampled_from(["remove", "replace", "exchange", "field", "state"])):
        case "remove":
            del holder[key]
        case "exchange":
            holder[key], holder[other] = holder[other], holder[key]
        case "field" if isinstance(holder, dict):
            holder[draw(FIELDS)] = draw(WRONG)
        case "state":
            holders = [value for value in holders if isinstance(value, dict)]
            holder[key] = draw(st.sampled_from([name for value in holders for name in value] or [""]))
        case _:
            holder[key] = draw(WRONG)


def _containers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(found for part in value.values() for found in _containers(part))]
    if isinstance(value, list):
        return [value, *(found for part in value for found in _containers(part))]
    return []
