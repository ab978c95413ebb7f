"""The workflow version that a run runs, whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from fileferry.errors import NoSuchRecord
from fileferry.executions import execution_of
from fileferry.model.job import Executor, Job, Run
from fileferry.services import Services
from fileferry.workflows import version_number


@dataclass(frozen=True)
class RunWorkflow:
    """`definition` is the deployed one, as JSON text; `version_arn` is empty for a run of no published version."""

    name: str
    version_arn: str
    definition: str

    @property
    def version(self) -> int | None:
        return version_number(self.version_arn) if self.version_arn else None


def run_workflow(world: Services, job: Job, run: Run) -> RunWorkflow:
    """Raises NoSuchRecord while the run has not been started, and when Step Functions has forgotten it."""
    if run.executor is Executor.WORKER and run.workflow:
        arn = run.workflow.version_arn
        try:
            return RunWorkflow(run.workflow.name, arn, world.workflows.definition(arn))
        except ClientError as error:
            if error.response["Error"]["Code"] != "StateMachineDoesNotExist":
                raise
            raise NoSuchRecord(f"Step Functions has no version {arn} any more.") from error
    execution = execution_of(job, run)
    if run.executor is Executor.WORKER or not execution:
        raise NoSuchRecord(f"Run {run.run} of job {job.job_id} has not been started, so that it has no version yet.")
    name = world.config.route_revision(job.tenant, job.route, run.revision).workflow.name
    version, definition = world.workflows.version_of_execution(execution)
    return RunWorkflow(name, version, definition)
