"""Where MiniStack differs from AWS: a test that fails here names a mend that can go from `emulated_states.py`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.services import stepfunctions as stock

LAMBDA = "arn:aws:states:::lambda:invoke.waitForTaskToken"
ARGUMENTS = {"FunctionName": "confirm", "Payload": {}}


def test_mend_states_all_is_needed_while_the_wildcard_matches_what_aws_lets_through() -> None:
    assert stock._error_matches(["States.ALL"], "States.DataLimitExceeded")


def test_mend_callbacks_is_needed_while_a_timeout_may_not_be_an_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "_call_lambda", lambda function, event: None)

    with pytest.raises(TypeError):
        stock._invoke_with_callback(LAMBDA, ARGUMENTS, "token", {"TimeoutSeconds": "{% 1 %}"})


def test_mend_callbacks_is_needed_while_a_failed_function_leaves_the_task_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(function: str, event: Any) -> None:
        raise stock._ExecutionError("IntegrityError", "other bytes")

    monkeypatch.setattr(stock, "_call_lambda", fail)

    with pytest.raises(stock._ExecutionError) as caught:
        stock._invoke_with_callback(LAMBDA, ARGUMENTS, "token", {"TimeoutSeconds": 0.05})
    assert caught.value.error == "States.Timeout"


@pytest.mark.parametrize(
    ("mock", "on_aws"),
    [
        ({"result": '{"Payload": 1}'}, {"status": "SUCCEEDED", "output": '{"seen": 1}'}),
        ({"errorOutput": {"error": "Busy", "cause": ""}}, {"status": "RETRIABLE"}),
    ],
)
def test_mend_test_state_is_needed_while_mocked_jsonata_tasks_are_taken_for_jsonpath(
    mock: dict[str, Any], on_aws: dict[str, str]
) -> None:
    state = {
        "QueryLanguage": "JSONata",
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Output": {"seen": "{% $states.result.Payload %}"},
        "Retry": [{"ErrorEquals": ["Busy"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Elsewhere"}],
        "End": True,
    }
    _, _, body = stock._test_state({"definition": json.dumps(state), "input": "{}", "mock": mock})
    answer = json.loads(body)

    assert {name: answer.get(name) for name in on_aws} != on_aws
