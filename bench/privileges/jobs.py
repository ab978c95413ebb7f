"""Jobs on their way, made by hand, so that one task can be called by itself."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any

from fileferry.clock import timestamp
from fileferry.model.job import Job, JobRef, JobStatus, ObjectRef, ObjectVersion, Run, Step, job_id_of
from fileferry.repositories.items import to_item
from fileferry.repositories.jobs import job_item
from fileferry.repositories.keys import line_key
from fileferry.repositories.runs import run_item

from .world import USER, Seen, World


class JobOnItsWay:
    """A job of a tenant of its own, with its file in ingest, as the router leaves it when it has started it."""

    def __init__(
        self,
        world: World,
        content: bytes = b"file\nname\n",
        *,
        name: str = "orders.csv",
        version: ObjectVersion | None = None,
        size: int | None = None,
        in_line: bool = False,
        declared: Mapping[str, str] | None = None,
        status: JobStatus = JobStatus.RUNNING,
        target: Mapping[str, Any] | None = None,
        route: Mapping[str, Any] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.world, self.services, self.content = world, world.services, content
        tenant = self.tenant = world.new_tenant()
        world.write_route(tenant, **(route or {}))
        if target:
            world.write_destination(tenant, target)
        version = version or world.upload(tenant, name, content)
        version = version if size is None else version.model_copy(update={"size": size})
        at = timestamp()
        fields: dict[str, Any] = {
            "job_id": job_id_of(version, f"{tenant}-files"),
            "tenant": tenant,
            "user": USER,
            "route": "files",
            "revision": 1,
            "object": version,
            "filename": version.key.rsplit("/", 1)[-1],
            "status": status,
            "home_region": world.stack.emulator.region,
            "created_at": at,
            "updated_at": at,
            "execution_arn": _no_execution(world),
            "sequence": "10" if in_line else "",
        }
        self.record = Job(**{**fields, **(members or {})})
        self.job: JobRef = self.record.ref()
        self._write(self.record, declared or {})
        if in_line:
            self._stand_in_line()

    def _write(self, job: Job, declared: Mapping[str, str]) -> None:
        self.put_item("jobs_table", job_item(job))
        self.write_run(job.run, declared)

    def put_job(self, job: Job) -> None:
        """A job's record as it is given, in the place of what there was; it has a first run, too."""
        self.put_item("jobs_table", job_item(job))
        run = Run(job_id=job.job_id, run=1, fence=1, status=job.status, tenant=self.tenant, route="files", revision=1)
        self.put_item("runs_table", run_item(run))

    def write_run(self, number: int, declared: Mapping[str, str] | None = None) -> None:
        run = Run(
            job_id=self.job.job_id,
            run=number,
            fence=1,
            status=self.record.status,
            tenant=self.tenant,
            route="files",
            revision=1,
            declared=dict(declared or {}),
        )
        self.put_item("runs_table", run_item(run))

    def set_run(self, **members: Any) -> None:
        """Set members of the run's record, as they stand there."""
        for name, value in members.items():
            self.services.dynamodb.update_item(
                TableName=self.services.settings.runs_table,
                Key=to_item({"job_id": self.job.job_id, "run": self.job.run}),
                UpdateExpression="SET #name = :value",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues=to_item({":value": value}),
            )

    def put_item(self, table: str, item: Mapping[str, Any]) -> None:
        self.services.dynamodb.put_item(TableName=getattr(self.services.settings, table), Item=item)

    def _stand_in_line(self) -> None:
        """First in the line of its route, with another job behind it."""
        line = line_key(self.tenant, "files", USER)
        for sequence, job_id in (("10", self.job.job_id), ("11", f"j{secrets.token_hex(8)}")):
            self.put_item("keys_table", to_item({"pk": line, "sk": sequence, "job_id": job_id}))

    @property
    def prefix(self) -> str:
        return f"{self.tenant}/{self.job.job_id}"

    def event(self, **more: Any) -> dict[str, Any]:
        return {"job": self.job.model_dump(mode="json"), "attempt": 0, **more}

    def staged(self, name: str = "original", **changed: Any) -> ObjectRef:
        """The content in the staging bucket; `changed` is what the reference says otherwise."""
        version = self.world.put(self.services.settings.staging_bucket, f"{self.prefix}/{name}", self.content)
        digest = hashlib.sha256(self.content).hexdigest()
        whole = ObjectRef(**version.model_dump(exclude={"etag"}), sha256=digest)
        return whole.model_copy(update=changed)

    def done(self, step: Step, **result: Any) -> None:
        """Record a step as succeeded."""
        self.services.runs.begin_step(self.job, step, 0)
        self.services.runs.finish_step(self.job, step, result)

    def transformed(self, original: ObjectRef | None = None, output: ObjectRef | None = None) -> ObjectRef:
        """Record stage and transform; without `output` the original is what is delivered."""
        original = original or self.staged()
        self.done(Step.STAGE, object=original.model_dump())
        output = output or original
        self.done(Step.TRANSFORM, object=output.model_dump(), filename=self.job.filename, operations=[])
        return output

    def call(self, function: str, qualifier: str = "live", **more: Any) -> Seen:
        return self.world.call(function, self.event(**more), qualifier)


def _no_execution(world: World) -> str:
    machine = world.stack["TransferStateMachineArn"].replace(":stateMachine:", ":execution:")
    return f"{machine}:gone-{time.monotonic_ns()}"
