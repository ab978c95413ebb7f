"""The process that emulates Step Functions for the workflow cases: MiniStack with the functions played by the test.

`python -m tests.workflows.emulated_states` with GATEWAY_PORT and TASK_STUB_URL. Every call of a Lambda function is
sent to TASK_STUB_URL (`task_stub.py`). Where MiniStack 1.5.33 differs from AWS on the way of our definition, the
difference is mended here; each `_mend_…` says what AWS does. AWS is right: a newer MiniStack makes them unnecessary,
and `test_emulator_gaps.py` tells when.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.services import stepfunctions as sfn

_UNCATCHABLE = ("States.DataLimitExceeded", "States.Runtime")
_callback_token: ContextVar[str] = ContextVar("callback_token", default="")


def _ask_stub(function: str, event: Any) -> dict[str, Any]:
    body = json.dumps({"function": function, "event": event}).encode()
    request = urllib.request.Request(os.environ["TASK_STUB_URL"], body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def _call_stub(function: str, event: Any) -> Any:
    """Stands in for the emulator's call of a Lambda function.

    AWS: an error of the function ends a `.waitForTaskToken` task as it ends any other. MiniStack goes on waiting
    for the token; so the token is completed with the error.
    """
    answer = _ask_stub(function, event)
    if "error" not in answer:
        return answer["result"]
    if token := _callback_token.get():
        sfn._send_task_failure({"taskToken": token, "error": answer["error"], "cause": answer["cause"]})
        return None
    raise sfn._ExecutionError(answer["error"], answer["cause"])


def _mend_callbacks() -> None:
    """AWS: TimeoutSeconds may be a JSONata expression, and holds for a `.waitForTaskToken` task's every attempt."""
    execute_task, invoke_with_callback = sfn._execute_task, sfn._invoke_with_callback

    def evaluated(state: dict[str, Any], raw_input: Any, execution: Any, context: dict[str, Any]) -> Any:
        if str(state.get("TimeoutSeconds", "")).startswith("{%"):
            seconds = sfn._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, context)
            state = {**state, "TimeoutSeconds": seconds}
        return execute_task(state, raw_input, execution, context)

    def tokened(resource: str, arguments: Any, token: str, state: dict[str, Any]) -> Any:
        before = _callback_token.set(token)
        try:
            return invoke_with_callback(resource, arguments, token, state)
        finally:
            _callback_token.reset(before)

    sfn._execute_task, sfn._invoke_with_callback = evaluated, tokened


def _mend_states_all() -> None:
    """AWS: States.ALL matches neither States.DataLimitExceeded nor States.Runtime.

    Step Functions developer guide, "Handling errors in Step Functions workflows", error names.
    """
    matches = sfn._error_matches

    def matched(names: list[str], error: str) -> bool:
        return bool(matches(names, error)) and (error not in _UNCATCHABLE or error in names)

    sfn._error_matches = matched


def _mend_test_state() -> None:
    """AWS: TestState with a mock applies a JSONata task's Arguments and Output, and Retry before Catch.

    MiniStack does it for JSONPath only, and looks for a catcher first.
    """
    test_state = sfn._test_state

    def tested(data: dict[str, Any]) -> Any:
        definition = json.loads(data["definition"])
        name = data.get("stateName") or definition.get("StartAt")
        state = definition["States"][name] if "States" in definition else definition
        context = {"QueryLanguage": definition.get("QueryLanguage", "JSONPath"), "variables": {}}
        if state["Type"] == "Task" and data.get("mock") and sfn._state_query_language(state, context) == "JSONata":
            context.update(json.loads(data.get("context", "{}")))
            return sfn.json_response(_test_mocked_task(state, data, context))
        return test_state(data)

    sfn._test_state = tested


def _test_mocked_task(state: Mapping[str, Any], data: Mapping[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    task_input = json.loads(data.get("input", "{}"))
    mock = data["mock"]
    inspection: dict[str, Any] = {"input": json.dumps(task_input)}
    try:
        arguments = sfn._apply_jsonata_arguments(state, task_input, context)
        inspection["afterArguments"] = json.dumps(arguments)
        if "errorOutput" in mock:
            raise sfn._ExecutionError(mock["errorOutput"]["error"], mock["errorOutput"].get("cause", ""))
        result = json.loads(mock["result"])
        output = sfn._apply_jsonata_output(state, task_input, context, result=result, default=result)
        answer = {"status": "SUCCEEDED", "output": json.dumps(output), "nextState": state.get("Next")}
    except sfn._ExecutionError as error:
        retries = data.get("stateConfiguration", {}).get("retrierRetryCount", 0)
        answer, inspection["errorDetails"] = _handled(state, task_input, context, error, retries)
    if data.get("inspectionLevel", "INFO") != "INFO":
        answer["inspectionData"] = inspection
    return {name: value for name, value in answer.items() if value is not None}


def _handled(
    state: Mapping[str, Any], task_input: Any, context: dict[str, Any], error: Any, retries: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What TestState answers to an error, and its errorDetails."""
    retriers, catchers = state.get("Retry", []), state.get("Catch", [])
    told = {"error": error.error, "cause": error.cause}
    retrier, index = sfn._find_matching_retrier(retriers, error.error, dict.fromkeys(range(len(retriers)), retries))
    if retrier:
        seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** retries
        seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
        return {"status": "RETRIABLE", **told}, {"retryIndex": index, "retryBackoffIntervalSeconds": int(seconds)}
    catcher = sfn._find_matching_catcher(catchers, error.error)
    if not catcher:
        return {"status": "FAILED", **told}, {}
    error_output = {"Error": error.error, "Cause": error.cause}
    output = sfn._apply_catcher(catcher, task_input, context, "JSONata", error_output)
    caught = {"status": "CAUGHT_ERROR", "output": json.dumps(output), "nextState": catcher["Next"], **told}
    return caught, {"catchIndex": catchers.index(catcher)}


def main() -> None:
    sfn._call_lambda = _call_stub
    _mend_callbacks()
    _mend_states_all()
    _mend_test_state()
    app.main()


if __name__ == "__main__":
    main()
