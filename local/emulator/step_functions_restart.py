"""Executions go on after a restart of the emulator.

AWS: executions outlive any machine. MiniStack 1.5.33 marks those that ran as FAILED when it loads its state, without an
event. Here each goes on with the state that it had entered last, with that state's input: a task that was at work is
invoked again (Step Functions' at-least-once), one that waited for its token gets a new token. Variables are lost.
"""

from __future__ import annotations

import contextvars
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import stepfunctions as sfn

from . import step_functions

RESUMED = "Resumed after a restart"


def resumed_definition(definition: dict[str, Any], state: str, state_input: Any) -> dict[str, Any]:
    """The definition, beginning with a state that passes the input on to the named one."""
    begin = {"Type": "Pass", "QueryLanguage": "JSONPath", "Result": state_input, "Next": state}
    return {**definition, "StartAt": RESUMED, "States": {**definition["States"], RESUMED: begin}}


def last_entered(events: list[dict[str, Any]], states: dict[str, Any]) -> tuple[str, Any] | None:
    """Name and input of the state of the top level that was entered last; None before the first."""
    for event in reversed(events):
        details = event.get("stateEnteredEventDetails")
        if details and details["name"] in states:
            return details["name"], json.loads(details["input"])
    return None


def resume(arn: str) -> None:
    """Run the execution from where it was; returns when it has ended. Call in a context of its own."""
    execution = sfn._executions.get(arn)
    machine = step_functions.PinnedMachines().get(execution["stateMachineArn"])
    if machine is not None:
        definition = json.loads(machine["definition"])
        if place := last_entered(execution["events"], definition["States"]):
            step_functions.definition_override.set(json.dumps(resumed_definition(definition, *place)))
    sfn._run_execution(arn)


def _resume_all(arns: list[str]) -> None:
    while app._ready_scripts_state["status"] != "completed":
        time.sleep(0.1)
    for arn in arns:
        threading.Thread(target=contextvars.copy_context().run, args=(_resume_in_scope, arn), daemon=True).start()


def _resume_in_scope(arn: str) -> None:
    _, _, _, region, account, *_ = arn.split(":")
    set_request_account_id(account)
    set_request_region(region)
    version = sfn._executions.get(arn).get("stateMachineVersionArn")
    step_functions.started_with.set(version or "")
    resume(arn)


def load_state(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """`load_persisted_state`, after which what ran runs again."""

    def load(data: Any) -> None:
        executions = data["executions"]._data.values()
        running = [execution for execution in executions if execution["status"] == "RUNNING"]
        original(data)
        for execution in running:
            execution.update(status="RUNNING", stopDate=None)
            execution.pop("error", None)
            execution.pop("cause", None)
        arns = [execution["executionArn"] for execution in running]
        threading.Thread(target=_resume_all, args=(arns,), daemon=True, name="resume-executions").start()

    return load


def close_gap() -> None:
    """Resume executions when state is loaded; `step_functions` must be in place."""
    sfn.load_persisted_state = load_state(sfn.load_persisted_state)
