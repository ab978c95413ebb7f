"""The workflows that are deployed here, their published versions, and the one that a run runs."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from fileferry.api import Answer, Call, Paging, Role, page_answer, reply
from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord
from fileferry.model.job import Frozen
from fileferry.repositories.pages import Page, decode_cursor, encode_cursor
from fileferry.run_workflow import run_workflow
from fileferry.services import services
from fileferry.workflows import readable_definition, workflow_digest

from .jobs import job_of, run_of
from .service import api


class WorkflowAnswer(Frozen):
    """A workflow such as transfer/v1."""

    name: str
    live_version: int = Field(description="The published version on which new jobs start.")


class VersionAnswer(Frozen):
    """A published version of a workflow, which never changes."""

    name: str
    version: int
    created_at: str
    live: bool


class VersionWithDefinition(VersionAnswer):
    """A published version with its definition."""

    digest: str = Field(description="SHA-256 of what the definition says, whichever functions it calls.")
    definition: dict[str, Any] = Field(description="Amazon States Language; functions are named, `${StageFunction}`.")


class RunWorkflowAnswer(Frozen):
    """What a run runs."""

    name: str
    version: int | None = Field(description="null where the run was started on no published version.")
    version_arn: str | None
    digest: str
    definition: dict[str, Any]


@api.operation("GET", "/v1/workflows", access=Role.ANYONE, answer=WorkflowAnswer, listing=True, tag="workflows")
def list_workflows(call: Call) -> Answer:  # noqa: ARG001
    """List the workflows that routes may name."""
    world = services()
    found = sorted(world.settings.workflows.items())
    shown = tuple(WorkflowAnswer(name=name, live_version=world.workflows.live(alias)) for name, alias in found)
    return page_answer(Page(shown), lambda item: item)


@api.operation(
    "GET",
    "/v1/workflows/{family}/{release}/versions",
    access=Role.ANYONE,
    query=Paging,
    answer=VersionAnswer,
    listing=True,
    tag="workflows",
)
def list_workflow_versions(call: Call) -> Answer:
    """List the published versions of a workflow, such as transfer/v1, the newest first."""
    world = services()
    name, alias = _workflow(call)
    listing = f"versions|{name}|{call.query.limit}"
    cursor = call.query.cursor
    token = decode_cursor(listing, cursor, frozenset({"token"}))["token"] if cursor else None
    found, following = world.workflows.versions(alias, call.query.limit, token)
    live = world.workflows.live(alias)
    shown = tuple(
        VersionAnswer(name=name, version=v.number, created_at=timestamp(v.created_at), live=v.number == live)
        for v in found
    )
    return page_answer(Page(shown, encode_cursor(listing, {"token": following}) if following else None), lambda v: v)


@api.operation(
    "GET",
    "/v1/workflows/{family}/{release}/versions/{version}",
    access=Role.ANYONE,
    answer=VersionWithDefinition,
    tag="workflows",
)
def read_workflow_version(call: Call) -> Answer:
    """Read a published version of a workflow with its definition."""
    world = services()
    name, alias = _workflow(call)
    found, definition = world.workflows.version(alias, int(call.path["version"]))
    return reply(
        VersionWithDefinition(
            name=name,
            version=found.number,
            created_at=timestamp(found.created_at),
            live=found.number == world.workflows.live(alias),
            digest=workflow_digest(definition),
            definition=readable_definition(definition),
        )
    )


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/jobs/{job_id}/runs/{run}/workflow",
    access=Role.VIEWER,
    answer=RunWorkflowAnswer,
    tag="runs",
)
def read_run_workflow(call: Call) -> Answer:
    """Read the workflow version that a run runs, with its definition."""
    job = job_of(call)
    found = run_workflow(services(), job, run_of(call, job))
    return reply(
        RunWorkflowAnswer(
            name=found.name,
            version=found.version,
            version_arn=found.version_arn or None,
            digest=workflow_digest(found.definition),
            definition=readable_definition(found.definition),
        )
    )


def _workflow(call: Call) -> tuple[str, str]:
    """Name and alias ARN of the address' workflow. Raises NoSuchRecord."""
    name = f"{call.path['family']}/{call.path['release']}"
    alias = services().settings.workflows.get(name)
    if not alias:
        raise NoSuchRecord(f"There is no workflow {name!r} here.")
    return name, alias
