"""Jobs, runs and steps: identities, status words and the references that travel in state data."""

from __future__ import annotations

import base64
import hashlib
import re
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class JobStatus(StrEnum):
    """RECEIVED → RUNNING → SUCCEEDED | FAILED | QUARANTINED | CANCELLED, or DUPLICATE."""

    RECEIVED = "RECEIVED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    QUARANTINED = "QUARANTINED"
    CANCELLED = "CANCELLED"
    DUPLICATE = "DUPLICATE"

    @property
    def is_final(self) -> bool:
        return self not in (JobStatus.RECEIVED, JobStatus.RUNNING)


class StepStatus(StrEnum):
    """A step of a run; WAITING is a confirm that waits for the partner's acknowledgement."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class Step(StrEnum):
    """The six tasks. Their order is written in the workflow only."""

    VALIDATE = "validate"
    STAGE = "stage"
    TRANSFORM = "transform"
    DELIVER = "deliver"
    CONFIRM = "confirm"
    ARCHIVE = "archive"


class Executor(StrEnum):
    STEP_FUNCTIONS = "step_functions"
    WORKER = "worker"


class Action(StrEnum):
    """What people and machines can ask for about a job."""

    CANCEL = "cancel"
    RETRY = "retry"
    REDRIVE = "redrive"
    REPLAY = "replay"
    RELEASE = "release"
    REJECT = "reject"


FIRST_FENCE = 1
"""Fencing number of a run that nobody has taken over; Step Functions never takes a run over."""
LONGEST_CALL_SECONDS = 960
"""More than a Lambda function can run (15 minutes)."""
STEP_TIMEOUT_SECONDS = {Executor.STEP_FUNCTIONS: LONGEST_CALL_SECONDS, Executor.WORKER: 30 * 86_400}


class Frozen(BaseModel):
    """A value: never changed after it was made, and no field that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ObjectVersion(Frozen):
    """One version of an S3 object as the event names it; `size` in bytes."""

    bucket: str
    key: str
    version_id: str
    size: int
    etag: str = ""

    @property
    def digest(self) -> str:
        """Identity of this version over all buckets: SHA-256 in hex."""
        return hashlib.sha256("\0".join((self.bucket, self.key, self.version_id)).encode()).hexdigest()


class ObjectRef(Frozen):
    """One version of an object whose bytes are known: `sha256` in hex, `size` in bytes."""

    bucket: str
    key: str
    version_id: str
    size: int
    sha256: str


class JobRef(Frozen):
    """What travels through the workflow: references only, never content or secrets."""

    job_id: str
    run: int = 1
    fence: int = FIRST_FENCE
    tenant: str
    user: str
    route: str
    revision: int
    object: ObjectVersion
    created_at: str
    confirm_timeout_seconds: int = 300
    step_timeout_seconds: int = LONGEST_CALL_SECONDS
    """What a step may take: a function's longest call where Lambda runs it, much more in the worker."""
    sequence: str = ""
    """Place in the line of an ordered route; empty where the route is not ordered."""

    @property
    def execution_name(self) -> str:
        """At most 80 characters, as StartExecution demands; the same for every repeat of a start."""
        return f"{self.job_id}-{self.run}"

    @property
    def filename(self) -> str:
        return self.object.key.rsplit("/", 1)[-1]


def job_id_of(version: ObjectVersion, route: str) -> str:
    """The job's id: derived from bucket, key, version id and route, so that a repeat finds the same job."""
    digest = hashlib.sha256(f"{version.digest}\0{route}".encode()).digest()
    return "j" + base64.b32encode(digest).decode().lower()[:25]


_EXECUTION_NAME = re.compile(r"(j[a-z0-9]+)-([1-9][0-9]{0,5})")


def parse_execution_name(name: str) -> tuple[str, int] | None:
    """(job id, run) of an execution that the router started, or None for a stranger's."""
    found = _EXECUTION_NAME.fullmatch(name)
    return (found[1], int(found[2])) if found else None


class Delivery(Frozen):
    """What became of one destination of a run."""

    status: str = Field(pattern="^(DELIVERED|FAILED)$")
    kind: str
    name: str
    location: str
    size: int = 0
    sha256: str = ""
    at: str = ""
    error: str = ""
    detail: dict[str, Any] = Field(default_factory=dict)


class StepRecord(Frozen):
    """One task of a run as it is stored; `result` once it succeeded, `error` of its last failure."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: StepStatus = StepStatus.PENDING
    attempt: int = 0
    started_at: str = ""
    ended_at: str = ""
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


class Decision(Frozen):
    """Who has cancelled a run, released its file with all violations, or refused it for good; `at` is ISO 8601."""

    action: Action
    requested_by: str
    comment: str = ""
    at: str


class PinnedWorkflow(Frozen):
    """A workflow version: `name` such as transfer/v1, the version's ARN, and the digest of its definition."""

    name: str
    version_arn: str
    digest: str


class RateUsed(Frozen):
    """A destination's rate as the executor was chosen by it; `samples` deliveries until `at`, where it was learned."""

    bytes_per_second: int
    source: Literal["configured", "learned", "default"]
    samples: int = 0
    at: str = ""


class ExecutorLimits(Frozen):
    """What a Lambda function is trusted with: seconds of a step, bytes of a file and of temporary files."""

    seconds: int
    bytes: int
    scratch_bytes: int


class ExecutorFacts(Frozen):
    """Why a job's executor was chosen, for machines.

    `small` and `bytes`: by the file's size alone; `seconds`: by the longest step. What was not estimated is empty.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    decided_by: Literal["route", "small", "bytes", "scratch", "seconds"]
    limits: ExecutorLimits
    longest_step: str = ""
    seconds: dict[str, int] = Field(default_factory=dict)
    """Estimated seconds by step."""
    rates: dict[str, RateUsed] = Field(default_factory=dict)
    """By destination."""
    scratch_bytes: int = 0
    worker_deployed: bool = True
    """False where the worker would be right and there is none: Step Functions tries, or the job waits for one."""


class HistorySummary(Frozen):
    """Where the history of a run lies that the worker ran: gzip of GetExecutionHistory's `events`."""

    object: ObjectRef
    events: int
    states: list[str]
    """Names of the states in the order in which they were entered."""


class Run(Frozen):
    """One attempt at a job."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    job_id: str
    run: int
    fence: int
    status: JobStatus
    tenant: str
    route: str
    revision: int
    executor: Executor = Executor.STEP_FUNCTIONS
    execution_arn: str = ""
    """Of an earlier run's execution; the latest one's stands in the job."""
    action: str = ""
    """Why there is this run: an Action, or empty when the file came in."""
    requested_by: str = ""
    comment: str = ""
    request_id: str = ""
    """The request that made this run; a repeat of it makes no other one."""
    source: ObjectRef | None = None
    """The kept copy that the run begins from; None while the version in ingest is there."""
    accepted: Decision | None = None
    """Who has released the file with its violations: it goes on whatever the route demands of its content."""
    decision: Decision | None = None
    workflow: PinnedWorkflow | None = None
    """The version that the worker runs; None where Step Functions does."""
    started_at: str = ""
    ended_at: str = ""
    declared: dict[str, str] = Field(default_factory=dict)
    """Checksums that the sender declared: algorithm (`sha256`, `md5`) → hex digest."""
    steps: dict[str, StepRecord] = Field(default_factory=dict)
    deliveries: dict[str, Delivery] = Field(default_factory=dict)
    error: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None
    """What the run's final event tells beside its error; recorded so that the event can be published again."""
    lease_owner: str = ""
    lease_until: int = 0
    """Seconds since the epoch; until then the run is the owner's."""
    takes: int = 0
    """Times that a worker has taken the run since it last came further."""
    trouble: str = ""
    """Why the last worker that gave the run up could not bring it forward; no step's error."""
    mark: int = 0
    """How far the run has come at best: grows with each step and each part that is safe."""
    wake_at: str = ""
    """When a run that waits without an owner must go on; empty while it does not wait."""
    woken_at: str = ""
    """When the reconciler last put the run on the worker's queue."""
    progress: dict[str, str] = Field(default_factory=dict)
    """What steps keep of their transfers, as JSON text by name."""
    checkpoint: ObjectRef | None = None
    history: HistorySummary | None = None

    def result(self, step: Step) -> dict[str, Any]:
        """The stored result of a step that succeeded; {} if it has not."""
        record = self.steps.get(step)
        return (record.result or {}) if record and record.status is StepStatus.SUCCEEDED else {}


class Job(Frozen):
    """One file version on one route."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    job_id: str
    tenant: str
    user: str
    route: str
    revision: int
    object: ObjectVersion
    filename: str
    status: JobStatus
    run: int = 1
    executor: Executor = Executor.STEP_FUNCTIONS
    executor_reason: str = ""
    executor_facts: ExecutorFacts | None = None
    execution_arn: str = ""
    home_region: str
    created_at: str
    updated_at: str
    ended_at: str = ""
    reason: str = ""
    reasons: list[dict[str, Any]] = Field(default_factory=list)
    """Why no route took the file: one entry a route."""
    waiting_for: str = ""
    """`sidecar` or `order` while a RECEIVED job must not start yet."""
    sequence: str = ""
    """Place in the line of an ordered route; empty where the route is not ordered."""
    confirm_timeout_seconds: int = 300
    sha256: str = ""
    first_job: str = ""
    rejected_at: str = ""
    """When a quarantined file was refused for good (ISO 8601); empty while that is open."""

    def ref(self, fence: int = FIRST_FENCE) -> JobRef:
        """What travels through the workflow of the job's latest run."""
        return JobRef(
            job_id=self.job_id,
            run=self.run,
            fence=fence,
            tenant=self.tenant,
            user=self.user,
            route=self.route,
            revision=self.revision,
            object=self.object,
            created_at=self.created_at,
            confirm_timeout_seconds=self.confirm_timeout_seconds,
            step_timeout_seconds=STEP_TIMEOUT_SECONDS[self.executor],
            sequence=self.sequence,
        )
