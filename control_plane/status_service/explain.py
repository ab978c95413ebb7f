"""What would become of a file, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from fileferry.api import Answer, Call, Mistake, Role, refuse, reply
from fileferry.api.operations import Moment
from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord
from fileferry.explain import Explanation, explain_file
from fileferry.ingest_key import LONGEST_KEY, IngestKey, NotAnIngestKey, parse_ingest_key, shard_of
from fileferry.model.job import Executor, ExecutorFacts, Frozen, JobStatus
from fileferry.model.route import Route
from fileferry.model.tenant import UserName
from fileferry.services import services

from .service import api


class ExplainRequest(Frozen):
    """A file, real or not: its key in the ingest bucket, or a user and the path that this user sees."""

    key: str | None = Field(None, min_length=1, max_length=1024, description="As S3's events tell it, not encoded.")
    user: UserName | None = None
    path: str | None = Field(None, min_length=1, max_length=1000)
    size: int | None = Field(
        None, ge=0, le=50 * 1024**4, description="Bytes; by default those of the object that is there, or else 1."
    )
    at: Moment | None = Field(None, description="By the routes that were active then; by default now's.")

    @model_validator(mode="after")
    def _one_file(self) -> ExplainRequest:
        by_path = self.user is not None and self.path is not None
        if (self.key is None) is not by_path or (self.key is not None and (self.user or self.path) is not None):
            raise ValueError("give either `key`, or `user` and `path`")
        return self


class FileAnswer(Frozen):
    tenant: str
    user: str
    path: str = Field(description="As the user sees it.")
    size: int


class ConsideredAnswer(Frozen):
    """One route, in the order in which they are tried."""

    route: str
    revision: int
    priority: int
    matched: bool
    taken: bool = Field(description="Of those that match the first one takes the file.")
    reason: str | None = Field(description="Why it does not match.")


class TakingRoute(Frozen):
    id: str
    revision: int
    workflow: str
    destinations: list[str]


class ExecutorAnswer(Frozen):
    executor: Executor
    reason: str
    facts: ExecutorFacts


class NoteAnswer(Frozen):
    """What else decides about the file."""

    topic: Literal["user", "order", "duplicates", "checksum", "size", "content", "worker"]
    text: str


class ExistingJob(Frozen):
    """The job that this very object has become."""

    job_id: str
    status: JobStatus
    route: str
    revision: int


class ExplainAnswer(Frozen):
    file: FileAnswer
    outcome: Literal["ignored", "control_file", "quarantined", "failed", "job"]
    why: str
    routes: list[ConsideredAnswer]
    route: TakingRoute | None
    executor: ExecutorAnswer | None
    notes: list[NoteAnswer]
    existing_job: ExistingJob | None


@api.operation(
    "POST",
    "/v1/tenants/{tenant}/explain",
    access=Role.VIEWER,
    body=ExplainRequest,
    answer=ExplainAnswer,
    audited=False,
    tag="explain",
)
def explain(call: Call) -> Answer:
    """Explain what would become of a file, and why.

    Every route in its order, matched or the reason why not; the executor that would run the job and why; what else
    decides. The functions that decide are the router's own, and nothing is changed.
    """
    request: ExplainRequest = call.body
    key = _key(call.tenant, request)
    at = timestamp(request.at) if request.at else None
    found = explain_file(services(), key, request.size, at, named_key=request.key is not None)
    if found is None:
        raise NoSuchRecord(f"There is no tenant {call.tenant!r}.")
    return reply(show(found))


def _key(tenant: str, request: ExplainRequest) -> IngestKey:
    """Raises NoSuchRecord for a key that is none, or another tenant's; RequestRefused (422) for one too long for S3."""
    settings = services().settings
    if request.key is None:
        user, path = str(request.user), str(request.path).lstrip("/")
        key = IngestKey(settings.region, shard_of(tenant, user, settings.shards), tenant, user, path)
        _check_length(str(key), "/path")
        return key
    _check_length(request.key, "/key")
    try:
        key = parse_ingest_key(request.key)
    except NotAnIngestKey as error:
        raise NoSuchRecord(error.what, todo=error.todo) from error
    if key.tenant != tenant:
        raise NoSuchRecord(f"Tenant {tenant!r} has no key {request.key!r}.")
    return key


def _check_length(key: str, pointer: str) -> None:
    size = len(key.encode())
    if size > LONGEST_KEY:
        refuse([Mistake(f"gives a key of {size} bytes; S3 takes {LONGEST_KEY}", pointer=pointer)])


def show(found: Explanation) -> ExplainAnswer:
    return ExplainAnswer(
        file=FileAnswer(**vars(found.file)),
        outcome=found.outcome,
        why=found.why,
        routes=[
            ConsideredAnswer(
                route=each.route,
                revision=each.revision,
                priority=each.priority,
                matched=each.matched,
                taken=each.taken,
                reason=each.reason or None,
            )
            for each in found.routes
        ],
        route=_taking(found.route) if found.route else None,
        executor=ExecutorAnswer(**vars(found.executor)) if found.executor else None,
        notes=[NoteAnswer(**vars(note)) for note in found.notes],
        existing_job=ExistingJob(**found.existing.model_dump(include=set(ExistingJob.model_fields)))
        if found.existing
        else None,
    )


def _taking(route: Route) -> TakingRoute:
    return TakingRoute(
        id=route.id,
        revision=route.revision,
        workflow=route.workflow.name,
        destinations=route.deliver.destinations,
    )
