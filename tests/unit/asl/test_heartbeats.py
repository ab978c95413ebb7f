"""A task that gives no sign of life."""

from __future__ import annotations

import asl


def machine_catching(*names: str) -> asl.Machine:
    return asl.load(
        {
            "StartAt": "Work",
            "States": {
                "Work": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:eu-west-1:123456789012:activity:work",
                    "TimeoutSeconds": 60,
                    "HeartbeatSeconds": 10,
                    "Catch": [{"ErrorEquals": [name], "Next": name} for name in names],
                    "End": True,
                },
                **{name: {"Type": "Pass", "Result": name, "End": True} for name in names},
            },
        }
    )


def waited(machine: asl.Machine, *, alive: int) -> asl.Execution:
    """A worker tells that it is alive so many times, every five seconds, and then no more."""
    clock = asl.VirtualClock(start=0)
    execution = machine.start({}, clock=clock)
    task, _ = execution.step()
    assert isinstance(task, asl.TaskRequest)
    for _ in range(alive):
        clock.pass_until(clock.now() + 5)
        execution.step()
        execution.heartbeat(task.id)
    asl.drive(execution, None)
    return execution


def test_a_missed_heartbeat_is_told_as_a_timeout() -> None:
    assert waited(machine_catching(), alive=1).error == "States.Timeout"
    assert waited(machine_catching(), alive=11).error == "States.Timeout"


def test_a_missed_heartbeat_is_caught_by_its_own_name_or_as_a_timeout() -> None:
    own, timeout = "States.HeartbeatTimeout", "States.Timeout"

    assert waited(machine_catching(own, timeout), alive=0).output == own
    assert waited(machine_catching(timeout), alive=0).output == timeout
    assert waited(machine_catching(own, timeout), alive=11).output == timeout
