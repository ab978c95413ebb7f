"""The data plane's world for tests: all tables, buckets, topics and queues on moto, and one job on its way."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fileferry.home import Home
from fileferry.ingest_key import parse_ingest_key
from fileferry.model.job import Job, JobRef, JobStatus, ObjectRef, ObjectVersion, Run, Step, job_id_of
from fileferry.model.route import Route
from fileferry.objects import Objects
from fileferry.repositories.config import revision_key
from fileferry.repositories.creation import create_job
from fileferry.repositories.items import to_item
from fileferry.services import Services
from fileferry.settings import Settings
from fileferry.steps import Work
from tests.event_schemas import CheckedSns
from tests.unit.faults import Faults

REGION = "eu-central-1"
_ACCOUNT = "123456789012"
SETTINGS = Settings(
    region=REGION,
    ingest_bucket="ingest",
    staging_bucket="staging",
    archive_bucket="archive",
    config_table="config",
    jobs_table="jobs",
    runs_table="runs",
    keys_table="keys",
    statistics_table="statistics",
    events_topic_arn=f"arn:aws:sns:{REGION}:{_ACCOUNT}:events",
    success_topic_arn=f"arn:aws:sns:{REGION}:{_ACCOUNT}:success",
    failure_topic_arn=f"arn:aws:sns:{REGION}:{_ACCOUNT}:failure",
    ingest_queue_url=f"https://sqs.{REGION}.amazonaws.com/{_ACCOUNT}/ingest.fifo",
    work_queue_url=f"https://sqs.{REGION}.amazonaws.com/{_ACCOUNT}/work.fifo",
    secret_prefix="ferry/",
)
_TABLES = {
    "config": (("pk", "S"), ("sk", "S")),
    "jobs": (("job_id", "S"),),
    "runs": (("job_id", "S"), ("run", "N")),
    "keys": (("pk", "S"), ("sk", "S")),
    "statistics": (("tenant", "S"), ("counter", "S")),
}
_SESSION = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
"""One for all tests: it keeps the services' descriptions, which take most of a client's making."""
CREATED_AT = "2026-01-31T10:20:30.000000Z"


@dataclass
class JobWorld:
    """What a test arranges before it calls a task, and looks at afterwards."""

    services: Services
    scratch: Path
    faults: Faults = field(default_factory=Faults)
    route: dict[str, Any] = field(default_factory=dict)
    """What differs from the plainest route."""

    @classmethod
    def create(cls, scratch: Path, settings: Settings = SETTINGS) -> JobWorld:
        """Inside moto's `mock_aws`: everything is made, and the clients that tasks use can be killed at."""
        services = Services(settings, _SESSION)
        world = cls(services, scratch)
        for table, keys in _TABLES.items():
            _create_table(services, table, keys)
        for bucket in ("ingest", "staging", "archive"):
            services.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            services.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for topic in ("events", "success", "failure"):
            services.sns.create_topic(Name=topic)
        for queue in ("ingest.fifo", "work.fifo"):
            services.sqs.create_queue(QueueName=queue, Attributes={"FifoQueue": "true"})
        world.sns = CheckedSns(services.sns)
        world.raw_s3, world.raw_dynamodb = services.s3, services.dynamodb
        for name, client in (("s3", services.s3), ("dynamodb", services.dynamodb), ("sqs", services.sqs)):
            services.__dict__[name] = world.faults.client(client)
        services.__dict__["sns"] = world.faults.client(world.sns)
        return world

    def __post_init__(self) -> None:
        self.sns: CheckedSns
        self.job: JobRef
        self.raw_s3: Any
        self.raw_dynamodb: Any

    def kill(self, number: int, moment: str) -> None:
        """Arrange that the process is killed at the side effect `number` from now on; 0: never."""
        self.faults.log.clear()
        self.faults.number, self.faults.moment = number, moment

    def receive(self, content: bytes, name: str = "orders.csv", *, sequence: str = "", **route: Any) -> JobRef:
        """Upload a file, and make its job and first run as the router does; it becomes `self.job`."""
        self.route = route
        key = f"in/{REGION}/00/acme/bob/{name}"
        version_id = self.raw_s3.put_object(Bucket="ingest", Key=key, Body=content)["VersionId"]
        version = ObjectVersion(bucket="ingest", key=key, version_id=version_id, size=len(content))
        job = Job(
            job_id=job_id_of(version, "orders"),
            tenant="acme",
            user="bob",
            route="orders",
            revision=1,
            object=version,
            filename=parse_ingest_key(key).filename,
            status=JobStatus.RECEIVED,
            home_region=REGION,
            created_at=CREATED_AT,
            updated_at=CREATED_AT,
            sequence=sequence,
        )
        assert create_job(self.services.dynamodb, self.services.settings, job, {})
        self.services.jobs.started(job, "")
        document = {**revision_key("acme", "orders", 1), "doc": self.route_now().model_dump_json(by_alias=True)}
        self.services.dynamodb.put_item(TableName="config", Item=to_item(document))
        self.job = job.ref()
        self.faults.log.clear()
        return self.job

    def route_now(self) -> Route:
        plain = {"match": {"glob": "**"}, "deliver": {"destinations": ["bank"]}}
        return Route.model_validate({"tenant": "acme", "id": "orders", "revision": 1, **plain, **self.route})

    def staged(self, content: bytes, name: str) -> ObjectRef:
        """An object of this job in the staging bucket."""
        key = f"acme/{self.job.job_id}/{name}"
        version_id = self.raw_s3.put_object(Bucket="staging", Key=key, Body=content)["VersionId"]
        digest = hashlib.sha256(content).hexdigest()
        return ObjectRef(bucket="staging", key=key, version_id=version_id, size=len(content), sha256=digest)

    def finish(self, step: Step, result: dict[str, Any]) -> None:
        """Record a step as done."""
        self.services.runs.begin_step(self.job, step, 0)
        self.services.runs.finish_step(self.job, step, result)

    def deliverable(self, original: bytes, output: bytes | None = None, filename: str = "orders.csv") -> None:
        """Record the steps up to confirm; `output` are the transformed bytes, the original's when None."""
        kept = self.staged(original, "original").model_dump()
        changed = kept if output is None else self.staged(output, f"{self.job.run}/output").model_dump()
        self.finish(Step.STAGE, {"object": kept})
        self.finish(Step.TRANSFORM, {"object": changed, "filename": filename, "operations": []})
        self.finish(Step.DELIVER, {"destinations": {}})
        self.finish(Step.CONFIRM, {"confirmed": {}, "acknowledged_by": None})
        self.faults.log.clear()

    def next_run(self) -> JobRef:
        """A new run of the job, as a redrive makes it: RUNNING, with the steps of the run before it."""
        before = self.raw_dynamodb.get_item(TableName="runs", Key=self._run_key())["Item"]
        self.job = self.job.model_copy(update={"run": self.job.run + 1})
        open_run = {**before, **to_item({"run": self.job.run, "status": "RUNNING"})}
        self.raw_dynamodb.put_item(TableName="runs", Item={k: v for k, v in open_run.items() if k != "ended_at"})
        self._set("jobs", {"job_id": {"S": self.job.job_id}}, status="RUNNING", run=self.job.run)
        return self.job

    def take_over(self) -> None:
        """Another runner owns the run from now on; `self.job` still is the old one's."""
        self._set("runs", self._run_key(), fence=self.job.fence + 1)

    def event(self, **more: Any) -> dict[str, Any]:
        return {"job": self.job.model_dump(mode="json"), "attempt": 0, **more}

    def home(self) -> Home:
        return Home(deadline=time.time() + 120, scratch=self.scratch, part_size=5 * 1024**2)

    def work(self, step: Step = Step.STAGE) -> Work:
        return Work(self.job, self.run(), self.route_now(), 0, self.home(), self.services, step)

    def run(self) -> Run:
        return self.services.runs.get(self.job.job_id, self.job.run)

    def record(self) -> Job:
        return self.services.jobs.get(self.job.job_id)

    def versions(self, bucket: str) -> list[tuple[str, str]]:
        """(key, version id) of every version in a bucket, delete markers too."""
        answer = self.raw_s3.list_object_versions(Bucket=bucket)
        return [(v["Key"], v["VersionId"]) for v in answer.get("Versions", []) + answer.get("DeleteMarkers", [])]

    def content(self, ref: dict[str, Any]) -> bytes:
        return Objects(self.raw_s3).read(ObjectRef.model_validate(ref), 10**9)

    def messages(self, queue_url: str) -> list[dict[str, Any]]:
        answer = self.services.sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def _run_key(self) -> dict[str, Any]:
        return to_item({"job_id": self.job.job_id, "run": self.job.run})

    def _set(self, table: str, key: dict[str, Any], **values: Any) -> None:
        self.raw_dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in values.items()}),
        )


def _create_table(services: Services, table: str, keys: tuple[tuple[str, str], ...]) -> None:
    indexes: dict[str, Any] = {}
    attributes = list(keys)
    if table == "jobs":
        attributes += [("open_region", "S"), ("created_at", "S")]
        schema = [
            {"AttributeName": "open_region", "KeyType": "HASH"},
            {"AttributeName": "created_at", "KeyType": "RANGE"},
        ]
        index = {"IndexName": "open", "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}
        indexes = {"GlobalSecondaryIndexes": [index]}
    services.dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in attributes],  # type: ignore[typeddict-item]
        KeySchema=[
            {"AttributeName": name, "KeyType": kind}  # type: ignore[typeddict-item]
            for (name, _), kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        **indexes,
    )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobWorld]:
    """For the `conftest.py` of a folder to import."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield JobWorld.create(tmp_path)
