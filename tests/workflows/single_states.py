"""State by state through TestState: the same cases without a state machine.

The walk from one state to the next is what TestState answers (`nextState`, RETRIABLE); only the counting of retries
is done here, as a user of TestState has to.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.workflows.engine import Answer, Mocks, Outcome, Script
from tests.workflows.executions import substituted

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import MockInputTypeDef, TestStateOutputTypeDef

_LONGEST_PATH = 60


class SingleStates:
    """Runs each case by asking TestState for one state after the other."""

    def __init__(self, sfn: SFNClient) -> None:
        self._sfn = sfn

    def run(self, definition: Mapping[str, Any], input: Mapping[str, Any], mocks: Mocks) -> Outcome:
        walk = _Walk(self._sfn, substituted(definition, "case", self._sfn.meta.region_name), Script(mocks))
        state: str | None = definition["StartAt"]
        data: Any = input
        answer: TestStateOutputTypeDef | None = None
        while state:
            step = walk.task if definition["States"][state]["Type"] == "Task" else walk.plain
            answer = step(state, data)
            state = answer.get("nextState")
            data = json.loads(answer["output"]) if "output" in answer else None
        assert answer
        assert not walk.script.unused, f"answers that nobody asked for: {walk.script.unused}"
        failed = answer["status"] == "FAILED"
        return Outcome(
            path=tuple(walk.path),
            status=answer["status"],
            output=None if failed else data,
            error=answer.get("error") if failed else None,
            cause=answer.get("cause") if failed else None,
            calls=walk.script.calls,
        )


class _Walk:
    def __init__(self, sfn: SFNClient, definition: str, script: Script) -> None:
        self._sfn = sfn
        self._definition = definition
        self.script = script
        self.path: list[str] = []

    def plain(self, state: str, data: Any) -> TestStateOutputTypeDef:
        """A state that calls nothing."""
        self.path.append(state)
        return self._sfn.test_state(definition=self._definition, stateName=state, input=json.dumps(data))

    def task(self, state: str, data: Any) -> TestStateOutputTypeDef:
        """A task with its retries."""
        retries: Counter[int] = Counter()
        while True:
            self.path.append(state)
            assert len(self.path) < _LONGEST_PATH, f"an endless walk: {self.path}"
            answer = self._attempt(state, data, retries)
            if answer["status"] != "RETRIABLE":
                return answer
            retries[answer["inspectionData"]["errorDetails"]["retryIndex"]] += 1

    def _attempt(self, state: str, data: Any, retries: Counter[int]) -> TestStateOutputTypeDef:
        """One call: its payload goes to the script, whose answer is the mock of TestState.

        Which retrier an error meets, and so which count counts, only TestState knows: it is asked first as if
        nothing had been retried yet.
        """
        payload = self._arguments(state, data, retries)["Payload"]
        mock = _mock(self.script.call(state, payload))
        answer = self._test(state, data, retries, mock, 0)
        if answer["status"] == "RETRIABLE":
            used = retries[answer["inspectionData"]["errorDetails"]["retryIndex"]]
            return self._test(state, data, retries, mock, used) if used else answer
        return answer

    def _arguments(self, state: str, data: Any, retries: Counter[int]) -> dict[str, Any]:
        answer = self._test(state, data, retries, {"result": json.dumps({"Payload": {}})}, 0)
        arguments: dict[str, Any] = json.loads(answer["inspectionData"]["afterArguments"])
        return arguments

    def _test(
        self, state: str, data: Any, retries: Counter[int], mock: MockInputTypeDef, used: int
    ) -> TestStateOutputTypeDef:
        context = {
            "State": {"Name": state, "EnteredTime": "2026-01-01T00:00:00Z", "RetryCount": retries.total()},
            "Task": {"Token": f"token-{len(self.path)}"},
        }
        return self._sfn.test_state(
            definition=self._definition,
            stateName=state,
            input=json.dumps(data),
            inspectionLevel="DEBUG",
            mock=mock,
            context=json.dumps(context),
            stateConfiguration={"retrierRetryCount": used},
        )


def _mock(answer: Answer) -> MockInputTypeDef:
    """TestState has no token to complete: the completion itself is the result, and none at all is the time-out."""
    if answer.completion and answer.completion.output is not None:
        return {"result": json.dumps(answer.completion.output)}
    if answer.completion and answer.completion.error:
        return _failed(answer.completion.error, answer.completion.cause)
    if answer.error:
        return _failed(answer.error, answer.cause)
    if answer.result == {"waiting": True}:
        return _failed("States.Timeout", "")
    return {"result": json.dumps({"StatusCode": 200, "Payload": answer.result}), "fieldValidationMode": "NONE"}


def _failed(error: str, cause: str) -> MockInputTypeDef:
    return {"errorOutput": {"error": error, "cause": cause}}
