"""The process that emulates Step Functions for the workflow cases: the emulator's Step Functions, with the functions
played by the test.

`python -m tests.workflows.emulated_states` with GATEWAY_PORT and TASK_STUB_URL. Every call of a Lambda function is
sent to TASK_STUB_URL (`task_stub.py`). Of the emulator's gaps those of Step Functions are closed; the others, its
Lambda and its IAM among them, have no part in a case.
"""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

from ministack import app
from ministack.services import stepfunctions as sfn

from local.emulator import state_testing, step_functions


def call_stub(function: str, event: Any) -> Any:
    """Stands in for the emulator's call of a Lambda function: its result, or its error raised."""
    body = json.dumps({"function": function, "event": event}).encode()
    request = urllib.request.Request(os.environ["TASK_STUB_URL"], body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    if "error" in answer:
        raise sfn._ExecutionError(answer["error"], answer["cause"])
    return answer["result"]


def main() -> None:
    sfn._call_lambda = call_stub
    state_testing.close_gap()
    step_functions.close_gap()
    app.main()


if __name__ == "__main__":
    main()
