"""Counting in a function's process: one line for each AWS call and for each invocation with its milliseconds.

The emulator puts this folder first in the PYTHONPATH of every function when its own variable FERRY_FAULTS names it.
Each process appends to `counts/FUNCTION.PID` beside this file: `call OPERATION` or `invocation MILLISECONDS`.
"""

# mypy: disable-error-code="no-untyped-call, no-untyped-def, method-assign, attr-defined"
from __future__ import annotations

import os
import time
from pathlib import Path

_FOLDER = Path(__file__).parent / "counts"
_FOLDER.mkdir(exist_ok=True)
_FUNCTION = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "unknown")
_file = (_FOLDER / f"{_FUNCTION}.{os.getpid()}").open("a", buffering=1)


def _count_invocations() -> None:
    from awslambdaric import bootstrap

    handle = bootstrap.handle_event_request

    def handled(*arguments, **named):
        begin = time.perf_counter()
        try:
            return handle(*arguments, **named)
        finally:
            _file.write(f"invocation {(time.perf_counter() - begin) * 1000:.1f}\n")

    bootstrap.handle_event_request = handled


def _count_calls() -> None:
    from botocore.client import BaseClient

    call = BaseClient._make_api_call

    def called(self, operation, arguments):
        _file.write(f"call {operation}\n")
        return call(self, operation, arguments)

    BaseClient._make_api_call = called


_count_invocations()
_count_calls()
