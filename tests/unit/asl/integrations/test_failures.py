"""How services' errors are named and worded."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from asl.errors import TaskFailed
from asl.integrations import function

CASES = json.loads((Path(__file__).parent / "failures.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['module']}.{case['call']} {case['error']}")
def test_a_failure_has_the_name_and_the_words_of_aws(case: dict[str, Any]) -> None:
    called = getattr(importlib.import_module(f"asl.integrations.{case['module']}"), case["call"])
    if case.get("raises"):
        with pytest.raises(TaskFailed) as raised:
            called(*case["arguments"], **case.get("keywords", {}))
        failure = raised.value
    else:
        failure = called(*case["arguments"], **case.get("keywords", {}))
    assert (failure.error, failure.cause) == (case["error"], case["cause"])


class CustomError(Exception):
    pass


def handler(event: Any) -> None:
    raise CustomError("Some exception was raised.")


def test_a_functions_exception_becomes_the_python_runtimes_error() -> None:
    try:
        handler({})
    except CustomError as exception:
        failure = function.error(exception, "R")
    assert failure.error == "CustomError"
    cause = json.loads(failure.cause or "")
    assert list(cause) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (cause["errorMessage"], cause["errorType"], cause["requestId"]) == (
        "Some exception was raised.",
        "CustomError",
        "R",
    )
    line = handler.__code__.co_firstlineno + 1
    assert cause["stackTrace"] == [
        f'  File "{__file__}", line {line}, in handler\n    raise CustomError("Some exception was raised.")\n'
    ]
