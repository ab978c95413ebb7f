"""Our engine: loaded once, run with a virtual clock and tasks that answer at once."""

from __future__ import annotations

from typing import Any

import asl
from bench.asl_engines.engine import Answers, CannotRun, Functions, Prepared


def tasks_of(answers: Answers) -> Any:
    """A callable that answers each task from the list of its function."""
    functions = Functions(answers)

    def answer(request: asl.TaskRequest) -> Any:
        answer = functions.answer(request.resource)
        if "error" in answer:
            raise asl.TaskFailed(answer["error"], answer["cause"])
        return answer["return"]

    return answer


class AslEngine:
    """`history` is "none", "kept" (by reference), or "read" (also made into GetExecutionHistory's answer)."""

    def __init__(self, history: str) -> None:
        self._history = history

    def prepare(self, definition: str, given: Any, answers: Answers) -> Prepared:
        machine, tasks = asl.load(definition), tasks_of(answers)
        recorded, read = self._history != "none", self._history == "read"
        last: list[asl.Execution] = []

        def run() -> asl.Execution:
            execution = machine.run(given, tasks, clock=asl.VirtualClock(), history=recorded)
            if execution.status != "SUCCEEDED":
                raise CannotRun(f"ended as {execution.status}: {execution.error}: {execution.cause}")
            if read:
                execution.history()
            last[:] = [execution]
            return execution

        def entered() -> int | None:
            if not recorded:
                return None
            return sum(event["type"].endswith("StateEntered") for event in last[0].history())

        return Prepared(run, lambda execution: execution.output, entered)
