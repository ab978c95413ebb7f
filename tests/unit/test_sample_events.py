"""Every sample in events/ is what its function takes, and those named bad are refused as they should be."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from moto import mock_aws
from pydantic import ValidationError

from fileferry.clock import timestamp
from fileferry.errors import NoSuchRecord
from fileferry.model.bulk_action import BulkAction, BulkFilter, BulkStatus
from fileferry.model.job import Action, Job, JobRef, JobStatus, Step, parse_execution_name
from fileferry.repositories.creation import create_job
from fileferry.services import Services, services
from fileferry.settings import settings
from fileferry.steps import UnexpectedError
from tests.unit.control_plane.world import ENVIRONMENT, empty_tables
from tests.unit.router.world import SETTINGS, RouterWorld, context

EVENTS = Path(__file__).parents[2] / "events"
OPERATOR = "arn:aws:iam::000000000000:root"
"""Who calls in the samples: the administrator on one machine (samconfig.toml)."""
TASKS = [step.value for step in Step]
FUNCTIONS = {
    **{task: f"tasks.{task}.app" for task in TASKS},
    "router": "router.app",
    "reconciler": "router.reconciler",
    "watcher": "watcher.app",
    "webhooks": "webhooks.app",
    "close": "tasks.close.app",
    "ended": "tasks.close.ended",
    "config_service": "control_plane.config_service.app",
    "status_service": "control_plane.status_service.app",
    "bulk_worker": "control_plane.status_service.bulk_worker",
    "sftp_identity": "control_plane.sftp_identity.app",
}
SAMPLES = sorted(path.stem for path in EVENTS.glob("*.json") if not path.stem.startswith("local-"))


def sample(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def handler(function: str) -> Callable[..., Any]:
    found: Callable[..., Any] = importlib.import_module(FUNCTIONS[function]).handler
    return found


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[RouterWorld]:
    """The functions' own environment and services over moto, with the samples' ingest bucket."""
    logins = importlib.import_module(FUNCTIONS["sftp_identity"]).logins
    bucket = sample("validate")["job"]["object"]["bucket"]
    with mock_aws():
        own = {"WORKFLOWS": json.dumps(SETTINGS.workflows), "API_ADMINS": OPERATOR}
        for name, value in {**ENVIRONMENT, **own}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        for cached in (settings, services, logins):
            cached.cache_clear()
        world = RouterWorld(services())
        world.create()
        object.__setattr__(services().settings, "ingest_bucket", bucket)
        world.bucket(bucket)
        yield world
        for cached in (settings, services, logins):
            cached.cache_clear()


def running_job(world: Services, ref: JobRef) -> Job:
    at = timestamp()
    job = Job(
        **ref.model_dump(exclude={"fence", "object"}),
        object=ref.object,
        filename=ref.filename,
        status=JobStatus.RUNNING,
        home_region="eu-central-1",
        updated_at=at,
    )
    assert create_job(world.dynamodb, world.settings, job, {})
    return job


def test_every_function_has_its_samples() -> None:
    assert {name.split("-")[0] for name in SAMPLES} == set(FUNCTIONS)
    assert set(FUNCTIONS) <= set(SAMPLES)
    # A schedule's event has nothing that could be bad.
    assert {f"{name}-bad" for name in FUNCTIONS if name not in ("reconciler", "watcher")} <= set(SAMPLES)


@pytest.mark.parametrize("name", [f"{task}{kind}" for task in TASKS for kind in ("", "-repeated")])
def test_a_task_s_sample_names_a_job_as_the_router_starts_it(world: RouterWorld, name: str) -> None:
    event = sample(name)
    job = JobRef.model_validate(event["job"])
    assert parse_execution_name(job.execution_name) == (job.job_id, job.run)
    assert ("task_token" in event) is name.startswith("confirm")
    with pytest.raises(NoSuchRecord, match=job.job_id):
        handler(name.split("-")[0])(event, context())


@pytest.mark.parametrize("task", TASKS)
def test_a_task_refuses_its_bad_sample(world: RouterWorld, task: str) -> None:
    with pytest.raises(ValidationError, match="object"):
        handler(task)(sample(f"{task}-bad"), context())


def put_objects(world: RouterWorld, event: Any) -> None:
    """Put the objects of a batch into ingest, and name the versions that they got."""
    bucket, versions = world.services.settings.ingest_bucket, dict[str, str]()
    for record in event["Records"]:
        body = json.loads(record["body"])
        if key := body.get("key"):
            if key not in versions:
                versions[key] = world.services.s3.put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"]
            record["body"] = json.dumps({**body, "version_id": versions[key]}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("name", "failed", "names"),
    [
        ("router", [], ["a+b %41 ü.csv"]),
        ("router-duplicate", [], ["a+b %41 ü.csv"]),
        ("router-start", [], []),
        ("router-bad", [0, 1], ["2026-09.pdf.pgp"]),
    ],
)
def test_the_router_takes_its_samples(world: RouterWorld, name: str, failed: list[int], names: list[str]) -> None:
    world.route()
    event = sample(name)
    put_objects(world, event)
    answer = handler("router")(event, context())
    expected = [{"itemIdentifier": event["Records"][number]["messageId"]} for number in failed]
    assert answer == {"batchItemFailures": expected}
    assert [job.filename for job in world.jobs()] == names
    assert world.states.starts == len(names)


def test_a_batch_of_nothing_but_bad_messages_fails_as_a_whole(world: RouterWorld) -> None:
    event = sample("router-bad")
    event["Records"] = event["Records"][:1]
    with pytest.raises(BatchProcessingError):
        handler("router")(event, context())


@pytest.mark.parametrize("name", ["ended", "ended-timed-out", "ended-failed"])
def test_ended_closes_the_run_of_its_sample(world: RouterWorld, name: str) -> None:
    job = running_job(world.services, JobRef.model_validate(sample("validate")["job"]))
    status = handler("ended")(sample(name), context())["status"]
    assert status == ("CANCELLED" if name == "ended" else "FAILED")
    assert world.services.jobs.get(job.job_id).status == status


def test_ended_ignores_an_execution_of_somebody_else(world: RouterWorld) -> None:
    assert "ignored" in handler("ended")(sample("ended-bad"), context())


def test_close_fails_the_run_of_its_sample_and_refuses_a_bad_one(world: RouterWorld) -> None:
    job = running_job(world.services, JobRef.model_validate(sample("close-failed")["job"]))
    assert handler("close")(sample("close-failed"), context()) == {"status": "FAILED"}
    assert world.services.jobs.get(job.job_id).status is JobStatus.FAILED
    with pytest.raises(UnexpectedError, match="KeyError: 'error'"):
        handler("close")(sample("close-bad"), context())


def test_close_quarantines_what_the_sample_refuses(world: RouterWorld) -> None:
    event = sample("close")
    bucket, key = event["job"]["object"]["bucket"], event["job"]["object"]["key"]
    put = world.services.s3.put_object(Bucket=bucket, Key=key, Body=b"x" * event["job"]["object"]["size"])
    event["job"]["object"]["version_id"] = put["VersionId"]
    running_job(world.services, JobRef.model_validate(event["job"]))
    assert handler("close")(event, context()) == {"status": "QUARANTINED"}


def test_the_reconciler_takes_the_schedule_s_sample(world: RouterWorld) -> None:
    assert handler("reconciler")(sample("reconciler"), context())["finished"] == 1


def test_the_bulk_worker_plans_its_sample_and_refuses_a_bad_one(world: RouterWorld) -> None:
    body = json.loads(sample("bulk_worker")["Records"][0]["body"])
    bulk = BulkAction(
        id=body["bulk"],
        tenant=body["tenant"],
        action=Action.RETRY,
        filter=BulkFilter(),
        requested_by="ann",
        created_at=timestamp(),
    )
    world.services.bulk_actions.create(bulk)
    assert handler("bulk_worker")(sample("bulk_worker"), context()) == {}
    assert world.services.bulk_actions.get(bulk.tenant, bulk.id).status is BulkStatus.PLANNED
    with pytest.raises(UnexpectedError, match="asks to 'nothing'"):
        handler("bulk_worker")(sample("bulk_worker-bad"), context())


@pytest.mark.parametrize(("name", "failed"), [("webhooks", 0), ("webhooks-bad", 1)])
def test_the_webhooks_function_takes_its_samples(world: RouterWorld, name: str, failed: int) -> None:
    empty_tables(world.services.dynamodb)
    assert len(handler("webhooks")(sample(name), context())["batchItemFailures"]) == failed


@pytest.mark.parametrize("name", ["watcher", "watcher-expiries"])
def test_the_watcher_takes_the_schedules_samples(world: RouterWorld, name: str) -> None:
    empty_tables(world.services.dynamodb)
    assert handler("watcher")(sample(name), context())["finished"] == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("config_service", 201),
        ("config_service-list", 200),
        ("config_service-bad", 422),
        ("status_service", 200),
        ("status_service-job", 404),
        ("status_service-bad", 400),
    ],
)
def test_the_control_plane_answers_its_samples(world: RouterWorld, name: str, status: int) -> None:
    empty_tables(world.services.dynamodb)
    world.tenant()
    assert handler(name.split("-")[0])(sample(name), context())["statusCode"] == status


def test_sftp_identity_refuses_logins_it_does_not_know_and_bad_requests(world: RouterWorld) -> None:
    for name in ("sftp_identity", "sftp_identity-password"):
        assert handler("sftp_identity")(sample(name), context()) == {}
    with pytest.raises(ValueError, match="no user"):
        handler("sftp_identity")(sample("sftp_identity-bad"), context())
