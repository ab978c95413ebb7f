"""What a Map Run's children are to their own states."""

from __future__ import annotations

import json
from typing import Any

import asl


def map_run(template: dict[str, Any]) -> asl.Machine:
    return asl.load(
        {
            "StartAt": "Each",
            "States": {
                "Each": {
                    "Type": "Map",
                    "Label": "Rows",
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                        "StartAt": "Pause",
                        "States": {
                            "Pause": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
                            "Look": {"Type": "Pass", "Parameters": template, "End": True},
                        },
                    },
                    "End": True,
                }
            },
        }
    )


def test_a_child_is_an_execution_of_its_own_in_the_context_object() -> None:
    machine = map_run({"about.$": "$$.Execution", "machine.$": "$$.StateMachine"})

    first, second = machine.run(["a", "b"], identity=asl.Identity(machine="Load", execution="parent")).output

    assert first["machine"]["Name"] == "Load/Rows"
    assert first["machine"]["Id"].endswith(":stateMachine:Load/Rows")
    assert (first["about"]["Input"], second["about"]["Input"]) == ("a", "b")
    assert first["about"]["Id"].endswith(f":execution:Load/Rows:{first['about']['Name']}")
    assert len({first["about"]["Name"], second["about"]["Name"], "parent"}) == 3


def test_a_child_is_the_same_execution_after_the_context_was_stored() -> None:
    machine = map_run({"about.$": "$$.Execution"})
    whole = machine.run(["a", "b"], randomness=asl.SeededRandomness(1))

    execution = machine.start(["a", "b"], clock=asl.VirtualClock(), randomness=asl.SeededRandomness(1))
    execution.step()
    resumed = machine.resume(json.loads(json.dumps(execution.context())), clock=asl.VirtualClock())
    asl.drive(resumed, None)

    assert resumed.output == whole.output


def test_a_child_of_a_map_run_in_an_iteration_is_in_no_iteration() -> None:
    inner = map_run({"item.$": "$$.Map.Item.Value"}).definition
    outer = asl.load(
        {
            "StartAt": "Outer",
            "States": {"Outer": {"Type": "Map", "ItemProcessor": inner, "End": True}},
        }
    )

    execution = outer.run([["a"]])

    assert execution.error == "States.ExceedToleratedFailureThreshold"
