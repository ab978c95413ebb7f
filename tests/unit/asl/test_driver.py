"""Driving an execution with tasks that are done side by side."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

import asl

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:"


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(10) as executor:
        yield executor


def side_by_side(**branches: dict[str, object]) -> asl.Machine:
    """A Parallel with a task in each branch, named after its function."""
    return asl.load(
        {
            "StartAt": "Both",
            "States": {
                "Both": {
                    "Type": "Parallel",
                    "End": True,
                    "Branches": [
                        {
                            "StartAt": name,
                            "States": {name: {"Type": "Task", "Resource": FUNCTION + name, "End": True, **fields}},
                        }
                        for name, fields in branches.items()
                    ],
                }
            },
        }
    )


@pytest.mark.parametrize("clock", [asl.VirtualClock, asl.SystemClock])
def test_tasks_of_branches_run_at_the_same_time(executor: Executor, clock: type[asl.Clock]) -> None:
    running = []

    def perform(request: asl.TaskRequest) -> str:
        running.append(request.state)
        patience = time.monotonic() + 10
        while len(running) < 2 and time.monotonic() < patience:
            time.sleep(0.001)
        return f"{request.state} beside {len(running) - 1}"

    execution = side_by_side(one={}, two={}).run({}, perform, executor=executor, clock=clock())

    assert execution.output == ["one beside 1", "two beside 1"]


def test_a_result_that_comes_later_is_not_kept_waiting_by_a_slow_task(executor: Executor) -> None:
    def perform(request: asl.TaskRequest) -> object:
        if request.state == "soon":
            return asl.Later("soon", 0.05)
        time.sleep(0.6)
        return "slow"

    machine = side_by_side(soon={"TimeoutSeconds": 1}, slow={})
    execution = machine.start({}, clock=asl.SystemClock())
    asl.drive(execution, perform, executor)
    ended = [event for event in execution.history() if event["type"] == "LambdaFunctionSucceeded"]
    times = [event["timestamp"] for event in ended]

    assert execution.output == ["soon", "slow"]
    assert (times[1] - times[0]).total_seconds() > 0.2


def test_the_outcome_does_not_depend_on_how_long_tasks_really_take(executor: Executor) -> None:
    def perform(request: asl.TaskRequest) -> str:
        time.sleep(0.03 if request.state == "one" else 0)
        return request.state

    machine = side_by_side(one={}, two={})
    inline = machine.run({}, lambda request: request.state)
    beside = machine.run({}, perform, executor=executor)

    succeeded = [event for event in beside.history() if event["type"] == "LambdaFunctionSucceeded"]
    assert [event["lambdaFunctionSucceededEventDetails"]["output"] for event in succeeded] == ['"one"', '"two"']
    assert beside.output == inline.output


def test_what_nobody_can_move_is_said() -> None:
    machine = side_by_side(one={})

    with pytest.raises(asl.Stalled, match="no `tasks` were given"):
        machine.run({})


def test_an_unexpected_exception_of_a_task_leaves_the_execution_whole() -> None:
    machine = side_by_side(one={})
    execution = machine.start({}, clock=asl.VirtualClock())

    with pytest.raises(ZeroDivisionError):
        asl.drive(execution, lambda _request: 1 // 0)
    asl.drive(execution, lambda request: f"{request.state}, mended")

    assert execution.output == ["one, mended"]
