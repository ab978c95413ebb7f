"""Jobs whose end Step Functions awaits: ECS tasks, Batch jobs and Glue job runs, with `.sync`.

Source: connect-ecs, connect-batch, connect-glue. The result is the job as its service describes it, in Pascal case; a
job that failed gives `States.TaskFailed` with that as the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asl.errors import TaskFailed
from asl.integrations.reply import Call, content_headers, with_metadata
from asl.integrations.sdk import pascal_members
from asl.json_values import compact

_JSON_1_1 = "application/x-amz-json-1.1"
_MAPS = frozenset({"arguments", "logOptions", "options", "parameters", "tags", "dockerLabels", "driverOpts", "labels"})


def submitted(result: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """The answer to a job's start, from the service's own: request-response's result, TaskSubmitted's output."""
    members = pascal_members(result, _MAPS)
    return with_metadata(members, call, content_headers(result, _JSON_1_1, Connection="keep-alive"))


def completed(service: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """The result of `ecs:runTask.sync`, `batch:submitJob.sync` or `glue:startJobRun.sync`.

    `job` is a Task, a JobDetail or a JobRun as the service's own API describes it. Raises `TaskFailed`.
    """
    members: dict[str, Any] = pascal_members(job, _MAPS)
    if not _SUCCEEDED[service](members):
        raise TaskFailed("States.TaskFailed", compact(members))
    return members


def _all_containers_exited_well(task: Mapping[str, Any]) -> bool:
    return all(container.get("ExitCode") == 0 for container in task.get("Containers", ()))


_SUCCEEDED: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "ecs": _all_containers_exited_well,
    "batch": lambda job: job.get("Status") == "SUCCEEDED",
    "glue": lambda run: run.get("JobRunState") == "SUCCEEDED",
}
