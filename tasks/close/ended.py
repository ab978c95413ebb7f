"""Executions that ended outside the workflow's Catch: stopped, timed out, or failed in CloseRun itself.

EventBridge tells of them ("Step Functions Execution Status Change"); their runs are closed here. The file stays
where it is, and what is staged stays for a redrive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fileferry.closing import close_unless_over
from fileferry.errors import NoSuchRecord
from fileferry.executions import run_end
from fileferry.home import LambdaContext
from fileferry.model.job import JobRef, parse_execution_name
from fileferry.services import Services, services
from fileferry.steps import logger, named_errors, tell_job

_ENDS = ("ABORTED", "TIMED_OUT", "FAILED")
"""The ends that may leave a run open; the rule sends no others."""


def handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry: EventBridge's event → `{"status": JobStatus}`, or `{"ignored": reason}`."""
    with named_errors():
        return close_ended(event["detail"], services())


def close_ended(detail: Mapping[str, Any], world: Services) -> dict[str, Any]:
    """Close the run of an execution that ended, unless it is closed; end what a killed closer left undone.

    `detail` is the event's: `name`, `status`, `input`, and `error` and `cause` when there are any. Executions that
    are not the router's are ignored, and so is a run that belongs to another runner by now.
    """
    name, ended = str(detail.get("name", "")), str(detail.get("status", ""))
    if ended not in _ENDS:
        return {"ignored": f"status {ended}"}
    try:
        job = _job_of(name, detail, world)
        if job is None:
            return {"ignored": f"{name!r} is no execution of ours"}
        tell_job(job)
        end = run_end(ended, str(detail.get("error") or ""), str(detail.get("cause") or ""))
        status = close_unless_over(world, job, *end)
    except NoSuchRecord as error:
        return {"ignored": str(error)}
    logger.info("execution ended", execution_status=ended, run_status=status.value)
    return {"status": status.value}


def _job_of(name: str, detail: Mapping[str, Any], world: Services) -> JobRef | None:
    """The job that the execution ran, with the fence that it ran under; None for a stranger's.

    The event leaves the input out when it is large (`inputDetails.included`); then the fence is the one that the
    router starts executions with.
    """
    identity = parse_execution_name(name)
    if identity is None:
        return None
    job_id, run = identity
    given = _input_of(detail).get("job")
    if given is None:
        return world.jobs.get(job_id).ref().model_copy(update={"run": run})
    job = JobRef.model_validate(given)
    return job if job.execution_name == name else None


def _input_of(detail: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        given = json.loads(detail.get("input") or "{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
