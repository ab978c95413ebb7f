"""Trying single states: what AWS's TestState answers, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import asl

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
_VALUES = {
    "maxConcurrency",
    "toleratedFailureCount",
    "toleratedFailurePercentage",
    "errorDetails",
    "request",
    "response",
}


def cases() -> list[Any]:
    files = sorted(Path(__file__).parent.glob("*.json"))
    return [pytest.param(case, id=case["name"]) for file in files for case in json.loads(file.read_text())]


def answer_of(case: dict[str, Any]) -> dict[str, Any]:
    return asl.test_state(
        case["text"] if "text" in case else json.dumps(case.get("state") or case["machine"]),
        input=case["inputText"] if "inputText" in case else json.dumps(case.get("input", {})),
        role_arn=case.get("roleArn"),
        inspection_level=case.get("level", "INFO"),
        reveal_secrets=case.get("reveal", False),
        variables=case.get("variables"),
        state_name=case.get("stateName"),
        mock=case.get("mock"),
        context=case.get("context"),
        state_configuration=case.get("configuration"),
        tasks=lambda _request: done(case["task"]),
    )


def done(task: dict[str, Any]) -> Any:
    if "fails" in task:
        raise asl.TaskFailed(*task["fails"])
    result = "x" * (task["gives_bytes"] - 2) if "gives_bytes" in task else task["gives"]
    return asl.Later(result, task["after"]) if "after" in task else result


def as_values(response: dict[str, Any]) -> dict[str, Any]:
    """A response with its data as values instead of JSON texts."""
    values = dict(response)
    if "output" in response:
        values["output"] = json.loads(response["output"])
    if "inspectionData" in response:
        values["inspectionData"] = {
            name: member if name in _VALUES else json.loads(member)
            for name, member in response["inspectionData"].items()
        }
    return values


@pytest.mark.parametrize("case", cases())
def test_a_state_is_tried(case: dict[str, Any]) -> None:
    if "refused" not in case:
        assert as_values(answer_of(case)) == case["response"]
        return
    code, message = case["refused"]
    with pytest.raises(asl.ApiError) as refused:
        answer_of(case)
    known, anything, _ = message.partition("…")
    told = refused.value.message[: len(known)] if anything else refused.value.message
    assert (refused.value.code, told) == (code, known)


def test_values_may_be_given_instead_of_json_texts() -> None:
    state = {"Type": "Task", "Resource": FUNCTION, "ResultPath": "$.r", "End": True}
    given = {"a": [1]}
    response = asl.test_state(state, input=given, mock={"result": {"MessageId": "7"}})
    assert json.loads(response["output"]) == {"a": [1], "r": {"MessageId": "7"}}
    assert given == {"a": [1]}


def test_a_state_without_a_given_context_runs_in_an_express_execution_of_its_own() -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.context %}", "End": True}
    role = "arn:aws:iam::210987654321:role/r"
    response = asl.test_state(state, input={"a": 1}, role_arn=role, randomness=asl.SeededRandomness())
    context = json.loads(response["output"])
    machine, name = context["StateMachine"]["Name"], context["Execution"]["Name"]
    assert context == {
        "Execution": {
            "Id": f"arn:aws:states:us-east-1:210987654321:express:{machine}:{name}",
            "Input": {"a": 1},
            "Name": name,
            "RoleArn": role,
            "StartTime": "2025-01-01T00:00:00.000Z",
        },
        "State": {"EnteredTime": "2025-01-01T00:00:00.000Z", "Name": "StateName"},
        "StateMachine": {"Id": f"arn:aws:states:us-east-1:210987654321:stateMachine:{machine}", "Name": machine},
    }


def test_a_task_sees_how_often_it_has_been_retried() -> None:
    state = {"Type": "Task", "Resource": FUNCTION, "End": True}
    seen: list[asl.TaskRequest] = []

    def perform(request: asl.TaskRequest) -> dict[str, str]:
        seen.append(request)
        return {"MessageId": "7"}

    configuration = {"retrierRetryCount": 2}
    asl.test_state(state, role_arn="arn:aws:iam::1:role/r", tasks=perform, state_configuration=configuration)
    assert [request.attempt for request in seen] == [2]


def test_parameters_are_evaluated_once_so_that_what_is_shown_is_what_was_used() -> None:
    state = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}
    response = asl.test_state(state, inspection_level="DEBUG")
    assert response["inspectionData"]["afterParameters"] == response["output"]


def test_models_of_further_services_come_from_the_caller() -> None:
    def models(service: str) -> dict[str, Any] | None:
        structures = {"Answer": [{"Names": ["list", "string"]}, []]}
        known = {"operations": {"listClusters": "#Answer"}, "structures": structures}
        return known if service == "kafka" else None

    resource = "arn:aws:states:::aws-sdk:kafka:listClusters"
    state = {"Type": "Task", "Resource": resource, "Parameters": {}, "End": True}
    assert asl.test_state(state, mock={"result": {"Names": "a"}})["status"] == "SUCCEEDED"
    with pytest.raises(asl.ApiError, match="Field 'Names' must be an array"):
        asl.test_state(state, mock={"result": {"Names": "a"}}, models=models)
