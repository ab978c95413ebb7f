"""A pipeline over bytes, and whole transform steps over moto's S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fileferry.home import Home
from fileferry.model.job import JobStatus, Run, Step, StepRecord, StepStatus
from fileferry.model.route import Route
from fileferry.objects import Objects, Target
from fileferry.secrets import Secrets
from fileferry.steps import Work
from tests.unit.tasks.transform.pipelines import JOB, FakeSecretsManager, Pipeline


@pytest.fixture
def run(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path / "folder")


@pytest.fixture
def objects(aws: boto3.Session) -> Iterator[Objects]:
    with mock_aws():
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="staging", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket="staging", VersioningConfiguration={"Status": "Enabled"})
        yield Objects(s3)


@pytest.fixture
def work_of(objects: Objects, tmp_path: Path) -> Callable[..., Work]:
    def make(data: bytes, operations: list[dict[str, Any]], name: str = "orders.csv") -> Work:
        with objects.writer(Target("staging", "acme/j1/original")) as writer:
            writer.write(data)
        staged = StepRecord(status=StepStatus.SUCCEEDED, result={"object": writer.ref.model_dump()})
        run = Run(
            job_id="j1",
            run=1,
            fence=1,
            status=JobStatus.RUNNING,
            tenant="acme",
            route="r",
            revision=1,
            steps={"stage": staged},
        )
        route = Route.model_validate(
            {
                "tenant": "acme",
                "id": "r",
                "revision": 1,
                "match": {"glob": "**"},
                "deliver": {"destinations": ["d"]},
                "transform": operations,
            }
        )
        services = SimpleNamespace(
            objects=objects,
            secrets=Secrets(FakeSecretsManager({}), "app/"),  # type: ignore[arg-type]
            settings=SimpleNamespace(staging_bucket="staging"),
        )
        key = f"in/eu-central-1/00/acme/ann/{name}"
        job = JOB.model_copy(update={"object": JOB.object.model_copy(update={"key": key, "size": len(data)})})
        home = Home(deadline=4e9, scratch=tmp_path / "scratch")
        return Work(job, run, route, 0, home, services, Step.TRANSFORM)  # type: ignore[arg-type]

    return make
