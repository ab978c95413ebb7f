"""How services' requests and answers look."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from asl.integrations import dynamodb, eventbridge, function, jobs, nested, sdk, sns, sqs, web
from asl.integrations.reply import Call
from asl.integrations.sdk_services import service_name

CALL = Call("R", "Thu, 18 Apr 2024 06:27:01 GMT")


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if not name.startswith("Sdk")}


def headers(answer: dict[str, Any]) -> dict[str, str]:
    metadata = answer["SdkHttpMetadata"]
    assert metadata["HttpStatusCode"] == 200
    assert metadata["AllHttpHeaders"] == {name: [value] for name, value in metadata["HttpHeaders"].items()}
    assert answer["SdkResponseMetadata"] == {"RequestId": "R"}
    assert list(answer) == sorted(answer)
    found: dict[str, str] = metadata["HttpHeaders"]
    return found


def test_a_function_that_is_invoked_by_name_has_its_result_in_an_envelope() -> None:
    answer = function.response("HelloWorld!", CALL, trace_id="Root=1")
    assert without_metadata(answer) == {"ExecutedVersion": "$LATEST", "Payload": "HelloWorld!", "StatusCode": 200}
    assert headers(answer) == {
        "Connection": "keep-alive",
        "Content-Length": "13",
        "Content-Type": "application/json",
        "Date": CALL.date,
        "X-Amz-Executed-Version": "$LATEST",
        "X-Amzn-Trace-Id": "Root=1",
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": "R",
    }


def test_a_functions_result_is_as_long_as_the_python_runtime_writes_it() -> None:
    assert headers(function.response({"body": "string body"}, CALL))["Content-Length"] == "23"  # as recorded


def test_a_function_gets_the_payload_or_an_empty_object() -> None:
    assert function.event({"FunctionName": "f", "Payload": None}) == {}  # as recorded
    assert function.event({"FunctionName": "f"}) == {}


def test_sns_gets_text_and_answers_with_a_message_id() -> None:
    assert sns.request({"TopicArn": "t", "Message": {"ü": 1}}) == {"TopicArn": "t", "Message": '{"ü":1}'}
    assert sns.request({"TopicArn": "t", "Message": "m"}) == {"TopicArn": "t", "Message": "m"}
    sns.check({"TopicArn": "t.fifo", "MessageGroupId": "g"}, "R")
    answer = sns.response("M", CALL)
    assert without_metadata(answer) == {"MessageId": "M"}
    assert headers(answer) == {
        "Content-Length": "294",
        "Content-Type": "text/xml",
        "Date": CALL.date,
        "connection": "keep-alive",
        "x-amzn-RequestId": "R",
    }
    assert without_metadata(sns.response("M", CALL, "10000")) == {"MessageId": "M", "SequenceNumber": "10000"}


def test_sqs_answers_with_the_digests_of_what_it_got() -> None:
    parameters = {"QueueUrl": "q", "MessageBody": {"a": 1}}
    assert sqs.request(parameters) == {"QueueUrl": "q", "MessageBody": '{"a":1}'}
    answer = sqs.response(parameters, "M", CALL)
    assert without_metadata(answer) == {"MD5OfMessageBody": "bb6cb5c68df4652941caf652a366f2d8", "MessageId": "M"}
    uuid = "fee57f70-1c54-4d1c-9d4f-2f2a4e3a8a51"
    assert headers(sqs.response({"MessageBody": "test"}, uuid, CALL))["Content-Length"] == "106"  # as recorded


@pytest.mark.parametrize(
    ("attributes", "digest"),
    [
        ({"test": {"DataType": "String", "StringValue": "x"}}, "0000000474657374 00000006537472696e67 010000000178"),
        ({"b": {"DataType": "Binary", "BinaryValue": "AQ=="}}, "0000000162 0000000642696e617279 020000000101"),
    ],
)
def test_sqs_digests_attributes_with_their_lengths(attributes: dict[str, Any], digest: str) -> None:
    answer = sqs.response({"MessageBody": "", "MessageAttributes": attributes}, "M", CALL)
    assert answer["MD5OfMessageAttributes"] == hashlib.md5(bytes.fromhex(digest)).hexdigest()


def test_dynamodb_answers_in_its_own_json() -> None:
    item = {"Item": {"data": {"S": "HelloWorld"}, "id": {"S": "id1"}}}
    answer = dynamodb.response(item, CALL)
    assert without_metadata(answer) == item
    assert headers(answer)["Content-Length"] == "53"  # as recorded
    assert headers(answer)["Server"] == "Server"
    assert headers(dynamodb.response({}, CALL))["x-amz-crc32"] == "2745614147"  # as seen for {}


def test_eventbridge_gets_text_and_takes_only_objects() -> None:
    assert eventbridge.request({"Entries": [{"Detail": {"a": 1}, "Source": "s"}, {"Source": "s"}]}) == {
        "Entries": [{"Detail": '{"a":1}', "Source": "s"}, {"Source": "s"}]
    }
    malformed = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    for detail in ('"jsonstring"', "oops", 1):
        assert eventbridge.entry_error({"Detail": detail}) == malformed
    assert eventbridge.entry_error({"Detail": '{"a": 1}'}) is None
    assert eventbridge.response([{"EventId": "1"}]) == {"Entries": [{"EventId": "1"}], "FailedEntryCount": 0}


EXECUTION = {
    "executionArn": "E",
    "input": '{"a": 1}',
    "inputDetails": {"included": True},
    "name": "N",
    "output": '{"b":2}',
    "startDate": 1,
    "stateMachineArn": "M",
    "status": "SUCCEEDED",
    "stopDate": 2,
    "error": None,
}


def test_a_nested_execution_gives_texts_or_values_by_the_version_of_the_pattern() -> None:
    members = {
        "ExecutionArn": "E",
        "Input": '{"a": 1}',
        "InputDetails": {"Included": True},
        "Name": "N",
        "Output": '{"b":2}',
        "OutputDetails": {"Included": True},
        "StartDate": 1,
        "StateMachineArn": "M",
        "Status": "SUCCEEDED",
        "StopDate": 2,
    }
    assert nested.completed(EXECUTION) == members
    assert nested.completed(EXECUTION, 2) == {**members, "Input": {"a": 1}, "Output": {"b": 2}}
    assert without_metadata(nested.response("E", 1, CALL)) == {"ExecutionArn": "E", "StartDate": 1}


@pytest.mark.parametrize(
    ("parameters", "text"),
    [({}, "{}"), ({"Input": None}, "{}"), ({"Input": {"a": 1}}, '{"a":1}'), ({"Input": '{"a": 1}'}, '{"a": 1}')],
)
def test_a_nested_execution_gets_its_input_as_text(parameters: dict[str, Any], text: str) -> None:
    assert nested.input_text(parameters) == text


def test_jobs_are_given_in_pascal_case_whatever_their_service_writes() -> None:
    task = {"taskArn": "t", "containers": [{"exitCode": 0, "name": "main"}], "tags": [{"key": "a", "value": "b"}]}
    assert jobs.completed("ecs", task)["Containers"] == [{"ExitCode": 0, "Name": "main"}]
    job = {"jobId": "j", "status": "SUCCEEDED", "parameters": {"inputFile": "x"}}
    assert jobs.completed("batch", job) == {"JobId": "j", "Status": "SUCCEEDED", "Parameters": {"inputFile": "x"}}
    run = {"Id": "jr", "JobRunState": "SUCCEEDED", "Arguments": {"--x": "1"}}
    assert jobs.completed("glue", run) == run
    assert without_metadata(jobs.submitted({"jobId": "j", "jobName": "n"}, CALL)) == {"JobId": "j", "JobName": "n"}


def test_an_sdk_answer_has_pascal_case_members_and_no_metadata() -> None:
    given = {"executionArn": "E", "ResponseMetadata": {"HTTPStatusCode": 200}}
    assert sdk.response(given) == {"ExecutionArn": "E"}
    assert "ResponseMetadata" in given
    assert sdk.response({"executions": [{"name": "n"}]}) == {"Executions": [{"Name": "n"}]}
    assert sdk.response({"environment": {"myKey": 1}}, {"environment"}) == {"Environment": {"myKey": 1}}
    item = {"Item": {"data": {"S": "x"}}}
    assert sdk.response(item) == item


def test_missing_members_are_named_as_the_api_names_them() -> None:
    assert sdk.missing_members({"Item": None, "TableName": "t"}, ["Item", "TableName"]) == (
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null"
    )
    assert (sdk.missing_members({}, ["Item", "TableName"]) or "").startswith("2 validation errors detected: ")
    assert sdk.missing_members({"Item": {}}, ["Item"]) is None


@pytest.mark.parametrize(
    ("arn_name", "name"),
    [
        ("s3", "S3"),
        ("dynamodb", "DynamoDb"),
        ("sfn", "Sfn"),
        ("secretsmanager", "SecretsManager"),
        ("config", "Config"),
        ("elasticloadbalancingv2", "ElasticLoadBalancingV2"),
        ("dynamo", None),
    ],
)
def test_a_service_of_the_sdk_has_the_name_of_its_java_client(arn_name: str, name: str | None) -> None:
    assert service_name(arn_name) == name


def test_an_http_answer_has_its_body_parsed_where_it_is_json() -> None:
    given = {"Content-Type": ["application/json"]}
    assert web.response(200, '{"a": 1}', given) == {
        "Headers": given,
        "ResponseBody": {"a": 1},
        "StatusCode": 200,
        "StatusText": "OK",
    }
    assert web.response(201, "made", {}, "Created", service="http")["ResponseBody"] == "made"


def test_api_gateway_is_called_at_endpoint_stage_path_and_query() -> None:
    parameters = {
        "ApiEndpoint": "id.execute-api.us-east-1.amazonaws.com",
        "Method": "POST",
        "Stage": "prod",
        "Path": "/bills/add",
        "QueryParameters": {"id": ["1", "2"], "x": ["a b"]},
        "Headers": {"X-Amz-Date": ["x"], "Host": ["h"], "custom": ["c"]},
        "RequestBody": {"a": 1},
    }
    assert web.gateway_url(parameters) == (
        "https://id.execute-api.us-east-1.amazonaws.com/prod/bills/add?id=1&id=2&x=a+b"
    )
    assert web.gateway_url({"ApiEndpoint": "host"}) == "https://host"
    assert web.forbidden_headers(parameters) == ["X-Amz-Date", "Host"]
    assert web.body_text(parameters) == '{"a":1}'
    assert web.body_text({"RequestBody": "text"}) == "text"
    assert web.body_text({"RequestBody": None}) is None
