"""Handlers in the worker answer and fail as Lambda functions do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import asl
from fileferry.errors import ContentRefused, StepInterrupted
from fileferry.home import Home
from worker.handlers import Handlers
from worker.settings import WorkerSettings

JOB = {"job_id": "j1", "fence": 1}
DEPLOYED = "arn:aws:lambda:eu-central-1:123456789012:function:fileferry-validate:7"


class FakeHold:
    job = SimpleNamespace(fence=5)

    def __init__(self) -> None:
        self.safe: list[int] = []

    def check(self) -> None:
        """It may go on."""

    def moved(self, safe: int) -> None:
        self.safe.append(safe)


def call(act: Callable[[Mapping[str, Any], Home], Any], name: str = "${ValidateFunction}", **request: Any) -> Any:
    """What the engine gets of a task that does `act`."""
    settings = WorkerSettings(dead_letter_queue_url="dead", scratch=Path("/scratch"))
    world: Any = SimpleNamespace(runs=None)
    handlers = Handlers(world, FakeHold(), settings, {"validate": lambda event, home, _world: act(event, home)})  # type: ignore[arg-type]
    parameters = {"FunctionName": name, "Payload": {"job": JOB, "attempt": 0}}
    return handlers(asl.TaskRequest("t-1", "arn:aws:states:::lambda:invoke", parameters, "Validate", **request))


@pytest.mark.parametrize("name", ["${ValidateFunction}", DEPLOYED, DEPLOYED.removesuffix(":7")])
def test_a_function_is_found_as_the_file_and_as_the_deployed_definition_name_it(name: str) -> None:
    answer = call(lambda event, home: {"rows": 3}, name)

    assert (answer["StatusCode"], answer["Payload"]) == (200, {"rows": 3})


def test_the_event_has_the_number_of_the_lease() -> None:
    answer = call(lambda event, home: event)

    assert answer["Payload"] == {"job": {"job_id": "j1", "fence": 5}, "attempt": 0}


def test_the_result_is_what_json_makes_of_it() -> None:
    assert call(lambda event, home: {"pair": (1, 2)})["Payload"] == {"pair": [1, 2]}


@pytest.mark.parametrize("result", [{"set": {1}}, {"number": float("nan")}])
def test_a_result_that_is_no_json_fails_as_in_lambda(result: dict[str, Any]) -> None:
    with pytest.raises(asl.TaskFailed) as failed:
        call(lambda event, home: result)

    assert failed.value.error == "Runtime.MarshalError"
    assert json.loads(str(failed.value.cause))["errorMessage"].startswith("Unable to marshal response")


def test_an_exception_fails_under_its_class_name_with_lambdas_payload_as_cause() -> None:
    def refuse(_event: Mapping[str, Any], _home: Home) -> None:
        raise ContentRefused("two bad lines")

    with pytest.raises(asl.TaskFailed) as failed:
        call(refuse)
    cause = json.loads(str(failed.value.cause))

    assert (failed.value.error, cause["errorType"]) == ("ContentRefused", "ContentRefused")
    assert cause["errorMessage"] == "two bad lines"
    assert "refuse" in cause["stackTrace"][-1]


@pytest.mark.parametrize("stop", [StepInterrupted("the worker stops"), SystemExit(1)])
def test_what_ends_the_worker_is_no_failure_of_the_task(stop: BaseException) -> None:
    def end(_event: Mapping[str, Any], _home: Home) -> None:
        raise stop

    with pytest.raises(type(stop)):
        call(end)


def test_a_transfer_stops_when_the_states_time_is_over() -> None:
    with pytest.raises(StepInterrupted):
        call(lambda event, home: home.pulse(1), deadline=time.time() - 1)


def test_the_time_of_a_state_with_a_token_is_not_its_functions() -> None:
    answer = call(lambda event, home: home.pulse(1), deadline=time.time() - 1, token="token-1")

    assert answer["StatusCode"] == 200
