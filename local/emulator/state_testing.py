"""TestState of a JSONata task with a mock.

What AWS does: Arguments and Output are evaluated, `inspectionData.afterArguments` tells the first; a mocked error
meets Retry (with `stateConfiguration.retrierRetryCount`) and then Catch, whose Output is evaluated; the context object
is the caller's. MiniStack 1.5.33 answers as if the state were a JSONPath one, looks at Catch first, and leaves the
caller's State out of the context.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import stepfunctions as sfn

from .step_functions import retry_delay

Answer = dict[str, Any]
State = Mapping[str, Any]


def tested(original: Any) -> Any:
    """`_test_state`, which stays MiniStack's for everything but mocked JSONata tasks."""

    def test(request: dict[str, Any]) -> Any:
        definition = json.loads(request["definition"])
        state = definition
        if "States" in definition:
            state = definition["States"].get(request.get("stateName") or definition.get("StartAt"), {})
        context = {"QueryLanguage": definition.get("QueryLanguage", "JSONPath"), "variables": {}}
        jsonata = sfn._state_query_language(state, context) == "JSONata"
        if state.get("Type") != "Task" or not request.get("mock") or not jsonata:
            return original(request)
        context["State"] = {"Name": request.get("stateName", "TestState"), "RetryCount": 0}
        context.update(json.loads(request.get("context", "{}")))
        return sfn.json_response(answer_of(state, request, context))

    return test


def answer_of(state: State, request: Mapping[str, Any], context: dict[str, Any]) -> Answer:
    """TestState's answer; with inspectionData from level DEBUG on."""
    given = json.loads(request.get("input", "{}"))
    mock = request["mock"]
    inspection: dict[str, Any] = {"input": json.dumps(given)}
    try:
        inspection["afterArguments"] = json.dumps(sfn._apply_jsonata_arguments(state, given, context))
        if "errorOutput" in mock:
            raise sfn._ExecutionError(mock["errorOutput"].get("error", ""), mock["errorOutput"].get("cause", ""))
        result = json.loads(mock["result"])
        output = sfn._apply_jsonata_output(state, given, context, result=result, default=result)
        answer = {"status": "SUCCEEDED", "output": json.dumps(output), "nextState": state.get("Next")}
    except sfn._ExecutionError as error:
        retries = request.get("stateConfiguration", {}).get("retrierRetryCount", 0)
        answer, inspection["errorDetails"] = _handled(state, given, context, error, retries)
    if request.get("inspectionLevel", "INFO") != "INFO":
        answer["inspectionData"] = inspection
    return {name: value for name, value in answer.items() if value is not None}


def _handled(
    state: State, given: Any, context: dict[str, Any], error: sfn._ExecutionError, retries: int
) -> tuple[Answer, Answer]:
    """What TestState answers to an error, and its errorDetails."""
    retriers, catchers = state.get("Retry", []), state.get("Catch", [])
    told = {"error": error.error, "cause": error.cause}
    counts = dict.fromkeys(range(len(retriers)), retries)
    retrier, index = sfn._find_matching_retrier(retriers, error.error, counts)
    if retrier:
        seconds = int(retry_delay(retriers[index], retries, 1.0))
        return {"status": "RETRIABLE", **told}, {"retryIndex": index, "retryBackoffIntervalSeconds": seconds}
    catcher = sfn._find_matching_catcher(catchers, error.error)
    if not catcher:
        return {"status": "FAILED", **told}, {}
    error_output = {"Error": error.error, "Cause": error.cause}
    output = sfn._apply_catcher(catcher, given, context, "JSONata", error_output)
    caught = {"status": "CAUGHT_ERROR", "output": json.dumps(output), "nextState": catcher["Next"], **told}
    return caught, {"catchIndex": catchers.index(catcher)}


def close_gap() -> None:
    """Replace TestState."""
    sfn._test_state = tested(sfn._test_state)
