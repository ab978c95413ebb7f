"""Leases in the `runs` table: which worker a run belongs to, and until when.

Taking a lease raises the run's fencing number, which is in the condition of every write of the run; so whoever had it
before can write nothing more. Times are wall-clock seconds since the epoch: the workers' clocks may differ by less than
a lease's third, or a run may be taken while its owner still works, who is then refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fileferry.clock import now
from fileferry.errors import FerryError, RunClosed
from fileferry.model.job import JobRef, JobStatus, Run
from fileferry.repositories.items import condition_failed, to_item
from fileferry.repositories.runs import RunRepository, run_from, run_over

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LONGEST_TROUBLE = 1000
_OPEN = "#status IN (:received, :running)"
_OURS = "fence = :fence AND lease_owner = :owner"


class LeaseHeld(FerryError):
    """Another worker has the run; `seconds` from now its lease ends, unless it is renewed."""

    def __init__(self, run: Run, seconds: int) -> None:
        super().__init__(
            f"Run {run.run} of job {run.job_id} is {run.lease_owner}'s for {seconds} s more (fence {run.fence})."
        )
        self.seconds = seconds


class FencedOut(RunClosed):
    """The lease is lost: it ran out, or another worker has taken the run. `ours` and `theirs` are fencing numbers."""

    def __init__(self, job: JobRef, theirs: int | None) -> None:
        found = "cannot be read" if theirs is None else f"is {theirs}"
        super().__init__(f"fenced out of run {job.run} of job {job.job_id}: its fence {found}, ours was {job.fence}.")
        self.ours = job.fence
        self.theirs = theirs


@dataclass(frozen=True)
class Lease:
    """A run that is `owner`'s: the job with the lease's fencing number, and the run as it was when it was taken."""

    job: JobRef
    owner: str
    run: Run


class LeaseRepository:
    """Each method is one conditional write."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._runs = RunRepository(dynamodb, table)

    def take(self, job: JobRef, owner: str, seconds: int) -> Lease:
        """Make an open run `owner`'s for `seconds`, under a new fencing number; its `takes` grow by one.

        Whoever has it keeps it until the lease ends, but for `owner` itself. The job's own number does not matter.
        Raises LeaseHeld, RunClosed when the run is over, NoSuchRecord when there is none.
        """
        at = int(now().timestamp())
        values = {":until": at + seconds, ":now": at, ":one": 1, ":none": 0}
        update = (
            "SET fence = fence + :one, lease_owner = :owner, lease_until = :until, "
            "takes = if_not_exists(takes, :none) + :one REMOVE wake_at"
        )
        free = "(attribute_not_exists(lease_until) OR lease_until <= :now OR lease_owner = :owner)"
        try:
            run = self._update(job, owner, update, f"{_OPEN} AND {free}", values)
        except ClientError as error:
            if not condition_failed(error):
                raise
            run = self._runs.get(job.job_id, job.run)
            if run.status.is_final:
                raise run_over(run) from error
            raise LeaseHeld(run, max(1, run.lease_until - at)) from error
        return Lease(job.model_copy(update={"fence": run.fence}), owner, run)

    def renew(self, lease: Lease, seconds: int) -> None:
        """Keep the run for `seconds` from now.

        Raises FencedOut, also for a lease that was released meanwhile, and RunClosed when somebody has closed the run.
        """
        until = int(now().timestamp()) + seconds
        held = f"{_OURS} AND {_OPEN} AND lease_until > :none"
        self._fenced(lease, "SET lease_until = :until", held, {":until": until, ":none": 0})

    def mark(self, lease: Lease, mark: int) -> bool:
        """Note how far the run has come; False when it has been as far before.

        A run that has come further is taken anew: its `takes` start again at nought.
        """
        further = "(attribute_not_exists(mark) OR mark < :mark)"
        try:
            self._update(
                lease.job,
                lease.owner,
                "SET mark = :mark, takes = :none",
                f"{_OURS} AND {further}",
                {":mark": mark, ":none": 0},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def release(self, lease: Lease, *, wake_at: str = "", trouble: str = "", take_back: bool = False) -> None:
        """Let the run go: another worker may take it at once. Raises FencedOut, RunClosed.

        `wake_at` (ISO 8601) is when it must go on by itself; `trouble` why the owner could not go on. `take_back`: this
        take does not count, since the run was given away in good order; not for one that has come further and whose
        `takes` are at nought.
        """
        update, values = "SET lease_until = :none", dict[str, Any]({":none": 0})
        if wake_at:
            update += ", wake_at = :wake_at"
            values[":wake_at"] = wake_at
        if trouble:
            update += ", trouble = :trouble"
            values[":trouble"] = trouble[:_LONGEST_TROUBLE]
        if take_back:
            update += ", takes = takes - :one"
            values[":one"] = 1
        self._fenced(lease, update, f"{_OURS} AND {_OPEN}", values)

    def _fenced(self, lease: Lease, update: str, condition: str, values: dict[str, Any]) -> None:
        try:
            self._update(lease.job, lease.owner, update, condition, {":fence": lease.job.fence, **values})
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise self.refusal(lease) from error

    def run_of(self, lease: Lease) -> Run:
        """The run as it is now."""
        return self._runs.get(lease.job.job_id, lease.job.run)

    def refusal(self, lease: Lease) -> RunClosed:
        """Why a lease holds no longer: FencedOut, or RunClosed when the run is over."""
        run = self.run_of(lease)
        if run.fence == lease.job.fence and run.status.is_final:
            return run_over(run)
        return FencedOut(lease.job, run.fence)

    def _update(self, job: JobRef, owner: str, update: str, condition: str, values: dict[str, Any]) -> Run:
        text = f"{update} {condition}"
        known = {
            ":owner": owner,
            ":fence": job.fence,
            ":received": JobStatus.RECEIVED.value,
            ":running": JobStatus.RUNNING.value,
            **values,
        }
        names = {"ExpressionAttributeNames": {"#status": "status"}} if "#status" in text else {}
        answer = self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item({"job_id": job.job_id, "run": job.run}),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=to_item({name: value for name, value in known.items() if name in text}),
            ReturnValues="ALL_NEW",
            **names,  # type: ignore[arg-type]
        )
        return run_from(answer["Attributes"])
