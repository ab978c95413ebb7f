"""MiniStack's interpreter: `_run_execution` called in process, without its sleep at the start and before retries.

Its status events are left out too (an execution marked as synchronous sends none). It parses the definition for every
execution; that is its own.
"""

from __future__ import annotations

import json
import os
from types import FunctionType, SimpleNamespace
from typing import Any

os.environ["SFN_WAIT_SCALE"] = "0"

from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sfn

from bench.asl_engines.engine import Answers, CannotRun, Functions, Prepared

_ARN = "arn:aws:states:us-east-1:000000000000"
_NO_SLEEP = {**vars(sfn), "time": SimpleNamespace(sleep=lambda _seconds: None)}
_run_execution = FunctionType(sfn._run_execution.__code__, _NO_SLEEP)


def _calling(functions: Functions) -> Any:
    def call(function: str, _event: Any) -> Any:
        answer = functions.answer(function)
        if "error" in answer:
            raise sfn._ExecutionError(answer["error"], answer["cause"])
        return answer["return"]

    return call


def _execution(arn: str, machine: str, given: str) -> dict[str, Any]:
    return {
        "executionArn": arn,
        "stateMachineArn": machine,
        "name": "one",
        "status": "RUNNING",
        "startDate": now_iso(),
        "input": given,
        "testCase": "",
        "mockAttempts": {},
        "events": [],
        "sync": True,
    }


class MiniStackEngine:
    def prepare(self, definition: str, given: Any, answers: Answers) -> Prepared:
        name = f"bench-{len(sfn._state_machines)}"
        machine, arn = f"{_ARN}:stateMachine:{name}", f"{_ARN}:execution:{name}:one"
        sfn._state_machines[machine] = {"definition": definition, "name": name, "roleArn": "arn:aws:iam::0:role/bench"}
        text, call = json.dumps(given), _calling(Functions(answers))

        def run() -> dict[str, Any]:
            sfn._call_lambda = call
            execution = sfn._executions[arn] = _execution(arn, machine, text)
            _run_execution(arn)
            if execution["status"] != "SUCCEEDED":
                raise CannotRun(f"ended as {execution['status']}: {execution['output']}")
            return execution

        return Prepared(run, lambda execution: json.loads(execution["output"]))
