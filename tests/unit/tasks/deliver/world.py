"""A deliver step's world for tests: real repositories and streams on moto, one job with a transformed file."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fileferry.clock import timestamp
from fileferry.home import Home
from fileferry.model.destination import Destination
from fileferry.model.job import JobRef, JobStatus, ObjectVersion, Run, Step
from fileferry.model.route import Route
from fileferry.repositories.config import destination_key
from fileferry.repositories.items import to_item
from fileferry.repositories.runs import run_item
from fileferry.services import Services
from fileferry.settings import Settings
from fileferry.steps import Work

SETTINGS = Settings(
    region="eu-central-1",
    ingest_bucket="ingest",
    staging_bucket="staging",
    archive_bucket="archive",
    config_table="config",
    jobs_table="jobs",
    runs_table="runs",
    keys_table="keys",
    statistics_table="statistics",
    events_topic_arn="arn:aws:sns:eu-central-1:123456789012:events",
    success_topic_arn="arn:aws:sns:eu-central-1:123456789012:success",
    failure_topic_arn="arn:aws:sns:eu-central-1:123456789012:failure",
    ingest_queue_url="https://queue/ingest",
    work_queue_url="https://queue/work",
    allow_private_destinations=("127.0.0.0/8", "::1/128"),
    secret_prefix="ferry/",
)
JOB_ID = "j" + "a" * 25
_KEYS = {
    "config": (("pk", "S"), ("sk", "S")),
    "runs": (("job_id", "S"), ("run", "N")),
    "keys": (("pk", "S"), ("sk", "S")),
}


def job_ref() -> JobRef:
    version = ObjectVersion(bucket="ingest", key="in/eu-central-1/00/acme/bob/orders.csv", version_id="v1", size=1)
    return JobRef(
        job_id=JOB_ID, tenant="acme", user="bob", route="orders", revision=1, object=version, created_at=timestamp()
    )


@dataclass
class DeliveryWorld:
    """What a test arranges before it calls the task, and looks at afterwards."""

    services: Services
    scratch: Path
    existing: str = "overwrite"
    confirm: dict[str, Any] = field(default_factory=lambda: {"mode": "check"})
    destinations: list[str] = field(default_factory=list)
    job: JobRef = field(default_factory=job_ref)

    def create(self) -> None:
        for table, keys in _KEYS.items():
            self.services.dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in keys],
                KeySchema=[
                    {"AttributeName": name, "KeyType": key_type}
                    for (name, _), key_type in zip(keys, ("HASH", "RANGE"), strict=True)
                ],
            )
        self.bucket("staging")

    def bucket(self, name: str) -> None:
        self.services.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        self.services.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def destination(self, name: str, target: dict[str, Any]) -> None:
        """Add a destination and put it into the route."""
        record = Destination(target=target, tenant="acme", id=name)
        item = {**destination_key("acme", name), "doc": record.model_dump_json()}
        self.services.dynamodb.put_item(TableName="config", Item=to_item(item))
        if name not in self.destinations:
            self.destinations.append(name)

    def secret(self, name: str, **fields: str) -> str:
        client = self.services.session.client("secretsmanager")
        client.create_secret(Name=f"ferry/{name}", SecretString=json.dumps(fields))
        return f"ferry/{name}"

    def put_secret(self, name: str, stage: str = "AWSCURRENT", **fields: str) -> None:
        """A new version of a secret, as Secrets Manager labels it: the current one becomes the previous one."""
        client = self.services.session.client("secretsmanager")
        client.put_secret_value(SecretId=f"ferry/{name}", SecretString=json.dumps(fields), VersionStages=[stage])

    def file(self, content: bytes, name: str = "orders.csv", steps: dict[str, Any] | None = None) -> None:
        """Stage the transformed file, and open the job's run whose transform has it."""
        key = f"acme/{self.job.job_id}/{self.job.run}/output"
        answer = self.services.s3.put_object(Bucket="staging", Key=key, Body=content)
        reference = {
            "bucket": "staging",
            "key": key,
            "version_id": answer["VersionId"],
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        result = {"object": reference, "filename": name, "operations": []}
        self.open_run({Step.TRANSFORM.value: result, **(steps or {})})

    def open_run(self, results: dict[str, Any]) -> None:
        run = Run(
            job_id=self.job.job_id,
            run=self.job.run,
            fence=self.job.fence,
            status=JobStatus.RUNNING,
            tenant="acme",
            route="orders",
            revision=1,
        )
        item = run_item(run)
        for step, result in results.items():
            record = {"status": "SUCCEEDED", "result": json.dumps(result), "started_at": timestamp(), "attempt": 0}
            item["steps"]["M"][step] = {"M": to_item(record)}
        self.services.dynamodb.put_item(TableName="runs", Item=item)

    def next_run(self, content: bytes, name: str = "orders.csv") -> None:
        self.job = self.job.model_copy(update={"run": self.job.run + 1})
        self.file(content, name)

    def next_owner(self) -> None:
        """Another runner takes the run over."""
        self.job = self.job.model_copy(update={"fence": self.job.fence + 1})
        self.services.dynamodb.update_item(
            TableName="runs",
            Key=to_item({"job_id": self.job.job_id, "run": self.job.run}),
            UpdateExpression="SET fence = :fence",
            ExpressionAttributeValues=to_item({":fence": self.job.fence}),
        )

    def run(self) -> Run:
        return self.services.runs.get(self.job.job_id, self.job.run)

    def work(self, *, seconds: float = 120, token: str = "", job: JobRef | None = None) -> Work:
        """The task's argument as run_step would make it now."""
        job = job or self.job
        route = Route.model_validate(
            {
                "tenant": "acme",
                "id": "orders",
                "revision": 1,
                "match": {"glob": "*"},
                "deliver": {"destinations": self.destinations, "existing": self.existing},
                "confirm": self.confirm,
            }
        )
        home = Home(deadline=time.time() + seconds, scratch=self.scratch, part_size=5 * 1024**2)
        return Work(job, self.run(), route, 0, home, self.services, Step.DELIVER, token)

    def allow(self, *entries: str) -> None:
        """Replace the private networks and hosts that the operator permits."""
        self.services.settings = replace(self.services.settings, allow_private_destinations=entries)


def visible(folder: Path) -> dict[str, bytes]:
    """Name → content of the files that a partner would pick up."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


def temporary(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.iterdir() if path.name.endswith(".ferrypart"))
