"""The time that JSONata expressions see."""

from __future__ import annotations

import asl


def test_jsonata_tells_the_time_of_the_executions_clock() -> None:
    machine = asl.load(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "Pause",
            "States": {
                "Pause": {"Type": "Wait", "Seconds": 3600, "Next": "Look"},
                "Look": {"Type": "Pass", "Output": {"now": "{% $now() %}", "ms": "{% $millis() %}"}, "End": True},
            },
        }
    )

    execution = machine.run({}, clock=asl.VirtualClock(start=1_735_689_600))

    assert execution.output == {"now": "2025-01-01T01:00:00.000Z", "ms": 1_735_693_200_000}
