"""A file under validation: uploaded to moto's S3, with a route made of plain dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fileferry.errors import ContentRefused
from fileferry.home import Home
from fileferry.model.job import JobRef, JobStatus, ObjectVersion, Run, Step
from fileferry.model.route import Route
from fileferry.objects import Objects, Target
from fileferry.steps import Work
from tasks.validate.app import validate

Validate = Callable[..., dict[str, Any]]


@pytest.fixture
def objects(aws: boto3.Session) -> Iterator[Objects]:
    with mock_aws():
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="ingest", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_versioning(Bucket="ingest", VersioningConfiguration={"Status": "Enabled"})
        yield Objects(s3)


@pytest.fixture
def work_of(objects: Objects, tmp_path: Path) -> Callable[..., Work]:
    def make(
        data: bytes,
        validation: dict[str, Any],
        name: str = "a.csv",
        declared: dict[str, str] | None = None,
        **more: Any,
    ) -> Work:
        with objects.writer(Target("ingest", f"in/eu-central-1/00/acme/ann/{name}")) as writer:
            writer.write(data)
        ref = writer.ref
        version = ObjectVersion(bucket=ref.bucket, key=ref.key, version_id=ref.version_id, size=ref.size)
        job = JobRef(
            job_id="j1",
            tenant="acme",
            user="ann",
            route="r",
            revision=1,
            object=version,
            created_at="2026-01-31T10:20:30Z",
        )
        run = Run(
            job_id="j1",
            run=1,
            fence=1,
            status=JobStatus.RUNNING,
            tenant="acme",
            route="r",
            revision=1,
            declared=declared or {},
        )
        memory = more.pop("memory", 512 * 1024**2)
        route = Route.model_validate(
            {
                "tenant": "acme",
                "id": "r",
                "revision": 1,
                "match": {"glob": "**"},
                "deliver": {"destinations": ["d"]},
                "validation": validation,
                **more,
            }
        )
        home = Home(deadline=4e9, scratch=tmp_path / "scratch", memory=memory)
        return Work(job, run, route, 0, home, SimpleNamespace(objects=objects), Step.VALIDATE)  # type: ignore[arg-type]

    return make


@pytest.fixture
def validated(work_of: Callable[..., Work]) -> Validate:
    """The result of the step for these bytes; ContentRefused passes through."""

    def run(data: bytes, validation: dict[str, Any], **more: Any) -> dict[str, Any]:
        work = work_of(data, validation, **more)
        try:
            return validate(work)
        finally:
            assert not list(work.home.scratch.glob("*")), "the scratch folder is not empty"

    return run


@pytest.fixture
def violations(validated: Validate) -> Callable[..., list[dict[str, Any]]]:
    """The violations of these bytes; [] when they pass."""

    def run(data: bytes, validation: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        try:
            validated(data, validation, **more)
        except ContentRefused as refused:
            return refused.violations
        return []

    return run
