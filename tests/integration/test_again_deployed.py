"""A job once more on the deployed system, and the workflow version that it and the worker's runs are pinned to."""

from __future__ import annotations

from fileferry.actions.asked import Asked, Request
from fileferry.actions.performing import perform
from fileferry.model.job import Action, JobStatus, Step
from fileferry.workflows import workflow_digest
from local.services import services_of
from local.workspace import ROOT
from tests.trials import MAILBOX, Trials, unique
from tests.waiting import until


def test_the_deployed_version_has_the_digest_of_the_file(trials: Trials) -> None:
    pinned = services_of(trials.stack).workflows.pin("transfer/v1", trials.stack["TransferLiveAliasArn"])
    assert pinned.digest == workflow_digest((ROOT / "workflows" / "transfer" / "v1.asl.json").read_text())


def test_a_stopped_job_that_is_started_again_ends_well_and_delivers_one_file(trials: Trials) -> None:
    path = f"acknowledged/{unique('again.xml')}"
    trials.send({path: b"<again/>"})
    job = trials.job(path)
    until(lambda: trials.run(job).steps[Step.CONFIRM].started_at, 120, "confirm has not begun")
    states, arn = trials.stack.sfn, trials.stack.jobs.get(job.job_id).execution_arn
    version = states.describe_execution(executionArn=arn)["stateMachineVersionArn"]
    states.stop_execution(executionArn=arn, error="Operator", cause="stopped by hand")
    assert trials.ended(path).status is JobStatus.CANCELLED

    perform(services_of(trials.stack), job.job_id, Asked(Action.REDRIVE), Request("the tests"))
    until(lambda: trials.stack.runs.of_job(job.job_id)[-1].steps[Step.CONFIRM].started_at, 120, "it did not go on")
    trials.send({f"{path.rpartition('/')[2]}.ack": b""}, MAILBOX)
    until(lambda: trials.stack.jobs.get(job.job_id).status.is_final, 120, "it did not end")
    ended = trials.stack.jobs.get(job.job_id)
    first, second = trials.stack.runs.of_job(job.job_id)
    assert (ended.status, ended.run) == (JobStatus.SUCCEEDED, 2)
    assert (first.status, second.status) == (JobStatus.CANCELLED, JobStatus.SUCCEEDED)
    assert second.workflow is not None
    assert second.workflow.version_arn == version
    assert len([file for file in trials.inbox.folder.iterdir() if job.filename in file.name]) == 1
    assert trials.in_ingest(path) == []
