"""The registry of functions by resource: which one is found, what it gets, and what becomes of what it gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import asl

INVOKE = "arn:aws:states:::lambda:invoke"
PRICE = "arn:aws:lambda:*:function:price"
PRICE_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:price"
FOUND = json.loads(Path(__file__).with_name("resources_found.json").read_text("utf-8"))["cases"]


def request(resource: str, parameters: Any = None, **more: Any) -> asl.TaskRequest:
    return asl.TaskRequest("task-1", resource, parameters or {}, "Work", **more)


def invocation(name: str = "price", payload: Any = None, suffix: str = "") -> asl.TaskRequest:
    return request(INVOKE + suffix, {"FunctionName": name, "Payload": payload})


class ClientError(Exception):
    """What botocore raises."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.response = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"},
        }


# ---- which function ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case['resource']} {case.get('function', '')}")
def test_a_task_is_done_by_the_function_of_the_most_specific_pattern(case: dict[str, Any]) -> None:
    done: list[str] = []

    def noting(pattern: str) -> Any:
        return lambda _event: done.append(pattern)

    tasks = asl.Tasks({pattern: noting(pattern) for pattern in case["patterns"]})
    parameters = {"FunctionName": case["function"]} if "function" in case else {"MessageBody": "m"}

    for _ in range(2):
        if case["found"] is None:
            with pytest.raises(asl.UnknownResource):
                tasks(request(case["resource"], parameters))
        else:
            tasks(request(case["resource"], parameters))

    assert done == ([] if case["found"] is None else [case["found"]] * 2)


def test_an_unknown_resource_is_told_with_the_state_and_the_patterns_that_are_known() -> None:
    tasks = asl.Tasks({PRICE: len, "arn:aws:states:::sns:publish": len})

    with pytest.raises(asl.UnknownResource) as caught:
        tasks(invocation("cost"))

    assert str(caught.value) == (
        f"State 'Work' calls {INVOKE} with the function cost, and no function is there for it. Patterns:\n"
        "  arn:aws:lambda:*:function:price\n  arn:aws:states:::sns:publish"
    )


@pytest.mark.parametrize(
    ("functions", "said"),
    [
        ({"arn:aws:lambda:*:function:a*": len, "arn:aws:lambda:eu-*:function:*": len}, "neither is the more specific"),
        ({"price": len}, "no ARN pattern"),
        ({PRICE: 1}, "is no function"),
        ({PRICE: lambda: 1}, r"\(event\) or \(event, request\)"),
        ({PRICE: lambda event, request, more: 1}, r"\(event\) or \(event, request\)"),
        ({PRICE: lambda event, *, more: 1}, r"\(event\) or \(event, request\)"),
    ],
)
def test_a_registry_that_cannot_work_is_refused_when_it_is_made(functions: dict[str, Any], said: str) -> None:
    with pytest.raises(asl.BadTasks, match=said):
        asl.Tasks(functions)


def test_a_bare_name_that_stands_for_functions_of_two_regions_is_refused() -> None:
    tasks = asl.Tasks({f"arn:aws:lambda:{region}:*:function:price": len for region in ("eu-west-1", "us-east-1")})

    with pytest.raises(asl.BadTasks, match="give its ARN"):
        tasks(invocation("price"))
    assert tasks(invocation(PRICE_ARN, "abc"))["Payload"] == 3


# ---- what it gets ------------------------------------------------------------------------------


def test_a_function_gets_the_event_and_if_it_takes_two_the_request() -> None:
    one = asl.Tasks({PRICE: lambda event: ["one", event]})
    both = asl.Tasks({PRICE: lambda event, request: ["both", event, request.state]})
    defaulted = asl.Tasks({PRICE: lambda event, tax=0.2: ["one", event, tax]})

    assert one(request(PRICE_ARN, {"n": 1})) == ["one", {"n": 1}]
    assert both(request(PRICE_ARN, {"n": 1})) == ["both", {"n": 1}, "Work"]
    assert defaulted(request(PRICE_ARN, {"n": 1})) == ["one", {"n": 1}, 0.2]


def test_a_service_gets_its_parameters_as_step_functions_sends_them() -> None:
    sent: list[Any] = []
    tasks = asl.Tasks({"arn:aws:states:::s*": sent.append})

    tasks(request("arn:aws:states:::sns:publish", {"TopicArn": "t", "Message": {"a": 1}}))
    tasks(request("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "q", "MessageBody": {"a": 1}}))

    assert sent == [{"TopicArn": "t", "Message": '{"a":1}'}, {"QueueUrl": "q", "MessageBody": '{"a":1}'}]


def test_what_takes_lambda_invoke_as_a_service_gets_all_parameters() -> None:
    tasks = asl.Tasks({INVOKE: lambda parameters: parameters["FunctionName"]})

    assert tasks(invocation("price"))["Payload"] == "price"


# ---- what becomes of the result ----------------------------------------------------------------


def test_lambda_invoke_wraps_the_result_and_the_functions_own_arn_does_not() -> None:
    tasks = asl.Tasks({PRICE: lambda event: {"price": event["n"] * 2}})

    wrapped = tasks(invocation("price:7", {"n": 1}))

    assert tasks(request(PRICE_ARN, {"n": 1})) == {"price": 2}
    assert (wrapped["Payload"], wrapped["StatusCode"], wrapped["ExecutedVersion"]) == ({"price": 2}, 200, "7")


def test_an_exception_becomes_the_error_that_lambda_reports() -> None:
    class OutOfStock(Exception):
        pass

    def price(event: Any) -> Any:
        raise OutOfStock(f"no {event}")

    tasks = asl.Tasks({PRICE: price})
    for task in (request(PRICE_ARN, "apples"), invocation(PRICE_ARN, "apples")):
        with pytest.raises(asl.TaskFailed) as caught:
            tasks(task)
        cause = json.loads(caught.value.cause or "")

        assert caught.value.error == "OutOfStock"
        assert (cause["errorType"], cause["errorMessage"]) == ("OutOfStock", "no apples")
        assert [line.split(", in ")[1].split("\n")[0] for line in cause["stackTrace"]] == ["price"]


def test_a_task_failure_is_passed_on_as_it_is() -> None:
    def price(_event: Any) -> Any:
        raise asl.TaskFailed("Lambda.TooManyRequestsException", "slow down")

    with pytest.raises(asl.TaskFailed) as caught:
        asl.Tasks({PRICE: price})(invocation())

    assert (caught.value.error, caught.value.cause) == ("Lambda.TooManyRequestsException", "slow down")


def test_what_comes_later_is_wrapped_and_a_callbacks_result_is_not() -> None:
    later = asl.Tasks({PRICE: lambda event: asl.Later(event, 5)})
    failing = asl.Tasks({PRICE: lambda event: asl.Later(asl.TaskFailed("Late"), 5)})
    token = asl.Tasks({PRICE: lambda event: asl.Submitted(event, {"done": True}, 3)})

    assert later(invocation(payload=1)).result["Payload"] == 1
    assert failing(invocation()).result.error == "Late"
    submitted = token(invocation(payload=1, suffix=".waitForTaskToken"))
    assert submitted.response["Payload"] == 1
    assert (submitted.result, submitted.after) == ({"done": True}, 3)


def test_messages_get_their_ids_and_metadata() -> None:
    tasks = asl.Tasks({"arn:aws:states:::s*": lambda _message: None})
    published = tasks(request("arn:aws:states:::sns:publish", {"TopicArn": "t", "Message": "m"}))
    sent = tasks(request("arn:aws:states:::sqs:sendMessage", {"MessageBody": "m"}))

    assert len(published["MessageId"]) == 36
    assert published["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert sent["MD5OfMessageBody"] == "6f8f57715090da2632453988d9a1501b"


def test_a_fifo_topic_refuses_a_message_without_a_group() -> None:
    tasks = asl.Tasks({"arn:aws:states:::sns:publish": lambda _message: None})

    with pytest.raises(asl.TaskFailed) as caught:
        tasks(request("arn:aws:states:::sns:publish", {"TopicArn": "t.fifo", "Message": "m"}))

    assert caught.value.error == "SNS.InvalidParameterException"


def test_events_are_accepted_unless_their_detail_is_no_object() -> None:
    tasks = asl.Tasks({"arn:aws:states:::events:putEvents": lambda _entries: None})

    accepted = tasks(request("arn:aws:states:::events:putEvents", {"Entries": [{"Detail": {"a": 1}}]}))
    with pytest.raises(asl.TaskFailed) as caught:
        tasks(request("arn:aws:states:::events:putEvents", {"Entries": [{"Detail": "no object"}]}))

    assert (accepted["FailedEntryCount"], len(accepted["Entries"])) == (0, 1)
    assert caught.value.error == "EventBridge.FailedEntry"


def test_an_sdk_answer_has_its_members_in_pascal_case_and_no_metadata() -> None:
    answer = {"clusterArns": ["c"], "ResponseMetadata": {}}
    tasks = asl.Tasks({"arn:aws:states:::aws-sdk:*": lambda _parameters: {"clusterArns": ["c"], "nextToken": "n"}})
    boto = asl.Tasks({"arn:aws:states:::aws-sdk:*": lambda _parameters: {"Buckets": [], "ResponseMetadata": answer}})

    assert tasks(request("arn:aws:states:::aws-sdk:ecs:listClusters")) == {"ClusterArns": ["c"], "NextToken": "n"}
    assert boto(request("arn:aws:states:::aws-sdk:s3:listBuckets")) == {"Buckets": []}


def test_a_clients_exception_becomes_the_services_error() -> None:
    def get(_parameters: Any) -> Any:
        raise ClientError("NoSuchKey", "The specified key does not exist.", 404)

    tasks = asl.Tasks({"arn:aws:states:::aws-sdk:s3:getObject": get, "arn:aws:states:::dynamodb:getItem": get})

    with pytest.raises(asl.TaskFailed) as sdk:
        tasks(request("arn:aws:states:::aws-sdk:s3:getObject"))
    with pytest.raises(asl.TaskFailed) as optimised:
        tasks(request("arn:aws:states:::dynamodb:getItem"))

    assert sdk.value.error == "S3.NoSuchKeyException"
    assert sdk.value.cause == (
        "The specified key does not exist. (Service: S3, Status Code: 404, Request ID: r-1) (SDK Attempt Count: 1)"
    )
    assert optimised.value.error == "DynamoDB.NoSuchKeyException"


def test_any_other_exception_of_a_services_stand_in_is_the_callers_own() -> None:
    def publish(_message: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asl.Tasks({"arn:aws:states:::sns:publish": publish})(request("arn:aws:states:::sns:publish", {"Message": "m"}))


@pytest.mark.parametrize(
    ("service", "error"), [("http", "States.Http.StatusCode.404"), ("apigateway", "ApiGateway.404")]
)
def test_a_web_answer_is_wrapped_and_a_bad_status_is_an_error(service: str, error: str) -> None:
    resource = f"arn:aws:states:::{service}:invoke"
    good = asl.Tasks({resource: lambda _parameters: {"ok": True}})
    bad = asl.Tasks({resource: lambda _parameters: {"StatusCode": 404, "ResponseBody": "gone"}})

    assert good(request(resource))["ResponseBody"] == {"ok": True}
    with pytest.raises(asl.TaskFailed) as caught:
        bad(request(resource))
    assert (caught.value.error, caught.value.cause) == (error, "gone")


def test_a_job_that_is_awaited_gives_its_description_or_fails_with_it() -> None:
    resource = "arn:aws:states:::batch:submitJob.sync"
    ended = asl.Tasks({resource: lambda parameters: {"jobId": "j", "status": parameters["Status"]}})

    assert ended(request(resource, {"Status": "SUCCEEDED"})) == {"JobId": "j", "Status": "SUCCEEDED"}
    with pytest.raises(asl.TaskFailed) as caught:
        ended(request(resource, {"Status": "FAILED"}))
    assert caught.value.error == "States.TaskFailed"


# ---- in a machine ------------------------------------------------------------------------------


def machine_of(resource: str, **fields: Any) -> asl.Machine:
    return asl.load(
        {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": resource, "End": True, **fields}}}
    )


def test_an_execution_started_by_an_execution_is_run_here_too() -> None:
    child = asl.load({"StartAt": "Add", "States": {"Add": {"Type": "Pass", "Result": 2, "End": True}}})
    failing = asl.load({"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Broken"}}})
    resource = "arn:aws:states:::states:startExecution.sync:2"
    parent = machine_of(resource, Parameters={"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:child"})

    went_well = parent.run({}, asl.Tasks({resource: lambda parameters: child.run(parameters.get("Input"))}))
    failed = parent.run({}, asl.Tasks({resource: lambda parameters: failing.run(parameters.get("Input"))}))

    assert (went_well.output["Output"], went_well.output["Status"]) == (2, "SUCCEEDED")
    assert "TaskSubmitted" in [event["type"] for event in went_well.history()]
    assert (failed.error, json.loads(failed.cause or "")["Error"]) == ("States.TaskFailed", "Broken")


def test_a_callback_that_never_comes_times_out() -> None:
    machine = machine_of(f"{INVOKE}.waitForTaskToken", Parameters={"FunctionName": "price"}, TimeoutSeconds=3)

    execution = machine.run({}, asl.Tasks({PRICE: lambda _event: None}))

    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")


def test_an_activitys_worker_gets_the_input_and_the_token() -> None:
    machine = machine_of("arn:aws:states:eu-west-1:123456789012:activity:weigh")

    execution = machine.run(
        {"n": 1}, asl.Tasks({"arn:aws:states:*:activity:weigh": lambda event, request: [event, bool(request.token)]})
    )

    assert execution.output == [{"n": 1}, True]
