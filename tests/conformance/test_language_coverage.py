"""There is a case for every field, operator, function and error of the language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from asl.expressions.intrinsics.registry import FUNCTIONS
from asl.validation.choice import COMPARISONS
from asl.validation.machines import MACHINE, PROCESSOR, PROCESSOR_CONFIG
from asl.validation.map_fields import ITEM_BATCHER, ITEM_READER, READER_CONFIG, RESULT_WRITER, WRITER_CONFIG
from asl.validation.retry_catch import CATCHER, RETRIER
from asl.validation.states import STATES
from tests.conformance.own_cases import cases, definition_of

SHAPES = {
    "": MACHINE,
    "ItemProcessor": PROCESSOR,
    "ProcessorConfig": PROCESSOR_CONFIG,
    "ItemReader": ITEM_READER,
    "ReaderConfig": READER_CONFIG,
    "ItemBatcher": ITEM_BATCHER,
    "ResultWriter": RESULT_WRITER,
    "WriterConfig": WRITER_CONFIG,
    "Retry": RETRIER,
    "Catch": CATCHER,
} | STATES

# The specification has BranchFailed, IntrinsicFailure and ParameterPathFailure too; AWS reports others in their place.
ERRORS = """
    States.ALL States.DataLimitExceeded States.ExceedToleratedFailureThreshold States.HeartbeatTimeout
    States.Http.StatusCode.404 States.ItemReaderFailed States.NoChoiceMatched States.Permissions
    States.QueryEvaluationError States.ResultPathMatchFailure States.ResultWriterFailed States.Runtime
    States.TaskFailed States.Timeout
"""


def fields_used() -> set[tuple[str, str]]:
    return {found for _, case in cases() for found in fields_in(definition_of(case), "")}


def fields_in(value: Any, holder: str) -> Iterator[tuple[str, str]]:
    """(the shape, the field) of everything in a definition."""
    if isinstance(value, list):
        for part in value:
            yield from fields_in(part, holder)
    elif isinstance(value, dict):
        shape = value["Type"] if value.get("Type") in STATES else "ItemProcessor" if holder == "Iterator" else holder
        for field, part in value.items():
            yield shape, field
            inner = "ItemProcessor" if field == "Branches" else field
            yield from fields_in(part, inner)


def test_every_field_has_a_case() -> None:
    wanted = {(name, field) for name, shape in SHAPES.items() for field in shape.fields}
    assert wanted - fields_used() == set()


def test_every_choice_operator_has_a_case() -> None:
    text = json.dumps([case for _, case in cases()])
    assert {name for name in COMPARISONS if f'"{name}"' not in text} == set()


def test_every_intrinsic_function_has_a_case() -> None:
    text = json.dumps([case for _, case in cases()])
    assert {name for name in FUNCTIONS if f"States.{name}(" not in text} == set()


def test_every_error_has_a_case() -> None:
    text = json.dumps([case for _, case in cases()])
    assert {name for name in ERRORS.split() if f'"{name}"' not in text} == set()
