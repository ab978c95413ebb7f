"""Executions wait, retry and stop as on AWS."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from tests.integration.emulator.application import Deployed


def start(deployed: Deployed, **state: Any) -> str:
    """The ARN of an execution of the alias `live`."""
    answer = deployed.client("stepfunctions").start_execution(
        stateMachineArn=deployed.outputs["WorkflowAlias"],
        name=uuid.uuid4().hex,
        input=json.dumps({"probe": {}, "patience": 20, **state}),
    )
    return str(answer["executionArn"])


def ended(deployed: Deployed, arn: str, wait: float = 25) -> dict[str, Any]:
    """The execution once it has ended."""
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        execution = dict(deployed.client("stepfunctions").describe_execution(executionArn=arn))
        if execution["status"] != "RUNNING":
            return execution
        time.sleep(0.1)
    raise AssertionError(f"still running: {deployed.client('stepfunctions').get_execution_history(executionArn=arn)}")


def end_event(deployed: Deployed, arn: str, wait: float = 10) -> dict[str, Any]:
    """The detail of the event that the rule on unsuccessful ends sent."""
    sqs, url = deployed.client("sqs"), deployed.outputs["EndedUrl"]
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            event = json.loads(message["Body"])
            if event["detail"]["executionArn"] == arn:
                assert (event["source"], event["resources"]) == ("aws.states", [arn])
                return dict(event["detail"])
        time.sleep(0.2)
    raise AssertionError("no event")


def test_a_failing_invocation_is_retried_with_a_new_token(deployed: Deployed) -> None:
    execution = ended(deployed, start(deployed))
    assert execution["status"] == "SUCCEEDED", execution
    history = deployed.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])["events"]
    first = next(event["taskFailedEventDetails"] for event in history if event["type"] == "TaskFailed")
    answer = json.loads(execution["output"])["answer"]
    assert first["error"] == "ContentRefused"
    assert answer["attempt"] == 1
    assert answer["token"] != json.loads(first["cause"])["errorMessage"]


def test_a_class_name_is_caught(deployed: Deployed) -> None:
    execution = ended(deployed, start(deployed, probe={"raise": "bad"}))
    assert json.loads(execution["output"])["Error"] == "ContentRefused"


def test_a_killed_process_is_retried_as_exit_error(deployed: Deployed) -> None:
    execution = ended(deployed, start(deployed, probe={"die": True}))
    assert (execution["status"], execution["error"]) == ("FAILED", "Runtime.ExitError")
    history = deployed.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])["events"]
    assert [event["type"] for event in history].count("TaskScheduled") == 2


def test_a_callback_that_never_comes_times_out_after_the_evaluated_limit(deployed: Deployed) -> None:
    started = time.monotonic()
    arn = start(deployed, patience=2, silent=True)
    execution = ended(deployed, arn)
    assert (execution["status"], execution["error"]) == ("FAILED", "States.Timeout")
    assert 2 < time.monotonic() - started < 10
    detail = end_event(deployed, arn)
    assert (detail["status"], detail["error"]) == ("FAILED", "States.Timeout")


def test_a_stopped_execution_stays_aborted_and_its_event_says_why(deployed: Deployed) -> None:
    arn = start(deployed, silent=True)
    time.sleep(2.5)
    deployed.client("stepfunctions").stop_execution(executionArn=arn, error="Operator", cause="stopped by hand")
    time.sleep(1.5)
    assert ended(deployed, arn)["status"] == "ABORTED"
    detail = end_event(deployed, arn)
    assert (detail["status"], detail["error"], detail["cause"]) == ("ABORTED", "Operator", "stopped by hand")
    assert detail["stateMachineAliasArn"] == deployed.outputs["WorkflowAlias"]
    assert detail["stateMachineVersionArn"].startswith(deployed.outputs["WorkflowArn"] + ":")


def machine(deployed: Deployed, definition: dict[str, Any]) -> str:
    role = "arn:aws:iam::000000000000:role/" + role_name(deployed)
    answer = deployed.client("stepfunctions").create_state_machine(
        name=f"m-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=role
    )
    return str(answer["stateMachineArn"])


def role_name(deployed: Deployed) -> str:
    resources = deployed.client("cloudformation").list_stack_resources(StackName="probe")["StackResourceSummaries"]
    return next(str(item["PhysicalResourceId"]) for item in resources if item["LogicalResourceId"] == "WorkflowRole")


def waiting(seconds: int, **members: Any) -> dict[str, Any]:
    return {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}, **members}


def test_an_execution_ends_at_its_definitions_time_limit(deployed: Deployed) -> None:
    stepfunctions = deployed.client("stepfunctions")
    arn = machine(deployed, waiting(4, TimeoutSeconds=1))
    execution = stepfunctions.start_execution(stateMachineArn=arn)["executionArn"]
    assert ended(deployed, execution)["status"] == "TIMED_OUT"
    time.sleep(4)
    assert ended(deployed, execution)["status"] == "TIMED_OUT"


def test_a_version_runs_its_own_definition(deployed: Deployed) -> None:
    stepfunctions = deployed.client("stepfunctions")

    def passing(word: str) -> dict[str, Any]:
        return {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": word, "End": True}}}

    arn = machine(deployed, passing("old"))
    version = stepfunctions.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    stepfunctions.update_state_machine(stateMachineArn=arn, definition=json.dumps(passing("new")))
    outputs = [
        ended(deployed, stepfunctions.start_execution(stateMachineArn=named)["executionArn"])["output"]
        for named in (version, arn)
    ]
    assert outputs == ['"old"', '"new"']


def test_a_described_execution_names_the_version_and_alias_that_it_was_started_with(deployed: Deployed) -> None:
    described = ended(deployed, start(deployed, patience=1, silent=True))
    assert described["stateMachineAliasArn"] == deployed.outputs["WorkflowAlias"]
    assert described["stateMachineVersionArn"].startswith(deployed.outputs["WorkflowArn"] + ":")
