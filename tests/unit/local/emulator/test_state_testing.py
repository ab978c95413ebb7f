"""TestState and States.ALL as the emulator answers them, and whether MiniStack still does not by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.services import stepfunctions as stock

from local.emulator import state_testing, step_functions

STATE = {
    "QueryLanguage": "JSONata",
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "f", "Payload": {"attempt": "{% $states.context.State.RetryCount %}"}},
    "Output": {"seen": "{% $states.result.Payload %}"},
    "Retry": [
        {"ErrorEquals": ["Rare"]},
        {"ErrorEquals": ["Busy"], "MaxAttempts": 2, "IntervalSeconds": 4, "MaxDelaySeconds": 6},
    ],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "Elsewhere"}],
    "Next": "Following",
}
RESULT = {"result": '{"Payload": 1}'}
BUSY = {"errorOutput": {"error": "Busy", "cause": "much to do"}}


def asked(
    mock: dict[str, Any], retries: int = 0, state: dict[str, Any] = STATE, level: str = "DEBUG"
) -> dict[str, Any]:
    return {
        "definition": json.dumps(state),
        "input": "{}",
        "mock": mock,
        "inspectionLevel": level,
        "context": json.dumps({"State": {"RetryCount": retries}}),
        "stateConfiguration": {"retrierRetryCount": retries},
    }


def answer(request: dict[str, Any]) -> dict[str, Any]:
    _, _, body = state_testing.tested(stock._test_state)(request)
    told: dict[str, Any] = json.loads(body)
    return told


def test_a_mocked_result_goes_through_output() -> None:
    told = answer(asked(RESULT))

    assert (told["status"], told["output"], told["nextState"]) == ("SUCCEEDED", '{"seen": 1}', "Following")


def test_the_arguments_are_told_with_the_callers_context() -> None:
    told = answer(asked(RESULT, retries=3))

    assert json.loads(told["inspectionData"]["afterArguments"])["Payload"] == {"attempt": 3}


def test_a_caller_without_a_context_tests_the_first_attempt() -> None:
    request = asked(RESULT)
    del request["context"]

    assert json.loads(answer(request)["inspectionData"]["afterArguments"])["Payload"] == {"attempt": 0}


def test_without_inspection_only_the_outcome_is_told() -> None:
    assert set(answer(asked(RESULT, level="INFO"))) == {"status", "output", "nextState"}


@pytest.mark.parametrize(("retries", "seconds"), [(0, 4), (1, 6)])
def test_an_error_meets_its_retrier_before_any_catcher(retries: int, seconds: int) -> None:
    told = answer(asked(BUSY, retries))

    assert told["status"] == "RETRIABLE"
    assert told["inspectionData"]["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": seconds}


def test_an_error_whose_repeats_are_used_up_is_caught() -> None:
    told = answer(asked(BUSY, retries=2))

    assert (told["status"], told["output"], told["nextState"]) == ("CAUGHT_ERROR", '"Busy"', "Elsewhere")
    assert told["inspectionData"]["errorDetails"] == {"catchIndex": 0}


def test_an_error_that_nothing_handles_fails() -> None:
    told = answer(asked(BUSY, state={**STATE, "Retry": [], "Catch": []}))

    assert (told["status"], told["error"], told["cause"]) == ("FAILED", "Busy", "much to do")


def test_an_expression_that_fails_is_caught_like_any_error() -> None:
    told = answer(asked(RESULT, state={**STATE, "Output": "{% $states.result.Nothing %}"}))

    assert (told["status"], told["output"]) == ("CAUGHT_ERROR", '"States.QueryEvaluationError"')


def test_other_states_are_tested_by_ministack() -> None:
    told = answer({"definition": json.dumps({"Type": "Pass", "End": True}), "input": '{"a": 1}'})

    assert (told["status"], told["output"]) == ("SUCCEEDED", '{"a": 1}')


@pytest.mark.parametrize("error", ["States.DataLimitExceeded", "States.Timeout"])
def test_the_wildcard_lets_pass_what_it_lets_pass_on_aws(error: str) -> None:
    matches = step_functions.error_matches(stock._error_matches)

    assert not matches(["States.ALL"], "States.Runtime")
    assert matches(["States.Runtime"], "States.Runtime")
    assert matches(["States.ALL"], error)


def test_ministack_itself_takes_a_mocked_jsonata_task_for_a_jsonpath_one() -> None:
    """When this fails, `state_testing.py` may be unnecessary."""
    _, _, result = stock._test_state(asked(RESULT))
    _, _, error = stock._test_state(asked(BUSY))

    assert json.loads(result)["output"] != '{"seen": 1}'
    assert json.loads(error)["status"] != "RETRIABLE"


def test_ministacks_own_wildcard_matches_everything() -> None:
    """When this fails, `step_functions.error_matches` is unnecessary."""
    assert stock._error_matches(["States.ALL"], "States.Runtime")
