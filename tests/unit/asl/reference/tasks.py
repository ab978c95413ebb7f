"""What the tasks of random definitions do: the function's name says it, so that any engine can ask in any order.

A task is a pure function of what it is asked. `echo` answers what it is given, `fail-NAME` fails with the error NAME,
`flaky-N` fails N times and then answers, `slow-N` answers after N seconds, `later-fail-N` fails after N seconds.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import asl

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"
QUEUE = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
JOB = "arn:aws:states:::states:startExecution.sync:2"


class Answer(NamedTuple):
    """A result, or an error with its cause, `after` seconds from the task's begin."""

    result: Any
    error: str | None = None
    cause: str | None = None
    after: float = 0.0


def answer(resource: str, parameters: Any, attempt: int) -> Answer:
    """What becomes of a task."""
    if resource in (QUEUE, JOB):
        return Answer({"done": True}, after=3.0)
    behaviour, _, detail = resource.rpartition(":")[2].rpartition("-")
    if behaviour == "fail":
        return Answer(None, detail, "as told")
    if behaviour == "later-fail":
        return Answer(None, "Late", None, float(detail))
    if behaviour == "flaky" and attempt < int(detail):
        return Answer(None, "Flaky", f"attempt {attempt}")
    if behaviour == "slow":
        return Answer(parameters, after=float(detail))
    return Answer({"echo": parameters, "attempt": attempt})


def perform(request: asl.TaskRequest) -> Any:
    """The same for the engine."""
    given = answer(request.resource, request.parameters, request.attempt)
    result = given.result if given.error is None else asl.TaskFailed(given.error, given.cause)
    if request.resource in (QUEUE, JOB):
        return asl.Submitted({"accepted": True}, result, given.after)
    if given.after:
        return asl.Later(result, given.after)
    if given.error is not None:
        raise asl.TaskFailed(given.error, given.cause)
    return result
