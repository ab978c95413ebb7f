"""The `runs` table: one item per run, whose writes hold only for its owner while it is open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord, RunClosed
from fileferry.model.job import (
    Decision,
    Delivery,
    Executor,
    HistorySummary,
    JobRef,
    JobStatus,
    ObjectRef,
    PinnedWorkflow,
    Run,
    Step,
    StepRecord,
    StepStatus,
)
from fileferry.repositories.items import Item, condition_failed, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OPEN = "fence = :fence AND #status IN (:received, :running)"
_NOT_DONE = "(attribute_not_exists(steps.#step.#status) OR steps.#step.#status <> :succeeded)"
MAX_ERROR_BYTES = 60_000
"""An error's record is cut here: an item holds 400 KB, of six steps and all deliveries."""


def run_item(run: Run) -> Item:
    """The item of a new run: every map that later updates write into exists, and no time that has not come.

    A run that goes on from an earlier one has steps and deliveries already.
    """
    plain = run.model_dump(mode="json", exclude={"steps", "deliveries", "error", "outcome", "progress"})
    plain = {name: value for name, value in plain.items() if value not in ("", None)}
    steps = {step.value: _encoded(run.steps[step]) if step in run.steps else {} for step in Step}
    deliveries = {name: delivery.model_dump_json() for name, delivery in run.deliveries.items()}
    return to_item({**plain, "steps": steps, "deliveries": deliveries, "progress": {}})


def _encoded(record: StepRecord) -> dict[str, Any]:
    plain = record.model_dump(mode="json", exclude={"result"}, exclude_defaults=True)
    if record.result is not None:
        plain["result"] = json.dumps(record.result, ensure_ascii=False)
    return plain


def run_from(item: Mapping[str, Any]) -> Run:
    """The run of an item, its steps in the workflow's order: a map in DynamoDB has none."""
    plain = from_item(item)
    recorded = plain.get("steps", {})
    steps = {step: _decoded(recorded[step]) for step in Step if step in recorded}
    deliveries = {name: json.loads(text) for name, text in plain.get("deliveries", {}).items()}
    closing = {name: json.loads(plain[name]) if plain.get(name) else None for name in ("error", "outcome")}
    return Run.model_validate({**plain, "steps": steps, "deliveries": deliveries, **closing})


def _decoded(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in ("result", "error") and value else value for name, value in record.items()
    }


class RunRepository:
    """Reads and fenced writes of runs."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def get(self, job_id: str, run: int) -> Run:
        """Raises NoSuchRecord."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=to_item({"job_id": job_id, "run": run}), ConsistentRead=True
        )
        if "Item" not in answer:
            raise NoSuchRecord(f"Job {job_id!r} has no run {run}.")
        return run_from(answer["Item"])

    def of_job(self, job_id: str, *, consistent: bool = False) -> list[Run]:
        """All runs of a job, the first one first; `consistent`: none that was made just now is missing."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=consistent,
            KeyConditionExpression="job_id = :job",
            ExpressionAttributeValues={":job": {"S": job_id}},
        )
        return [run_from(item) for page in pages for item in page["Items"]]

    def check_open(self, job: JobRef) -> None:
        """Raises RunClosed when the run is over or belongs to another runner."""
        run = self.get(job.job_id, job.run)
        if run.fence != job.fence or run.status.is_final:
            raise _closed(job, run)

    def begin_step(self, job: JobRef, step: Step, attempt: int) -> Run:
        """Note that a step begins, and return the run.

        A step that has succeeded before is left as it is: look at its status. Raises RunClosed when the run
        is over or belongs to another runner, NoSuchRecord when there is no such run.
        """
        try:
            return self._update(
                job,
                "SET #status = :running, started_at = if_not_exists(started_at, :now), "
                "steps.#step.#status = :step_running, steps.#step.attempt = :attempt, "
                "steps.#step.started_at = if_not_exists(steps.#step.started_at, :now)",
                f"{_OPEN} AND {_NOT_DONE}",
                step,
                {":step_running": StepStatus.RUNNING.value, ":attempt": attempt, ":now": timestamp()},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
        run = self.get(job.job_id, job.run)
        record = run.steps.get(step)
        if run.fence == job.fence and record and record.status is StepStatus.SUCCEEDED:
            return run
        raise _closed(job, run)

    def finish_step(self, job: JobRef, step: Step, result: Mapping[str, Any]) -> None:
        """Record a step's result. Raises RunClosed."""
        self._fenced(
            job,
            "SET steps.#step.#status = :succeeded, steps.#step.#result = :result, steps.#step.ended_at = :now "
            "REMOVE steps.#step.#error",
            _OPEN,
            step,
            {":result": json.dumps(result, ensure_ascii=False), ":now": timestamp()},
        )

    def wait_step(self, job: JobRef, step: Step) -> None:
        """Note that a step waits for the outside; one that was completed meanwhile stays completed."""
        try:
            self._update(
                job,
                "SET steps.#step.#status = :waiting",
                f"{_OPEN} AND {_NOT_DONE}",
                step,
                {":waiting": StepStatus.WAITING.value},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def fail_step(self, job: JobRef, step: Step, error: Mapping[str, Any]) -> None:
        """Record a step's error. Raises RunClosed."""
        self._fenced(
            job,
            "SET steps.#step.#status = :failed, steps.#step.#error = :error, steps.#step.ended_at = :now",
            f"{_OPEN} AND {_NOT_DONE}",
            step,
            {":failed": StepStatus.FAILED.value, ":error": _bounded(error), ":now": timestamp()},
        )

    def record_delivery(self, job: JobRef, destination: str, delivery: Delivery) -> None:
        """Record one destination's outcome. Raises RunClosed."""
        self._fenced(
            job,
            "SET deliveries.#destination = :delivery",
            _OPEN,
            None,
            {":delivery": delivery.model_dump_json()},
            {"#destination": destination},
        )

    def save_progress(self, job: JobRef, name: str, value: Mapping[str, Any]) -> None:
        """Keep what a transfer needs to go on elsewhere; {} forgets it. Raises RunClosed."""
        update, values = "REMOVE progress.#name", dict[str, Any]()
        if value:
            update, values = "SET progress.#name = :json", {":json": json.dumps(value, ensure_ascii=False)}
        self._fenced(job, update, _OPEN, None, values, {"#name": name})

    def keep_checkpoint(self, job: JobRef, checkpoint: ObjectRef) -> Run:
        """Note where the run's execution is stored; the run as it is then. Raises RunClosed."""
        return self._fenced(job, "SET checkpoint = :object", _OPEN, None, {":object": checkpoint.model_dump()})

    def keep_history(self, job: JobRef, history: HistorySummary) -> None:
        """Note where the history of a run lies that has ended, and forget what was kept to go on with it.

        Holds for the owner although the run is closed. Raises RunClosed for another one.
        """
        self._fenced(
            job,
            "SET #history = :history, lease_until = :none REMOVE checkpoint, wake_at",
            "fence = :fence",
            None,
            {":history": history.model_dump(), ":none": 0},
            {"#history": "history"},
        )

    def declare(self, job_id: str, run: int, algorithm: str, digest: str) -> None:
        """Add a checksum that the sender declared."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job_id, "run": run}),
            UpdateExpression="SET declared.#algorithm = :digest",
            ConditionExpression="attribute_exists(job_id)",
            ExpressionAttributeNames={"#algorithm": algorithm},
            ExpressionAttributeValues={":digest": {"S": digest}},
        )

    def assign(self, job_id: str, run: int, executor: Executor, workflow: PinnedWorkflow | None = None) -> None:
        """Note which executor a run is started on, as its job says, and the workflow version that the worker runs.

        A version that is recorded stays: the run is pinned to it.
        """
        values: dict[str, Any] = {":executor": executor.value}
        update = "SET executor = :executor"
        if workflow:
            update += ", workflow = if_not_exists(workflow, :workflow)"
            values[":workflow"] = workflow.model_dump()
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job_id, "run": run}),
            UpdateExpression=update,
            ConditionExpression="attribute_exists(job_id)",
            ExpressionAttributeValues=to_item(values),
        )

    def woken(self, job_id: str, run: int, at: str) -> None:
        """Note when a run of the worker was put on its queue once more."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job_id, "run": run}),
            UpdateExpression="SET woken_at = :at",
            ConditionExpression="attribute_exists(job_id)",
            ExpressionAttributeValues=to_item({":at": at}),
        )

    def close(
        self,
        job: JobRef,
        status: JobStatus,
        error: Mapping[str, Any] | None = None,
        outcome: Mapping[str, Any] | None = None,
    ) -> None:
        """Give the run its final status; repeating the same one is fine. Raises RunClosed for another one."""
        assignments = "SET #status = :final, ended_at = if_not_exists(ended_at, :now)"
        values: dict[str, Any] = {":final": status.value, ":now": timestamp()}
        if error:
            assignments += ", #error = :error"
            values[":error"] = _bounded(error)
        if outcome:
            assignments += ", #outcome = :outcome"
            values[":outcome"] = json.dumps(outcome, ensure_ascii=False)
        self._fenced(job, assignments, "fence = :fence AND #status IN (:received, :running, :final)", None, values)

    def cancel(self, job: JobRef, decision: Decision, error: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
        """Close an open run as CANCELLED unless its work is done. Raises RunClosed, also then and for a new owner."""
        self._fenced(
            job,
            "SET #status = :final, ended_at = :now, #error = :error, #outcome = :outcome, decision = :decision",
            f"{_OPEN} AND {_NOT_DONE}",
            Step.ARCHIVE,
            {
                ":final": JobStatus.CANCELLED.value,
                ":now": timestamp(),
                ":error": _bounded(error),
                ":outcome": json.dumps(outcome, ensure_ascii=False),
                ":decision": decision.model_dump(mode="json"),
            },
        )

    def _fenced(
        self,
        job: JobRef,
        update: str,
        condition: str,
        step: Step | None,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> Run:
        try:
            return self._update(job, update, condition, step, values, names)
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise _closed(job, self.get(job.job_id, job.run)) from error

    def _update(
        self,
        job: JobRef,
        update: str,
        condition: str,
        step: Step | None,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> Run:
        text = update + condition
        own_names = {f"#{name}": name for name in ("status", "error", "result", "outcome")}
        all_names = {**own_names, **(names or {})}
        if step:
            all_names["#step"] = step.value
        all_values = {
            ":fence": job.fence,
            ":received": JobStatus.RECEIVED.value,
            ":running": JobStatus.RUNNING.value,
            ":succeeded": StepStatus.SUCCEEDED.value,
            **values,
        }
        answer = self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job.job_id, "run": job.run}),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeNames={name: value for name, value in all_names.items() if name in text},
            ExpressionAttributeValues=to_item({name: value for name, value in all_values.items() if name in text}),
            ReturnValues="ALL_NEW",
        )
        return run_from(answer["Attributes"])


def _closed(job: JobRef, run: Run) -> RunClosed:
    if run.fence != job.fence:
        return RunClosed(
            f"Run {job.run} of job {job.job_id} belongs to another runner (fence {run.fence}, ours {job.fence})."
        )
    return run_over(run)


def run_over(run: Run) -> RunClosed:
    """The error of whoever wants to go on with a run that has ended."""
    return RunClosed(
        f"Run {run.run} of job {run.job_id} is {run.status}; nothing more is done in it.",
        cancelled=run.status is JobStatus.CANCELLED,
    )


def _bounded(error: Mapping[str, Any]) -> str:
    text = json.dumps(error, ensure_ascii=False)
    if len(text.encode()) <= MAX_ERROR_BYTES:
        return text
    violations = list(error.get("violations", []))
    while violations and len(text.encode()) > MAX_ERROR_BYTES:
        violations = violations[: len(violations) // 2]
        text = json.dumps({**error, "violations": violations, "cut": True}, ensure_ascii=False)
    return text
