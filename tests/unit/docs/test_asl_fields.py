"""docs/asl/fields.md lists what the validation and the engine know, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from asl.expressions.intrinsics.registry import FUNCTIONS
from asl.expressions.jsonata_functions import SIGNATURES
from asl.validation import choice, hints, machines, map_fields, retry_catch, states

PAGE = (Path(__file__).parents[3] / "docs" / "asl" / "fields.md").read_text("utf-8")
_SECTION = re.compile(r"^#{2,3} ([^\n]+)\n(.*?)(?=^#{2,3} |\Z)", re.MULTILINE | re.DOTALL)
_NAMES = re.compile(r"`([^`]+)`")
SHAPES = {
    "State machine": machines.MACHINE,
    "Branch": machines.BRANCH,
    "Item processor": machines.PROCESSOR,
    "ProcessorConfig": machines.PROCESSOR_CONFIG,
    "ItemReader": map_fields.ITEM_READER,
    "ReaderConfig": map_fields.READER_CONFIG,
    "ItemBatcher": map_fields.ITEM_BATCHER,
    "ResultWriter": map_fields.RESULT_WRITER,
    "WriterConfig": map_fields.WRITER_CONFIG,
    "Retry": retry_catch.RETRIER,
    "Catch": retry_catch.CATCHER,
}
NAMES = {
    "Intrinsic functions": set(FUNCTIONS),
    "Step Functions' own JSONata functions": set(SIGNATURES),
    "Choice operators": set(choice.COMPARISONS),
    "Choice rule": set(choice.RULE.fields) - set(choice.COMPARISONS),
    "Error names": set(hints.ERROR_NAMES),
    **{title: set(shape.fields) for title, shape in SHAPES.items()},
}


def listed(title: str) -> set[str]:
    """The names in the first column of a section's table."""
    sections: dict[str, str] = dict(_SECTION.findall(PAGE))
    rows = [line for line in sections[title].splitlines() if line.startswith("| `")]
    return {name for row in rows for name in _NAMES.findall(row.split("|")[1])}


@pytest.mark.parametrize("title", NAMES)
def test_a_section_lists_all_names_and_no_others(title: str) -> None:
    assert listed(title) == NAMES[title]


@pytest.mark.parametrize("kind", states.TYPES)
def test_the_fields_of_a_state_are_listed_with_it_or_with_every_state(kind: str) -> None:
    fields, own, common = set(states.STATES[kind].fields), listed(kind), listed("Every state")

    assert own <= fields
    assert fields <= own | common
    assert not own & common


def test_what_is_listed_for_every_state_is_a_field_of_some() -> None:
    assert listed("Every state") <= {field for shape in states.STATES.values() for field in shape.fields}
