"""What holds for the ASL files themselves: ASL has no anchors, so what must be alike is compared here."""

from __future__ import annotations

import copy
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint  # type: ignore[import-untyped]
from cfnlint.config import ManualArgs  # type: ignore[import-untyped]

from fileferry import errors
from fileferry.model.job import Delivery, JobRef, Step
from fileferry.model.route import Delivering
from tests.workflows.case_files import WORKFLOWS, definition_of

LAMBDA_SECONDS = 900
"""The longest that a Lambda function runs (Lambda quotas)."""
STATE_DATA_BYTES = 256 * 1024
"""The limit of a state's input, result and output (Step Functions quotas)."""
DEFINITION_BYTES = 1024 * 1024
"""The limit of a definition (CreateStateMachine, `definition`)."""
OUR_RETRYABLE = {"TransientError", "DestinationUnavailable"}

DEFINITIONS = sorted(WORKFLOWS.glob("*/*.asl.json"))
V1 = definition_of("transfer/v1")
STEP_TIMEOUT = "{% $exists($states.input.job.step_timeout_seconds) ? $states.input.job.step_timeout_seconds : 960 %}"
TASKS = [state.value.capitalize() for state in Step]


def retriers(state: str, *, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """A state's retriers, except those of the errors named."""
    return [retrier for retrier in V1["States"][state]["Retry"] if not set(without) & set(retrier["ErrorEquals"])]


def retried(state: str) -> set[str]:
    return {name for retrier in V1["States"][state]["Retry"] for name in retrier["ErrorEquals"]}


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_definition_says_what_each_state_does_and_stays_within_the_limits(path: Path) -> None:
    text = path.read_text("utf-8")
    definition = json.loads(text)

    assert definition["QueryLanguage"] == "JSONata"
    assert definition["Comment"]
    assert [name for name, state in definition["States"].items() if len(state.get("Comment", "")) < 20] == []
    assert len(text.encode()) < DEFINITION_BYTES


def test_the_six_tasks_are_a_straight_line_in_the_order_of_the_steps() -> None:
    line = [V1["StartAt"]]
    while following := V1["States"][line[-1]].get("Next"):
        line.append(following)

    assert line == TASKS
    assert V1["States"][line[-1]]["End"] is True


def test_every_task_repeats_the_same_errors_in_the_same_way() -> None:
    special = ("DestinationUnavailable", "States.Timeout")

    assert [retriers(task, without=special) for task in TASKS] == [retriers("Validate", without=special)] * len(TASKS)


def test_only_deliver_and_confirm_meet_a_destination() -> None:
    assert {task for task in TASKS if "DestinationUnavailable" in retried(task)} == {"Deliver", "Confirm"}
    assert retriers("Deliver", without=("States.Timeout",)) == retriers("Confirm")


def test_a_lost_invocation_is_repeated_but_a_missing_acknowledgement_is_not() -> None:
    assert {task for task in TASKS if "States.Timeout" not in retried(task)} == {"Confirm"}
    others = [task for task in TASKS if task != "Confirm"]
    timeouts = [[r for r in retriers(task) if r["ErrorEquals"] == ["States.Timeout"]] for task in others]
    assert timeouts == [timeouts[0]] * len(others)


def test_the_retryable_classes_are_retried_and_no_other_class_of_ours() -> None:
    ours = {
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.FerryError) and kind is not errors.FerryError
    }

    assert ours >= OUR_RETRYABLE
    assert {name for task in TASKS for name in retried(task) if name in ours} == OUR_RETRYABLE
    assert {name for task in TASKS for name in retried(task) if "." not in name} <= ours


@pytest.mark.parametrize("state", [*TASKS, "CloseRun"])
def test_every_repeat_backs_off_with_full_jitter(state: str) -> None:
    for retrier in V1["States"][state]["Retry"]:
        assert retrier["Comment"]
        if retrier["MaxAttempts"] == 0:
            continue
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["BackoffRate"] > 1
        assert retrier["MaxDelaySeconds"] > retrier["IntervalSeconds"] >= 1


@pytest.mark.parametrize("state", [*TASKS, "CloseRun"])
def test_states_all_stands_alone_and_last(state: str) -> None:
    for field in ("Retry", "Catch"):
        names = [handler["ErrorEquals"] for handler in V1["States"][state][field]]
        assert all(group == ["States.ALL"] or "States.ALL" not in group for group in names)
        assert ["States.ALL"] not in names[:-1]


@pytest.mark.parametrize("task", TASKS)
def test_every_error_of_a_task_ends_in_close_run_with_the_task_named(task: str) -> None:
    assert V1["States"][task]["Catch"] == [
        {
            "ErrorEquals": ["States.ALL"],
            "Output": {"job": "{% $states.input.job %}", "error": "{% $states.errorOutput %}", "state": task},
            "Next": "CloseRun",
        }
    ]


@pytest.mark.parametrize("task", TASKS)
def test_the_tasks_differ_in_their_names_only(task: str) -> None:
    """Comment, Retry, Catch and the line are compared elsewhere; confirm has a token and the route's time besides."""
    state = copy.deepcopy(V1["States"][task])
    payload = state["Arguments"]["Payload"]
    if task == "Confirm":
        assert payload.pop("task_token") == "{% $states.context.Task.Token %}"
        assert state["TimeoutSeconds"] == "{% $states.input.job.confirm_timeout_seconds %}"
        assert state["Resource"] == "arn:aws:states:::lambda:invoke.waitForTaskToken"
        result = "$states.result"
    else:
        assert state["TimeoutSeconds"] == STEP_TIMEOUT
        assert state["Resource"] == "arn:aws:states:::lambda:invoke"
        result = "$states.result.Payload"

    assert state["Arguments"]["FunctionName"] == f"${{{task}Function}}"
    assert payload == {"job": "{% $states.input.job %}", "attempt": "{% $states.context.State.RetryCount %}"}
    assert state["Output"] == f"{{% $merge([$states.input, {{'{task.lower()}': {result}}}]) %}}"


def test_the_template_has_to_substitute_seven_functions() -> None:
    names = set(re.findall(r"\$\{(\w+)\}", json.dumps(V1)))

    assert names == {f"{task}Function" for task in TASKS} | {"CloseFunction"}


def test_twenty_destinations_with_the_longest_places_fit_into_state_data() -> None:
    """Of all results deliver's alone grows with the route. A longer one would end in States.DataLimitExceeded."""
    longest = Delivery(
        status="DELIVERED",
        kind="https",
        name="n" * 255,
        location="https://" + "x" * 4096,
        size=5 * 1024**4,
        sha256="f" * 64,
        at="2026-01-01T00:00:00.000Z",
        detail={"announced_as": "n" * 255, "status": 200, "etag": "e" * 1024, "version_id": "v" * 1024},
    )
    most = _most_destinations()
    result = {"destinations": {f"{'d' * 62}{n:02}": longest.model_dump() for n in range(most)}}

    assert most == 20
    assert len(json.dumps({"StatusCode": 200, "Payload": result})) < STATE_DATA_BYTES * 0.6


def _most_destinations() -> int:
    destinations = Delivering.model_json_schema()["properties"]["destinations"]
    return int(destinations["maxItems"])


def test_cfn_lint_accepts_the_definition_but_for_what_it_does_not_know_yet() -> None:
    """cfn-lint takes TimeoutSeconds for a number; in JSONata states it may be an expression ("Task workflow state")."""
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"RoleArn": "arn:aws:iam::123456789012:role/machine", "Definition": V1},
            }
        },
    }
    found = lint(json.dumps(template), config=ManualArgs(regions=["eu-central-1"]))

    expressions = [V1["States"][task]["TimeoutSeconds"] for task in TASKS]
    assert [(match.rule.id, match.message) for match in found] == [
        ("E3601", f"'{expression}' is not of type 'number'") for expression in expressions
    ]


def test_a_step_has_longer_than_a_function_can_run_unless_its_job_says_otherwise() -> None:
    given = JobRef.model_fields["step_timeout_seconds"].default

    assert STEP_TIMEOUT.endswith(f": {given} %}}")
    assert given > LAMBDA_SECONDS
