"""A workflow engine that runs Step Functions definitions (Amazon States Language) as AWS does.

machine = asl.load(definition)
execution = machine.run({"n": 1}, tasks=perform)
execution.status, execution.output, execution.history()
"""

from typing import TYPE_CHECKING, Any

from asl.clock import Clock, SystemClock, VirtualClock
from asl.driver import Stalled, drive
from asl.errors import ApiError, AslError, BadExpression, InvalidDefinition, StateError, TaskFailed
from asl.execution import Execution, UnknownTask
from asl.identity import Identity
from asl.machine import Machine, load
from asl.quotas import AWS, UNLIMITED, Quotas
from asl.randomness import SeededRandomness, SystemRandomness
from asl.requests import Later, Submitted, TaskRequest, Timer
from asl.task_work import BadTaskResult
from asl.tasks import BadTasks, Tasks, UnknownResource
from asl.validation import Diagnostic, validate

if TYPE_CHECKING:
    from asl.single_state import test_state

__all__ = [
    "AWS",
    "UNLIMITED",
    "ApiError",
    "AslError",
    "BadExpression",
    "BadTaskResult",
    "BadTasks",
    "Clock",
    "Diagnostic",
    "Execution",
    "Identity",
    "InvalidDefinition",
    "Later",
    "Machine",
    "Quotas",
    "SeededRandomness",
    "Stalled",
    "StateError",
    "Submitted",
    "SystemClock",
    "SystemRandomness",
    "TaskFailed",
    "TaskRequest",
    "Tasks",
    "Timer",
    "UnknownResource",
    "UnknownTask",
    "VirtualClock",
    "drive",
    "load",
    "test_state",
    "validate",
]


def __getattr__(name: str) -> Any:
    """`test_state` is imported when it is first used: who runs workflows does not pay for it."""
    if name != "test_state":
        raise AttributeError(f"module 'asl' has no attribute '{name}'")
    from asl.single_state import test_state

    return test_state
