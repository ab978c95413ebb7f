"""Which machine runs a run: the workflow version that it is pinned to, and who its execution is."""

from __future__ import annotations

from pathlib import Path

import asl
from fileferry.errors import ConfigurationError
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
    """Who the execution is: what Step Functions would call it."""
    _, _, _, region, account, *_ = world.settings.events_topic_arn.split(":")
    machine = run.workflow.version_arn.split(":")[6] if run.workflow else "transfer-v1"
    return asl.Identity(account=account, region=region, machine=machine, execution=job.execution_name, role_arn="")


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
