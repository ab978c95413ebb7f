"""Which machine runs a run: the workflow version that it is pinned to, and who its execution is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import asl
from fileferry.errors import ConfigurationError
from fileferry.executions import execution_arn
from fileferry.model.job import JobRef, Run
from fileferry.services import Services


def machine_of(world: Services, job: JobRef, run: Run, files: Path) -> asl.Machine:
    """The machine of the version that the run is pinned to; of a run without one, the image's own file.

    Raises ConfigurationError when there is no such definition, or the engine refuses it.
    """
    try:
        return asl.load(_definition(world, job, run, files))
    except asl.InvalidDefinition as error:
        raise ConfigurationError(
            f"The workflow of run {run.run} of job {job.job_id} cannot be run: {error}",
            todo="mend the definition, deploy it, and replay the job.",
        ) from error


def identity_of(world: Services, job: JobRef, run: Run) -> asl.Identity:
    """Who the execution is: what Step Functions would call it, had it run there."""
    _, _, _, region, account, *_ = world.settings.events_topic_arn.split(":")
    who = asl.Identity(account=account, region=region, execution=job.execution_name, role_arn="")
    if run.workflow is None:
        return who
    machine = ":".join(run.workflow.version_arn.split(":")[:7])
    return replace(
        who,
        machine=machine.rsplit(":", 1)[-1],
        given_machine_arn=machine,
        given_execution_arn=execution_arn(machine, job.execution_name),
    )


def _definition(world: Services, job: JobRef, run: Run, files: Path) -> str:
    if run.workflow:
        return world.workflows.definition_of(run.workflow, files)
    name = world.config.route_revision(job.tenant, job.route, job.revision).workflow.name
    file = files / f"{name}.asl.json"
    if not file.is_file():
        raise ConfigurationError(
            f"Workflow {name!r} is not in this worker's image.", todo="use one that is, or build the image anew."
        )
    return file.read_text("utf-8")
