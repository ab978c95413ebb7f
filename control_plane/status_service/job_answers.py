"""How jobs and runs are answered: what is of use to those who look after files, and nothing that runners keep."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fileferry.executions import execution_of
from fileferry.model.job import (
    Decision,
    Delivery,
    Executor,
    ExecutorFacts,
    Frozen,
    Job,
    JobStatus,
    ObjectRef,
    ObjectVersion,
    PinnedWorkflow,
    Run,
    StepStatus,
)

_OPTIONAL = (
    *("started_at", "ended_at", "reason", "waiting_for", "sha256", "first_job", "rejected_at", "wake_at", "trouble"),
    *("action", "requested_by", "comment"),
)


class RouteRejection(Frozen):
    """Why one route did not take a file."""

    route: str
    revision: int | None = None
    reason: str


class Failure(BaseModel):
    """What went wrong; more may be told, such as `violations` of refused content."""

    model_config = ConfigDict(frozen=True, extra="allow")

    error: str = Field("", description="Name of the error, such as ContentRefused.")
    message: str = ""


class StepAnswer(Frozen):
    """One task of a run. `result` once it succeeded, `error` of its last failure."""

    status: StepStatus
    attempt: int = Field(description="Of how many tries before it the last one is the repeat.")
    started_at: str | None
    ended_at: str | None
    result: dict[str, Any] | None
    error: Failure | None


class HistoryKept(Frozen):
    """The history that the worker stored: how many events, and the states in the order in which they were entered."""

    events: int
    states: list[str]


class RunAnswer(Frozen):
    """One attempt at a job."""

    run: int
    status: JobStatus
    revision: int = Field(description="Of the route.")
    action: str | None = Field(description="What was asked for to make this run; null when the file came in.")
    requested_by: str | None = Field(description="Who asked for it.")
    comment: str | None = Field(description="Why, in their words.")
    source: ObjectRef | None = Field(description="The kept copy that it begins from; null: the file as it came in.")
    accepted: Decision | None = Field(description="Who has released the file with its violations.")
    decision: Decision | None = Field(description="Who has cancelled the run, or refused its file for good.")
    executor: Executor
    execution_arn: str | None = Field(description="Of the execution; null for the worker's runs.")
    workflow: PinnedWorkflow | None = Field(description="The version that a run is pinned to; the worker's always are.")
    started_at: str | None
    ended_at: str | None
    declared: dict[str, str] = Field(description="Checksums that the sender declared: algorithm → digest in hex.")
    steps: dict[str, StepAnswer] = Field(description="By name, in the workflow's order.")
    deliveries: dict[str, Delivery] = Field(description="By destination.")
    error: Failure | None = Field(description="Why the run failed or was refused.")
    outcome: dict[str, Any] | None = Field(description="What the run's final event tells beside its error.")
    wake_at: str | None = Field(description="When a run that waits in the worker goes on at the latest.")
    trouble: str | None = Field(description="Why the last worker could not bring the run forward; no step's error.")
    history: HistoryKept | None


class JobAnswer(Frozen):
    """One file version on one route."""

    job_id: str
    tenant: str
    user: str
    route: str = Field(description="`none` where no route takes the file.")
    revision: int = Field(description="Of the route; 0 where no route takes the file.")
    filename: str
    object: ObjectVersion = Field(description="The file as it came in.")
    status: JobStatus
    run: int = Field(description="The latest run.")
    executor: Executor
    executor_reason: str
    executor_facts: ExecutorFacts | None
    home_region: str
    created_at: str
    updated_at: str
    ended_at: str | None
    reason: str | None = Field(description="Why it failed or was refused, in words.")
    reasons: list[RouteRejection] = Field(description="Why each route before did not take the file.")
    waiting_for: str | None = Field(description="What it waits for before it may start: sidecar, order, configuration.")
    sha256: str | None = Field(description="Of the file, once it is known.")
    first_job: str | None = Field(description="The job that took the same content before.")
    rejected_at: str | None = Field(description="When the quarantined file was refused for good.")


class JobWithRuns(JobAnswer):
    """A job with all its runs, the first one first."""

    runs: list[RunAnswer]


_JOB_FIELDS = set(JobAnswer.model_fields)
_RUN_FIELDS = set(RunAnswer.model_fields) - {"steps", "execution_arn", "history"}


def show_job(job: Job) -> dict[str, Any]:
    """A JobAnswer in JSON; listings have many, so that it is not made into a model on its way."""
    shown = _or_null(job.model_dump(mode="json", include=_JOB_FIELDS))
    return {**shown, "reasons": [{"revision": None, **reason} for reason in job.reasons]}


def show_job_with_runs(job: Job, runs: list[Run]) -> JobWithRuns:
    return JobWithRuns.model_validate({**show_job(job), "runs": [show_run(job, run) for run in runs]})


def show_run(job: Job, run: Run) -> RunAnswer:
    """A run of the job, its steps in the workflow's order."""
    plain = _or_null(run.model_dump(mode="json", include=_RUN_FIELDS))
    arn = execution_of(job, run) if run.executor is Executor.STEP_FUNCTIONS else ""
    steps = {name: _or_null(record.model_dump(mode="json")) for name, record in run.steps.items()}
    history = HistoryKept(events=run.history.events, states=run.history.states) if run.history else None
    return RunAnswer.model_validate({**plain, "steps": steps, "execution_arn": arn or None, "history": history})


def _or_null(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" and name in _OPTIONAL else value for name, value in fields.items()}
