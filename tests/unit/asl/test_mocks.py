from __future__ import annotations

from typing import Any

import pytest

import asl
from asl.mocks import BadMocks, NoMock, mock_tasks
from asl.requests import TaskRequest

RESPONSES = {
    "Fine": {"0": {"Return": {"StatusCode": 200, "Payload": {"ok": True}}}},
    "Third time": {
        "0": {"Throw": {"Error": "Lambda.ResourceNotReadyException", "Cause": "Not ready."}},
        "1-2": {"Throw": {"Error": "Lambda.TimeoutException", "Cause": "Timed out."}},
        "3": {"Return": {"StatusCode": 200, "Payload": {"ok": True}}},
    },
    "Sent": {"0": {"Return": {"MessageId": "1"}}},
}
CONFIG = {
    "StateMachines": {
        "Greet": {
            "TestCases": {
                "HappyPath": {"Call": "Fine", "Tell": "Sent"},
                "RetryPath": {"Call": "Third time", "Tell": "Sent"},
                "HybridPath": {"Call": "Fine"},
            }
        }
    },
    "MockedResponses": RESPONSES,
}
MACHINE = {
    "StartAt": "Call",
    "States": {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "greet", "Payload.$": "$"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2}],
            "Next": "Tell",
        },
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody.$": "$"},
            "End": True,
        },
    },
}


def _request(state: str, resource: str = "arn:aws:states:::lambda:invoke") -> TaskRequest:
    return TaskRequest("1", resource, {}, state)


@pytest.mark.parametrize(("case", "failures"), [("HappyPath", 0), ("RetryPath", 3)])
def test_a_test_case_answers_every_invocation_in_its_turn(case: str, failures: int) -> None:
    execution = asl.load(MACHINE).run({}, mock_tasks(CONFIG, "Greet", case))
    assert (execution.status, execution.output) == ("SUCCEEDED", {"MessageId": "1"})
    assert [event["type"] for event in execution.history()].count("TaskFailed") == failures


def test_a_state_that_is_not_mocked_goes_to_the_others() -> None:
    tasks = mock_tasks(CONFIG, "Greet", "HybridPath", others=lambda request: {"from": request.state})
    assert asl.load(MACHINE).run({}, tasks).output == {"from": "Tell"}


def test_a_state_that_nobody_does_is_named() -> None:
    with pytest.raises(NoMock, match="state 'Tell' is not mocked"):
        asl.load(MACHINE).run({}, mock_tasks(CONFIG, "Greet", "HybridPath"))


def test_an_invocation_too_many_is_no_error_of_the_workflow() -> None:
    tasks = mock_tasks(CONFIG, "Greet", "HappyPath")
    tasks(_request("Call"))
    with pytest.raises(NoMock, match="invocation 1 of state 'Call' has no mocked answer; the last one is for 0"):
        tasks(_request("Call"))


def test_one_machine_with_one_case_need_not_be_named() -> None:
    config = {"StateMachines": {"M": {"TestCases": {"C": {"Call": "Fine"}}}}, "MockedResponses": RESPONSES}
    assert mock_tasks(config)(_request("Call"))["StatusCode"] == 200


def test_the_plain_form_has_lists_of_answers_or_one_for_all() -> None:
    tasks = mock_tasks({"A": [{"Throw": {"Error": "Busy"}}, 1, {"Return": [2]}], "B": {"n": 3}})
    with pytest.raises(asl.TaskFailed, match="Busy"):
        tasks(_request("A"))
    assert [tasks(_request(state)) for state in "AABB"] == [1, [2], {"n": 3}, {"n": 3}]


def test_a_mocked_callback_comes_at_once() -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
        "End": True,
    }
    execution = asl.load({"StartAt": "Ask", "States": {"Ask": state}}).run({}, mock_tasks({"Ask": {"answer": "yes"}}))
    assert execution.output == {"answer": "yes"}
    assert [event["type"] for event in execution.history()][2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]


def _with(response: Any) -> dict[str, Any]:
    return {"StateMachines": {"M": {"TestCases": {"C": {"S": "R"}}}}, "MockedResponses": {"R": response}}


@pytest.mark.parametrize(
    ("config", "names", "message"),
    [
        ([], (), "a mock file must hold an object"),
        (CONFIG, (), "StateMachines.Greet.TestCases: say which test case: HappyPath, RetryPath, HybridPath"),
        (CONFIG, ("Meet",), "StateMachines: there is no state machine 'Meet', there are: Greet"),
        (CONFIG, ("Greet", "Sad"), "there is no test case 'Sad', there are: HappyPath, RetryPath, HybridPath"),
        ({"S": 1}, ("M",), "only a file with StateMachines has test cases; this one is a plain object of states"),
        ({"StateMachines": 1}, (), "StateMachines: there must be an object"),
        ({"MockedResponses": {}}, (), "StateMachines: there must be an object"),
        (_with({}) | {"MockedResponses": {}}, (), "TestCases.C.S: there is no mocked response 'R' in MockedResponses"),
        (_with({"first": {"Return": 1}}), (), r"MockedResponses.R.first: the name must be the number of an invocation"),
        (_with({"2-1": {"Return": 1}}), (), "MockedResponses.R.2-1: the range ends before it begins"),
        (_with({"0": {"Return": 1}, "2": {"Return": 1}}), (), "MockedResponses.R: invocation 1 is missing; count"),
        (
            _with({"0-2": {"Return": 1}, "2": {"Return": 1}}),
            (),
            "MockedResponses.R: invocation 2 is there twice; count",
        ),
        (_with({"0": {"Return": 1, "Throw": {}}}), (), "MockedResponses.R.0: there must be one field, Return or Throw"),
        (_with({"0": {"Throw": {"Cause": "x"}}}), (), "MockedResponses.R.0.Throw: there must be a text in Error"),
    ],
)
def test_what_is_wrong_in_a_mock_file_is_said_with_its_place(config: Any, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadMocks) as caught:
        mock_tasks(config, *names)
    assert message in str(caught.value)
