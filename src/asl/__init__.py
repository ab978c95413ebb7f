"""A workflow engine that runs Step Functions definitions (Amazon States Language) as AWS does.

machine = asl.load(definition)
execution = machine.run({"n": 1}, tasks=perform)
execution.status, execution.output, execution.history()
"""

from asl.clock import Clock, SystemClock, VirtualClock
from asl.driver import Stalled, drive
from asl.errors import AslError, BadExpression, InvalidDefinition, StateError, TaskFailed
from asl.execution import Execution, UnknownTask
from asl.identity import Identity
from asl.machine import Machine, load
from asl.quotas import AWS, UNLIMITED, Quotas
from asl.randomness import SeededRandomness, SystemRandomness
from asl.requests import Later, Submitted, TaskRequest, Timer
from asl.task_work import BadTaskResult
from asl.validation import Diagnostic, validate

__all__ = [
    "AWS",
    "UNLIMITED",
    "AslError",
    "BadExpression",
    "BadTaskResult",
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
    "Timer",
    "UnknownTask",
    "VirtualClock",
    "drive",
    "load",
    "validate",
]
