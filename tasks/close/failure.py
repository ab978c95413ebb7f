"""What Step Functions tells of a failure, as a run's error record: no stack trace, no more text than a reader needs."""

from __future__ import annotations

from typing import Any

from fileferry.executions import message_of
from fileferry.model.job import Run, Step

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
