"""Each gap that `local.emulator` closes is still there in MiniStack itself.

A test that fails here says that the installed MiniStack has closed the gap: remove the module, or the part of it,
that the test names. Nothing in this folder's tests calls `close_gap()`, so what is imported is MiniStack as it comes.
"""

from __future__ import annotations

import importlib.metadata
import inspect
import json
import uuid
from typing import Any

import pytest
from ministack import app
from ministack.core import iam_actions, lambda_runtime
from ministack.core.iam_evaluator import evaluate_trust_policy
from ministack.core.persistence import save_all
from ministack.services import apigateway, cognito, dynamodb, imds, lambda_svc, s3, sqs, transfer
from ministack.services import stepfunctions as sfn
from ministack.services.cloudformation import provisioners


def source(function: Any) -> str:
    return inspect.getsource(function)


def run(definition: dict[str, Any], given: Any = None) -> dict[str, Any]:
    """An execution of the definition, at its end."""
    machine = {"definition": json.dumps(definition), "name": "m", "roleArn": "arn:aws:iam::000000000000:role/any"}
    arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{uuid.uuid4().hex}"
    sfn._state_machines[arn] = machine
    execution = {
        **{"executionArn": f"{arn}:e", "stateMachineArn": arn, "name": "e", "status": "RUNNING", "sync": True},
        **{"startDate": "2026-01-01T00:00:00Z", "stopDate": None, "input": json.dumps(given), "events": []},
    }
    sfn._executions[f"{arn}:e"] = execution
    sfn._run_execution(f"{arn}:e")
    return dict(execution)


def test_the_version_is_the_one_that_the_gaps_were_found_in() -> None:
    assert importlib.metadata.version("ministack") == "1.5.33"


@pytest.mark.parametrize(
    "kind",
    ["AWS::StepFunctions::StateMachineVersion", "AWS::StepFunctions::StateMachineAlias", "AWS::Transfer::Server"],
)
def test_cloudformation_lacks_types(kind: str) -> None:
    """cfn_types"""
    assert kind not in provisioners._RESOURCE_HANDLERS


def test_an_http_api_has_no_routes_of_its_body() -> None:
    """http_api"""
    body = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"get": {}}}}
    api_id, _ = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]["create"]("Api", {"Body": body}, "stack")
    assert not apigateway._routes.get(api_id)


def test_a_greedy_path_variable_takes_no_line_break() -> None:
    """http_api"""
    assert apigateway._extract_path_params("/v1/{proxy+}", "/v1/things/on\ne") is None


def test_an_http_api_writes_no_access_log_and_gives_a_request_two_ids() -> None:
    """access_logs"""
    assert "accessLogSettings" not in source(apigateway._handle_execute_in_scope) + source(apigateway.handle_execute)
    assert '"requestId": new_uuid()' in source(apigateway._invoke_lambda_proxy)
    assert "os.urandom(11)" in source(app)


def test_a_route_with_iam_authorization_takes_any_authorization_header() -> None:
    """iam_routes"""
    branch = source(apigateway._handle_execute_in_scope).split('auth_type == "AWS_IAM"')[1].split("elif auth_type")[0]
    assert "AWS4-" not in branch
    assert "return" not in branch.split("_iam_caller_identity_v2")[1]


def test_a_refreshed_token_lists_no_groups() -> None:
    """cognito_groups"""
    refresh = source(cognito._oauth2_token).split('if grant_type == "refresh_token"')[1].split("client_credentials")[0]
    assert "_fake_token(" in refresh
    assert "groups" not in refresh


def test_a_refreshed_token_tells_when_it_was_refreshed() -> None:
    """cognito_sign_in_time"""
    assert source(cognito._fake_token).count('claims["auth_time"] = now') == 2
    assert "auth_time" not in source(cognito._signed_jwt)


def test_python_functions_run_in_a_loop_of_ministacks_own() -> None:
    """lambda_runtime, lambda_files, lambda_pool"""
    assert lambda_runtime._worker_class_for({"Runtime": "python3.13"}) is lambda_runtime.Worker
    assert 'error_type = "Runtime.HandlerError"' in source(lambda_svc._execute_function_warm)
    assert lambda_runtime._LOCAL_MAX_WORKERS == 0


def test_every_invocation_has_a_log_stream_of_its_own() -> None:
    """lambda_logs"""
    assert "{new_uuid().replace('-', '')}" in source(lambda_svc._emit_lambda_logs)


def test_a_fifo_queue_has_one_batch_in_flight() -> None:
    """fifo_event_source"""
    assert lambda_svc._sqs_esm_concurrency({}, {}, {}, {"is_fifo": True}) == 1


def test_a_batch_of_a_fifo_queue_mixes_groups() -> None:
    """fifo_event_source"""
    messages = [
        {"group_id": group, "visible_at": 0.0, "receive_count": 0, "receipt_handle": None, "first_receive_at": None}
        for group in ("a", "b")
    ]
    received = sqs._collect_fifo({"messages": messages, "is_fifo": True}, 10, 30, 1.0)
    assert {message["group_id"] for message in received} == {"a", "b"}


def test_a_long_poll_goes_on_when_its_client_is_gone() -> None:
    """long_polls"""
    assert "disconnect" not in source(sqs)
    assert "await asyncio.sleep" in source(sqs._act_receive_message)


def test_transfer_knows_service_managed_users_only() -> None:
    """sftp_server, sftp_identity, sftp_files, sftp_role, transfer_api"""
    assert "IdentityProviderDetails" not in source(transfer)
    assert "_put_object(bucket" not in source(transfer._sftp_s3_put_object)


def test_a_service_assumes_every_services_roles() -> None:
    """service_session"""
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "any"}, "Action": "sts:AssumeRole"}]}
    assert evaluate_trust_policy(trust, "arn:aws:iam::000000000000:root")


def test_the_credentials_of_a_container_are_of_no_role_that_exists() -> None:
    """task_credentials"""
    assert imds._ecs_task_credentials_doc()["RoleArn"].endswith("role/ministack-ecs-task-role")


def test_a_call_about_an_alias_or_a_version_is_permitted_for_its_own_arn() -> None:
    """permissions"""
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
    request = {"stateMachineArn": f"{machine}:1"}, {"stateMachineAliasArn": f"{machine}:live"}
    found = [
        iam_actions.extract_resource_arn(
            "states", "POST", "/", {}, json.dumps(body).encode(), {}, "us-east-1", "000000000000"
        )
        for body in request
    ]
    assert found == [f"{machine}:1", "*"]


def test_a_query_of_an_index_sorts_and_tries_its_whole_partition() -> None:
    """dynamodb_indexes"""
    assert "candidates.sort(" in source(dynamodb._query)
    assert "insort" not in source(dynamodb._index_item)


def test_s3_heeds_the_headers_that_a_request_asks_for_with_the_current_version_only() -> None:
    """s3_overrides"""
    of_version = source(s3._get_object).split("if key not in bucket")[0]
    assert "_apply_response_overrides" in source(s3._get_object)
    assert "_apply_response_overrides" not in of_version


def test_s3_sends_a_pinned_version_whole() -> None:
    """s3_ranges"""
    assert "range" not in source(s3._get_object).split("if key not in bucket")[0]


def test_s3_tells_no_checksum_of_a_copied_part_and_no_size_of_a_part() -> None:
    """s3_parts"""
    assert "checksum" not in source(s3._upload_part_copy)
    assert "partNumber" not in source(s3._head_object)


def test_s3s_events_name_no_version_and_are_sent_in_threads_of_their_own() -> None:
    """s3_events"""
    assert "version-id" not in source(s3._fire_s3_event)
    assert "threading.Thread(" in source(s3._fire_s3_event_async)


def test_a_jsonata_timeout_of_a_callback_fails() -> None:
    """step_functions"""
    task = {
        **{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True},
        **{"Arguments": {"QueueUrl": "none", "MessageBody": "x"}, "TimeoutSeconds": "{% 1 %}"},
    }
    execution = run({"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": task}})
    assert execution["status"] == "FAILED"
    assert execution["error"] != "States.Timeout"


def test_delays_of_retries_have_no_maximum_and_no_jitter() -> None:
    """step_functions.retry_delay"""
    assert "MaxDelaySeconds" not in source(sfn)
    assert "JitterStrategy" not in source(sfn)


def test_a_described_execution_names_no_version() -> None:
    """step_functions.describe_execution"""
    assert "stateMachineVersionArn" not in source(sfn._describe_execution)


def test_an_execution_sleeps_first_and_has_no_time_limit() -> None:
    """step_functions.run_execution"""
    assert "time.sleep(0.15)" in source(sfn._run_execution)
    assert "TIMED_OUT" not in source(sfn._run_execution)


def test_a_failing_invocation_of_a_callback_is_swallowed() -> None:
    """step_functions.invoke_with_callback"""
    assert "except _ExecutionError:\n            pass" in source(sfn._invoke_with_callback)
    assert "HeartbeatSeconds" not in source(sfn)


def test_executions_do_not_outlive_a_restart() -> None:
    """step_functions_restart"""
    assert "States.ServiceRestart" in source(sfn._restore_state)


def test_state_is_saved_at_the_end_only() -> None:
    """autosave"""
    assert save_all is app.save_all
    assert source(app).count("save_all(") == 1
