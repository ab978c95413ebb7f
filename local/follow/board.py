"""What the events add up to: one row for each job. Pure; the same for events that come twice or out of order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from fileferry.ingest_key import NotAnIngestKey, parse_ingest_key
from fileferry.model.job import Job, JobStatus, Run, Step, StepStatus

_STEPS = tuple(Step)
_PREFIX = "fileferry."


@dataclass(frozen=True)
class Row:
    """A job as it is shown; times are ISO 8601, `step` the latest that began or ended, `note` why it ended so."""

    job_id: str
    user: str = ""
    path: str = ""
    route: str = ""
    status: JobStatus = JobStatus.RECEIVED
    step: str = ""
    step_status: str = ""
    received_at: str = ""
    ended_at: str = ""
    note: str = ""
    steps_done: frozenset[str] = frozenset()

    @property
    def seconds(self) -> float | None:
        """From receipt to end; None while it is open."""
        if not self.received_at or not self.ended_at:
            return None
        return (datetime.fromisoformat(self.ended_at) - datetime.fromisoformat(self.received_at)).total_seconds()

    @property
    def step_text(self) -> str:
        return f"{self.step} {self.step_status.lower()}".strip()


@dataclass
class Board:
    """Rows by job id. `apply` and `refresh` return the rows that have changed."""

    rows: dict[str, Row] = field(default_factory=dict)

    def apply(self, events: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Take CloudEvents in; those that are about no job change nothing."""
        changed: dict[str, Row] = {}
        for event in events:
            job_id = str(event.get("data", {}).get("job_id", ""))
            if not job_id:
                continue
            before = self.rows.get(job_id, Row(job_id))
            after = row_after(before, event)
            if after != before:
                self.rows[job_id] = changed[job_id] = after
        return list(changed.values())

    def refresh(self, job: Job, run: Run | None) -> list[Row]:
        """Take the records in, which are the authority: for events that were missed."""
        before = self.rows.get(job.job_id, Row(job.job_id))
        after = row_of(before, job, run)
        self.rows[job.job_id] = after
        return [after] if after != before else []


def row_after(row: Row, event: Mapping[str, Any]) -> Row:
    """`row` with what one event tells. A final status stays."""
    data, kind, time = event["data"], str(event["type"]).removeprefix(_PREFIX), str(event.get("time", ""))
    if kind in ("StepSucceeded", "StepFailed"):
        return _after_step(row, str(data["step"]), data)
    status = JobStatus(data.get("status", row.status))
    row = _with_file(row, data)
    if kind == "JobReceived":
        row = replace(row, received_at=row.received_at or time)
    if row.status.is_final or (status is JobStatus.RECEIVED and row.status is JobStatus.RUNNING):
        return row
    if status.is_final:
        error = data.get("error") or {}
        note = str(error.get("message") or data.get("reason") or "")
        return replace(row, status=status, ended_at=time, note=note)
    return replace(row, status=status)


def _with_file(row: Row, data: Mapping[str, Any]) -> Row:
    if "object" not in data:
        return row
    path = _path(str(data["object"]["key"]))
    return replace(row, user=str(data["user"]), route=str(data["route"]), path=path)


def _after_step(row: Row, step: str, data: Mapping[str, Any]) -> Row:
    if row.status is JobStatus.RECEIVED:
        row = replace(row, status=JobStatus.RUNNING)
    succeeded = data.get("status") == "SUCCEEDED"
    done = row.steps_done | {step} if succeeded else row.steps_done
    if step in row.steps_done or _place(step) < _place(row.step):
        return replace(row, steps_done=done)
    note = "" if succeeded else str((data.get("error") or {}).get("message", ""))
    return replace(row, step=step, step_status=str(data.get("status", "")), steps_done=done, note=row.note or note)


def _place(step: str) -> int:
    return next((number for number, known in enumerate(_STEPS) if known == step), -1)


def row_of(row: Row, job: Job, run: Run | None) -> Row:
    """The row of a job's records; `row` is what was known of it before."""
    steps = run.steps if run else {}
    begun = [step for step in _STEPS if step in steps and steps[step].status is not StepStatus.PENDING]
    latest = steps[begun[-1]] if begun else None
    status = JobStatus.RUNNING if job.status is JobStatus.RECEIVED and begun else job.status
    note = job.reason or (str((latest.error or {}).get("message", "")) if latest else "")
    return replace(
        row,
        user=job.user,
        path=_path(job.object.key),
        route=job.route,
        status=status,
        step=begun[-1].value if begun else row.step,
        step_status=latest.status.value if latest else row.step_status,
        received_at=row.received_at or job.created_at,
        ended_at=job.ended_at or row.ended_at,
        note=note,
        steps_done=frozenset(step.value for step in begun if steps[step].status is StepStatus.SUCCEEDED),
    )


def _path(key: str) -> str:
    try:
        return parse_ingest_key(key).path
    except NotAnIngestKey:
        return key
