"""Executions and the runs that they are of: which one is whose, and how its end is that of its run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fileferry.model.job import Job, JobStatus, Run

MAX_MESSAGE = 2000
_MESSAGE = re.compile(r'"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*+")')
_ENDS: Mapping[str, tuple[JobStatus, str, str]] = {
    "ABORTED": (JobStatus.CANCELLED, "ExecutionAborted", "The execution was stopped from outside."),
    "TIMED_OUT": (JobStatus.FAILED, "States.Timeout", "The execution ran longer than its workflow allows."),
    "FAILED": (JobStatus.FAILED, "States.Runtime", "The execution failed outside its steps."),
}
"""Execution status → the run's status, and the error that is recorded when Step Functions names none."""
_UNCLOSED = (JobStatus.FAILED, "States.Runtime", "The execution ended without closing its run.")


def execution_arn(machine: str, name: str) -> str:
    """ARN of an execution of a state machine, version or alias (`…:stateMachine:NAME[:ALIAS]`)."""
    parts = machine.replace(":stateMachine:", ":execution:").split(":")
    return ":".join([*parts[:7], name])


def execution_of(job: Job, run: Run) -> str:
    """ARN of the execution of one of the job's runs; empty for the worker's, and where none was started."""
    return job.execution_arn if run.run == job.run else run.execution_arn


def run_end(ended: str, error: str = "", cause: str = "") -> tuple[JobStatus, dict[str, Any]]:
    """The status and error record of a run whose execution ended, but did not close it.

    `ended` is the execution's status, `error` and `cause` what Step Functions tells beside it.
    """
    status, name, words = _ENDS.get(ended, _UNCLOSED)
    return status, {"error": error or name, "message": message_of(cause) or words}


def message_of(cause: str) -> str:
    """The words for people in a `Cause`; empty when there are none.

    Lambda gives a function's error as JSON text, `{"errorMessage": …, "errorType": …, "stackTrace": […]}` (Lambda
    developer guide, "Python function errors"); Step Functions passes it on as `Cause`, cut at 32,768 characters.
    """
    found = _MESSAGE.search(cause)
    if found:
        return str(json.loads(found[1], strict=False))[:MAX_MESSAGE]
    if '"stackTrace"' in cause or '"errorType"' in cause:
        return ""
    return cause.strip()[:MAX_MESSAGE]
