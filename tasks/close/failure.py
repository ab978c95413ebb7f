"""What Step Functions tells of a failure, as a run's error record: no stack trace, no more text than a reader needs.

Lambda gives a function's error as JSON text, `{"errorMessage": …, "errorType": …, "stackTrace": […]}` (Lambda
developer guide, "Python function errors"); Step Functions passes it on as `Cause`, cut at 32,768 characters, and
tells its own errors (time-outs, failed expressions) in plain words.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fileferry.model.job import Run, Step

MAX_MESSAGE = 2000
_MESSAGE = re.compile(r'"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*+")')
_OWN_WORDS = {
    "States.Timeout": "The step did not answer in time.",
    "States.DataLimitExceeded": "The step's result is too large for the workflow's state data.",
}


def failure_record(run: Run, error: str, cause: str, state: str) -> dict[str, Any]:
    """`{"error": name, "message": text, "step": name, …}`, with the details that the failed step recorded.

    `error` and `cause` are Step Functions' words, `state` the workflow's state, named as the step it runs. What the
    step recorded itself is preferred when it is the same error: it has the violations, or the first job.
    """
    step = state.lower() if state.lower() in set(Step) else ""
    recorded = run.steps[step].error if step in run.steps else None
    if recorded and recorded.get("error") == error:
        return {**recorded, "step": step}
    message = message_of(cause) or _OWN_WORDS.get(error, "Nothing more is known.")
    return {"error": error, "message": message, **({"step": step} if step else {})}


def message_of(cause: str) -> str:
    """The words for people in a `Cause`; empty when there are none."""
    found = _MESSAGE.search(cause)
    if found:
        return str(json.loads(found[1], strict=False))[:MAX_MESSAGE]
    if '"stackTrace"' in cause or '"errorType"' in cause:
        return ""
    return cause.strip()[:MAX_MESSAGE]
