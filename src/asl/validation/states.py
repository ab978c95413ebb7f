"""The eight types of states: their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import paths, templates
from .choice import check_choices
from .findings import Surroundings
from .map_fields import check_credentials, check_item_batcher, check_item_reader, check_label, check_result_writer
from .resources import check_integration, check_resource
from .retry_catch import check_catch, check_retry
from .shapes import Check, Shape, check_fields, check_language, check_values
from .values import anything, boolean, integer, number, one_of, text, timestamp_or_expression

TYPES = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
_SECONDS = integer(1, 99999999, expression=True)
_PATHS: dict[str, Check] = {"InputPath": paths.check_path, "OutputPath": paths.check_path}
_COMMON: dict[str, Check] = {"Type": anything, "Comment": text, "QueryLanguage": one_of("JSONPath", "JSONata")}
_OUTPUT: dict[str, Check] = {"Output": templates.check_template}
_ASSIGN: dict[str, Check] = {"Assign": templates.check_assign}
_LEAVE: dict[str, Check] = {"Next": text, "End": boolean}
_RESULT_PATH: dict[str, Check] = {"ResultPath": paths.check_result_path}
_PARAMETERS: dict[str, Check] = {"Parameters": templates.check_template}
_WORK: dict[str, Check] = {
    "ResultSelector": templates.check_template,
    "Retry": check_retry,
    "Catch": check_catch,
}
_NEXT_OR_END = (("Next", "End"),)


def _knowing_the_result(check: Check) -> Check:
    def checked(value: Any, location: str, around: Surroundings) -> None:
        check(value, location, around.with_result())

    return checked


# Only states that call something have a result.
_RESULT_OUTPUT = {"Output": _knowing_the_result(templates.check_template)}
_RESULT_ASSIGN = {"Assign": _knowing_the_result(templates.check_assign)}


def nested(value: Any, location: str, around: Surroundings) -> None:
    """Item processors and branches: they are checked with the machine that they are."""


STATES: Mapping[str, Shape] = {
    "Pass": Shape(
        fields=_COMMON | _PATHS | _RESULT_PATH | _PARAMETERS | _OUTPUT | _ASSIGN | _LEAVE | {"Result": anything},
        one_of=_NEXT_OR_END,
    ),
    "Task": Shape(
        fields=_COMMON
        | _PATHS
        | _RESULT_PATH
        | _PARAMETERS
        | _RESULT_OUTPUT
        | _RESULT_ASSIGN
        | _LEAVE
        | _WORK
        | {
            "Arguments": templates.check_template,
            "Resource": check_resource,
            "Credentials": check_credentials,
            "TimeoutSeconds": _SECONDS,
            "TimeoutSecondsPath": paths.check_reference_path,
            "HeartbeatSeconds": _SECONDS,
            "HeartbeatSecondsPath": paths.check_reference_path,
        },
        required=("Resource",),
        exclusive=(("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
        one_of=_NEXT_OR_END,
    ),
    "Wait": Shape(
        fields=_COMMON
        | _PATHS
        | _OUTPUT
        | _ASSIGN
        | _LEAVE
        | {
            "Seconds": integer(0, 99999999, expression=True),
            "SecondsPath": paths.check_reference_path,
            "Timestamp": timestamp_or_expression,
            "TimestampPath": paths.check_reference_path,
        },
        one_of=(("SecondsPath", "Seconds", "TimestampPath", "Timestamp"), *_NEXT_OR_END),
    ),
    "Parallel": Shape(
        fields=_COMMON
        | _PATHS
        | _RESULT_PATH
        | _PARAMETERS
        | _RESULT_OUTPUT
        | _RESULT_ASSIGN
        | _LEAVE
        | _WORK
        | {"Arguments": templates.check_template, "Branches": nested},
        required=("Branches",),
        one_of=_NEXT_OR_END,
    ),
    "Map": Shape(
        fields=_COMMON
        | _PATHS
        | _RESULT_PATH
        | _PARAMETERS
        | _RESULT_OUTPUT
        | _RESULT_ASSIGN
        | _LEAVE
        | _WORK
        | {
            "ItemProcessor": nested,
            "Iterator": nested,
            "ItemsPath": paths.check_reference_path,
            "Items": templates.check_items,
            "ItemSelector": templates.check_template,
            "ItemReader": check_item_reader,
            "ItemBatcher": check_item_batcher,
            "ResultWriter": check_result_writer,
            "Label": check_label,
            "MaxConcurrency": integer(0, expression=True),
            "MaxConcurrencyPath": paths.check_data_reference_path,
            "ToleratedFailurePercentage": number(0.0, 100.0, expression=True),
            "ToleratedFailurePercentagePath": paths.check_data_reference_path,
            "ToleratedFailureCount": integer(0, expression=True),
            "ToleratedFailureCountPath": paths.check_data_reference_path,
        },
        exclusive=(
            ("MaxConcurrency", "MaxConcurrencyPath"),
            ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
            ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ),
        one_of=(("ItemProcessor", "Iterator"), *_NEXT_OR_END),
    ),
    "Choice": Shape(
        fields=_COMMON | _PATHS | _OUTPUT | _ASSIGN | {"Choices": check_choices, "Default": text},
        required=("Choices",),
    ),
    "Succeed": Shape(fields=_COMMON | _PATHS | _OUTPUT),
    "Fail": Shape(
        fields=_COMMON
        | {
            "Error": templates.check_text,
            "ErrorPath": paths.check_path_or_intrinsic,
            "Cause": templates.check_text,
            "CausePath": paths.check_path_or_intrinsic,
        },
        exclusive=(("Error", "ErrorPath"), ("Cause", "CausePath")),
    ),
}


def check_state(state: Any, location: str, around: Surroundings) -> None:
    """One state without what is nested in it."""
    if type(state) is not dict:
        around.findings.expected("OBJECT", location)
        return
    kind = state.get("Type")
    shape = STATES.get(kind) if type(kind) is str else None
    if shape is None or kind is None:
        _report_type(state, location, around)
        return
    language = state.get("QueryLanguage", "JSONata" if around.machine_jsonata else "JSONPath")
    here = Surroundings(around.findings, around.express, around.machine_jsonata, language != "JSONPath", kind)
    check_fields(shape, state, location, here)
    if around.machine_jsonata and not here.jsonata:
        here.findings.error(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", location
        )
    else:
        check_language(shape, state, location, here)
    check_values(shape, state, location, here)
    if kind == "Task":
        check_integration(state, location, here)


def _report_type(state: Mapping[str, Any], location: str, around: Surroundings) -> None:
    if "Type" not in state:
        around.findings.error("These fields are required: [Type]", location)
        return
    around.findings.error(f"The field 'Type' should have one of these values: [{', '.join(TYPES)}]", f"{location}/Type")
