"""The demo's samples sent once with one executor forced, and what came of them in a form that can be compared.

What cannot be the same twice is taken out: ids, times, versions, and the executor itself.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fileferry.clock import timestamp
from fileferry.model.job import Delivery, Executor, Job, JobStatus, Run, Step, StepStatus
from fileferry.repositories.config import CACHE_SECONDS
from local.api import Api
from local.demo.keys import pgp_encrypted
from local.demo.samples import Sample, demo_samples, plain
from local.demo.seed import CERTIFICATE, seed
from local.demo.sending import HOST, login, send_all, write_samples
from local.demo.tenant import MAILBOX, TENANT, demo_tenant
from local.demo.verify import partner_bytes
from local.follow.jobs import jobs_since
from local.sftp_client import Upload, pin_host_key, upload_by_openssh
from local.temporary import System
from tests.published import Recorder
from tests.waiting import until

END_SECONDS = 150.0
REFUSED_BY_PARTNER = "contracts/refused.xml"
"""The sample that the partner answers with a .nack."""
_JOB_ID = re.compile(r"j[a-z2-7]{25}")
_TWICE = re.compile(r"twice-[a-z]+(-[a-z]+)?")
_OF_THIS_PASS = {
    *("id", "time", "job_id", "version_id", "etag", "created_at", "acknowledged_at", "started_at", "ended_at"),
    *("executor", "executor_reason", "at", "revision"),
}
"""Members of events and results that differ between any two passes, each of which writes the routes anew."""


@dataclass(frozen=True)
class Ending:
    """What came of one sample."""

    status: str
    reason: str
    steps: Mapping[str, Any]
    events: Sequence[Any]
    """(topic, type, status, data) of each event, once."""
    delivered: Mapping[str, str]
    """Destination and name → SHA-256 of the bytes at the partner's side."""
    archived: Mapping[str, str]
    """Name below the job's folder → SHA-256, of every version in archive and quarantine."""
    in_ingest: bool


def samples_of(system: System) -> list[Sample]:
    """The demo's samples, one that the partner refuses, and two of the same content. To be made once for all passes:
    an encrypted message is never the same twice."""
    certificate = (system.workspace.keys / CERTIFICATE).read_text()
    same = f"the same content {secrets.token_hex(8)}\n".encode()
    refused = plain(REFUSED_BY_PARTNER, "refused by the partner", b"<contract number='1'/>", "contracts")
    return [
        *demo_samples(lambda content: pgp_encrypted(content, certificate)),
        replace(refused, expected=JobStatus.FAILED),
        plain("twice/first.txt", "a content", same, "twice"),
        replace(plain("twice/second.txt", "again", same, "twice"), expected=JobStatus.DUPLICATE),
    ]


@dataclass
class Pass:
    """All samples through one executor."""

    system: System
    published: Recorder
    executor: Executor
    samples: Sequence[Sample]

    def run(self) -> dict[str, Ending]:
        """Force the executor, send, acknowledge, wait for every end; sample's path → what came of it."""
        self._force()
        since = timestamp()
        workspace, stack = self.system.workspace, self.system.stack
        pin_host_key(HOST, stack.emulator.sftp_port, workspace.known_hosts)
        samples = [replace(sample, path=self._path(sample)) for sample in self.samples]
        send_all(workspace, stack, upload_by_openssh, write_samples(workspace.samples, samples))
        answered: set[str] = set()

        def ended() -> dict[str, Job]:
            jobs = {_path_of(job): job for job in jobs_since(stack, TENANT, since) if job.user != MAILBOX}
            self._answer([job for path, job in jobs.items() if path not in answered], answered)
            done = [job for job in jobs.values() if job.status.is_final]
            return jobs if len(done) == len(samples) else {}

        jobs = until(ended, END_SECONDS, f"not every sample ended on {self.executor}")
        self.published.settle()
        return {sample.path: self._ending(jobs[self._path(sample)]) for sample in self.samples}

    def _path(self, sample: Sample) -> str:
        """Contents are remembered by route: each pass has its own for the two of the same content."""
        return sample.path.replace("twice/", f"{_twice(self.executor)}/")

    def _force(self) -> None:
        for name, spec in demo_tenant(self.system.account, {}).routes.items():
            self._write(name, {**spec, "executor": self.executor.value})
        for executor in Executor:
            self._write_twice(executor, enabled=True)
        time.sleep(CACHE_SECONDS + 1)  # the router may take files by the routes that it knows

    def release(self) -> None:
        """Give the demo's routes back as they were, and close our own."""
        seed(self.system.workspace, self.system.stack, self.system.account)
        for executor in Executor:
            self._write_twice(executor, enabled=False)

    def _write_twice(self, executor: Executor, *, enabled: bool) -> None:
        name = _twice(executor)
        how = {"enabled": enabled, "executor": executor.value, "duplicates": "skip"}
        self._write(name, {"match": {"glob": f"{name}/*"}, "deliver": {"destinations": ["partner-sftp"]}, **how})

    def _write(self, route: str, spec: Mapping[str, Any]) -> None:
        Api(self.system.stack).put_or_create(f"/v1/tenants/{TENANT}/routes", route, spec)

    def _answer(self, jobs: Sequence[Job], answered: set[str]) -> None:
        """Acknowledge, or refuse, what waits for it."""
        for job in jobs:
            if job.status.is_final or job.route != "contracts":
                continue
            step = self.system.stack.runs.get(job.job_id, job.run).steps.get(Step.CONFIRM)
            if step and step.status is StepStatus.WAITING:
                answered.add(_path_of(job))
                refused = _path_of(job) == REFUSED_BY_PARTNER
                file = self.system.workspace.samples / f"{job.filename}.{'nack' if refused else 'ack'}"
                file.write_text("the party is unknown\n" if refused else "accepted\n")
                upload_by_openssh(login(self.system.workspace, self.system.stack, MAILBOX), [Upload(file, file.name)])

    def _ending(self, job: Job) -> Ending:
        run = self.system.stack.runs.get(job.job_id, job.run)
        assert job.executor is self.executor or not run.started_at, f"{job.filename} ran on {job.executor}"
        steps = {str(name): (record.status.value, record.result, record.error) for name, record in run.steps.items()}
        versions = self.system.stack.s3.list_object_versions(Bucket=job.object.bucket, Prefix=job.object.key)
        return Ending(
            status=job.status.value,
            reason=self._plain(job.reason),
            steps=self._plain(steps),
            events=self._plain(self._events(job)),
            delivered=dict(self._delivered(run)),
            archived=dict(self._archived(job)),
            in_ingest=bool(versions.get("Versions")),
        )

    def _events(self, job: Job) -> list[Any]:
        """Each event once: SNS and a repeated step may bring it again."""
        found = {}
        for message in list(self.published.messages):
            event = message.event
            if event["data"].get("job_id") == job.job_id:
                topic = message.topic.rsplit("-", 1)[-1]
                found[topic, event["id"]] = [topic, event["type"], message.attributes, event["data"]]
        return sorted(found.values(), key=lambda event: (event[1], event[3].get("step", ""), event[0]))

    def _delivered(self, run: Run) -> Iterator[tuple[str, str]]:
        for name, recorded in run.result(Step.DELIVER).get("destinations", {}).items():
            delivery = Delivery.model_validate(recorded)
            content = partner_bytes(self.system.workspace, self.system.stack, delivery)
            assert content is not None, f"nothing lies at {delivery.location}"
            yield f"{name}: {delivery.name}", hashlib.sha256(content).hexdigest()

    def _archived(self, job: Job) -> Iterator[tuple[str, str]]:
        s3, bucket = self.system.stack.s3, self.system.stack["ArchiveBucketName"]
        for folder in ("archive", "quarantine", "duplicate"):
            pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{folder}/{TENANT}/")
            for version in (version for page in pages for version in page.get("Versions", [])):
                if name := version["Key"].partition(f"/{job.job_id}/")[2]:
                    answer = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
                    yield f"{folder}: {name}", hashlib.sha256(answer["Body"].read()).hexdigest()

    def _plain(self, value: Any) -> Any:
        """Without what belongs to this pass."""
        if isinstance(value, Mapping):
            return {name: self._plain(member) for name, member in value.items() if name not in _OF_THIS_PASS}
        if isinstance(value, list | tuple):
            return [self._plain(member) for member in value]
        if isinstance(value, str):
            return _TWICE.sub("twice", _JOB_ID.sub("JOB", value))
        return value


def _twice(executor: Executor) -> str:
    """The route of a pass that takes each content once."""
    return f"twice-{executor}".replace("_", "-")


def _path_of(job: Job) -> str:
    return job.object.key.split("/", 5)[-1]
