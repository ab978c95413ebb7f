"""Whole executions on Step Functions, through boto3, with the tasks mocked."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tests.workflows.engine import Completion, Mocks, Outcome, Script
from tests.workflows.task_stub import TaskStub

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ACCOUNT = "000000000000"
_SUBSTITUTION = re.compile(r"\$\{(\w+)\}")
_WAIT_SECONDS = 20.0


def substituted(definition: Mapping[str, Any], run: str, region: str) -> str:
    """The definition as JSON text, its function substitutions replaced by the functions `RUN-STATE` of `task_stub`."""
    functions = {
        match[1]: state
        for state, fields in definition["States"].items()
        if (match := _SUBSTITUTION.fullmatch(fields.get("Arguments", {}).get("FunctionName", "")))
    }
    return _SUBSTITUTION.sub(
        lambda match: f"arn:aws:lambda:{region}:{ACCOUNT}:function:{run}-{functions[match[1]]}:1",
        json.dumps(definition),
    )


class Executions:
    """Runs each case as an execution of a state machine of its own."""

    def __init__(self, sfn: SFNClient, stub: TaskStub) -> None:
        self._sfn = sfn
        self._stub = stub

    def run(self, definition: Mapping[str, Any], input: Mapping[str, Any], mocks: Mocks) -> Outcome:
        run = f"case{uuid.uuid4().hex[:12]}"
        script = Script(mocks)
        machine = self._sfn.create_state_machine(
            name=run,
            definition=substituted(definition, run, self._sfn.meta.region_name),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/cases",
        )["stateMachineArn"]
        try:
            with self._stub.playing(run, script, self._complete):
                started = self._sfn.start_execution(stateMachineArn=machine, input=json.dumps(input))
                return self._outcome(started["executionArn"], script)
        finally:
            self._sfn.delete_state_machine(stateMachineArn=machine)

    def _complete(self, token: str, completion: Completion) -> None:
        if completion.error:
            self._sfn.send_task_failure(taskToken=token, error=completion.error, cause=completion.cause)
        else:
            self._sfn.send_task_success(taskToken=token, output=json.dumps(completion.output))

    def _outcome(self, execution: str, script: Script) -> Outcome:
        deadline = time.monotonic() + _WAIT_SECONDS
        while (told := self._sfn.describe_execution(executionArn=execution))["status"] == "RUNNING":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{execution} runs for more than {_WAIT_SECONDS} s: {self._path(execution)}")
            time.sleep(0.02)
        succeeded = told["status"] == "SUCCEEDED"
        assert not script.unused, f"answers that nobody asked for: {script.unused}"
        return Outcome(
            path=self._path(execution),
            status=told["status"],
            output=json.loads(told["output"]) if succeeded else None,
            error=None if succeeded else told.get("error"),
            cause=None if succeeded else told.get("cause"),
            calls=script.calls,
        )

    def _path(self, execution: str) -> tuple[str, ...]:
        pages = self._sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
        return path_of(event for page in pages for event in page["events"])


def path_of(events: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The states of a history, each once an entry and once more a retry (a further TaskScheduled)."""
    path: list[str] = []
    scheduled = 0
    for event in events:
        if event["type"].endswith("StateEntered"):
            path.append(event["stateEnteredEventDetails"]["name"])
            scheduled = 0
        elif event["type"] == "TaskScheduled":
            scheduled += 1
            if scheduled > 1:
                path.append(path[-1])
    return tuple(path)
