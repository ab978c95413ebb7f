"""Functions on the emulator run as on AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.integration.emulator.application import Deployed

FUNCTION = "probe-probe"


def invoke(deployed: Deployed, event: dict[str, Any], qualifier: str = "live") -> tuple[str | None, Any]:
    """The function error (None when it succeeded) and the payload."""
    answer = deployed.client("lambda").invoke(FunctionName=FUNCTION, Qualifier=qualifier, Payload=json.dumps(event))
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_a_function_sees_its_layer_and_the_runtime_but_no_package_of_the_host(deployed: Deployed) -> None:
    _, payload = invoke(deployed, {})
    assert payload["greeting"] == "from the layer"
    assert payload["modules"] == ["boto3"]


def test_a_function_has_its_roles_credentials_and_its_own_context(deployed: Deployed) -> None:
    _, payload = invoke(deployed, {})
    assert ":assumed-role/" in payload["identity"]
    assert payload["memory"] == "256"
    assert payload["version"].isdigit()
    assert 3000 < payload["remaining"] <= 6000


def test_what_the_role_does_not_allow_is_denied(deployed: Deployed) -> None:
    error, payload = invoke(deployed, {"forbidden": True})
    assert error == "Unhandled"
    assert payload["errorType"] == "AccessDenied"
    assert "AccessDenied" in payload["errorMessage"]


def test_an_exceptions_class_name_is_the_errors_type_and_the_process_lives_on(deployed: Deployed) -> None:
    before = invoke(deployed, {})[1]["pid"]
    error, payload = invoke(deployed, {"raise": "no"})
    assert (error, payload["errorType"], payload["errorMessage"]) == ("Unhandled", "ContentRefused", "no")
    assert "probe" in "".join(payload["stackTrace"])
    assert invoke(deployed, {})[1]["pid"] == before


def test_a_killed_process_is_an_exit_error_and_the_next_call_gets_a_new_one(deployed: Deployed) -> None:
    before = invoke(deployed, {})[1]["pid"]
    _, payload = invoke(deployed, {"die": True})
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert invoke(deployed, {})[1]["pid"] != before


def test_a_process_that_exits_tells_its_status(deployed: Deployed) -> None:
    _, payload = invoke(deployed, {"exit": 3})
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("exit status 3")


def test_a_function_is_killed_at_its_time_limit(deployed: Deployed) -> None:
    started = time.monotonic()
    _, payload = invoke(deployed, {"sleep": 30})
    assert 5 < time.monotonic() - started < 15
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Task timed out after 6.00 seconds")


def test_calls_at_the_same_time_run_in_processes_of_their_own_up_to_the_bound(deployed: Deployed) -> None:
    with ThreadPoolExecutor(12) as threads:
        calls = [threads.submit(invoke, deployed, {"sleep": 1}) for _ in range(12)]
        answers = [call.result() for call in calls]
    assert [error for error, _ in answers] == [None] * 12, answers
    assert 2 <= len({payload["pid"] for _, payload in answers}) <= 8


def test_what_a_function_prints_is_in_the_log_stream_that_its_context_names(deployed: Deployed) -> None:
    _, payload = invoke(deployed, {"marker": "find me"})
    logs = deployed.client("logs")
    events = logs.filter_log_events(logGroupName=f"/aws/lambda/{FUNCTION}", filterPattern="")["events"]
    texts = [event["message"] for event in events]
    assert payload["stream"] in [event["logStreamName"] for event in events if "find me" in event["message"]]
    assert any(text.startswith("REPORT RequestId:") for text in texts)


def test_a_second_deploy_publishes_the_changed_code_and_moves_the_alias(
    deployed: Deployed, redeploy: Callable[[str, str], None]
) -> None:
    before = invoke(deployed, {})[1]
    redeploy('"code": 1', '"code": 2')
    after = invoke(deployed, {})[1]
    assert (before["code"], after["code"]) == (1, 2)
    assert int(after["version"]) == int(before["version"]) + 1
    assert invoke(deployed, {}, qualifier=before["version"])[1]["code"] == 1  # a version stays what it was
