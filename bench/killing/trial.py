"""A tenant whose files go through the worker, and what must hold of a file at its end."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fileferry.clock import timestamp
from fileferry.ingest_key import shard_of
from fileferry.model.job import Job, JobStatus, Run, Step
from local.api import Api
from local.demo.keys import login_key, public_file, put_secret
from local.follow.feed import Feed, subscribed
from local.follow.jobs import jobs_since
from local.partner.account import BUCKET
from local.stack import Stack
from local.temporary import System

from .meter import Meter
from .s3_proxy import s3_proxy
from .sftp_server import PASSWORD, Partner, counting_partner

MIB = 1024**2
TENANT, USER = "killed", "killed-sender"
SECRET = f"fileferry/{TENANT}/sftp"
ROUTES: Mapping[str, Mapping[str, Any]] = {
    "gzip": {"transform": [{"op": "pack", "format": "gzip"}], "deliver": {"destinations": ["sftp", "bucket"]}},
    "copy": {"deliver": {"destinations": ["bucket"]}},
    "plain": {"deliver": {"destinations": ["sftp"]}},
}
"""Route → what it does beside choosing the worker; a route takes the files of the folder of its name."""
_DLQS = ("WorkDlqUrl", "IngestDlqUrl", "RuleDlqUrl")


@dataclass(frozen=True)
class Sent:
    """A file that was put into ingest; `sha256` of its bytes."""

    route: str
    name: str
    size: int
    sha256: str
    key: str

    @property
    def delivered_name(self) -> str:
        return f"{self.name}.gz" if self.route == "gzip" else self.name


@dataclass
class Trial:
    """The tenant on the running system, with a partner and a proxy that count."""

    system: System
    meter: Meter
    partner: Partner
    s3_address: str
    feed: Feed
    since: str = field(default_factory=timestamp)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stack(self) -> Stack:
        return self.system.stack

    def prepare(self) -> None:
        """Write the tenant, its user, its two destinations and its routes."""
        api, keys = Api(self.stack), self.system.workspace.keys
        put_secret(self.stack, SECRET, json.dumps({"password": PASSWORD}))
        api.put_or_create("/v1/tenants", TENANT, {"name": "Killed workers"})
        key = public_file(login_key(keys, USER)).read_text().strip()
        api.put_or_create(f"/v1/tenants/{TENANT}/users", USER, {"public_keys": [{"key": key}]})
        targets = {"sftp": self.partner.target(SECRET), "bucket": {"kind": "s3", "bucket": BUCKET, "prefix": TENANT}}
        for name, target in targets.items():
            api.put_or_create(f"/v1/tenants/{TENANT}/destinations", name, {"target": target})
        for name, spec in ROUTES.items():
            route = {"match": {"glob": f"{name}/*"}, "executor": "worker", **spec}
            api.put_or_create(f"/v1/tenants/{TENANT}/routes", name, route)

    def put(self, route: str, size: int, seed: int, name: str = "") -> Sent:
        """Put a file of `size` random bytes straight into ingest, as the SFTP server does at an upload's end."""
        name = name or f"{route}-{seed}-{secrets.token_hex(3)}.bin"
        content = random_bytes(size, seed)
        shard = shard_of(TENANT, USER, 16)
        key = f"in/{self.stack.emulator.region}/{shard}/{TENANT}/{USER}/{route}/{name}"
        self.stack.s3.put_object(Bucket=self.stack["IngestBucketName"], Key=key, Body=content)
        return Sent(route, name, size, hashlib.sha256(content).hexdigest(), key)

    def jobs(self, sent: Sent) -> list[Job]:
        return [job for job in jobs_since(self.stack, TENANT, self.since) if job.object.key == sent.key]

    def job(self, sent: Sent) -> Job | None:
        """The file's job as it is now; None before there is one."""
        return next(iter(self.jobs(sent)), None)

    def run(self, sent: Sent) -> Run | None:
        job = self.job(sent)
        return self.stack.runs.get(job.job_id, job.run) if job else None

    def ended(self, sent: Sent) -> bool:
        job = self.job(sent)
        return job is not None and job.status.is_final

    def wrong(self, sent: Sent, run: int = 1) -> list[str]:
        """What does not hold of a file that must have come through whole, once, in this run."""
        jobs = self.jobs(sent)
        if len(jobs) != 1:
            return [f"{len(jobs)} jobs"]
        (job,) = jobs
        if job.status is not JobStatus.SUCCEEDED or job.run != run:
            return [f"{job.status} in run {job.run}: {job.reason}"]
        found = [*self._at_partner(sent), *self._in_bucket(sent), *self._in_archive(sent, job)]
        return [*found, *self._left_over(sent, job), *self._told(job)]

    def _at_partner(self, sent: Sent) -> Iterator[str]:
        if "sftp" not in ROUTES[sent.route]["deliver"]["destinations"]:
            return
        names = sorted(path.name for path in self.partner.folder.iterdir() if sent.name in path.name)
        if names != [sent.delivered_name]:
            yield f"at the SFTP server: {', '.join(names) or 'nothing'}"
        elif _digest(sent, (self.partner.folder / sent.delivered_name).read_bytes()) != sent.sha256:
            yield "at the SFTP server: other bytes"
        if self.partner.renames.count(sent.delivered_name) != 1:
            yield f"made visible {self.partner.renames.count(sent.delivered_name)} times over SFTP"

    def _in_bucket(self, sent: Sent) -> Iterator[str]:
        if "bucket" not in ROUTES[sent.route]["deliver"]["destinations"]:
            return
        versions = self._versions(BUCKET, f"{TENANT}/{sent.name}")
        if [version["Key"] for version in versions] != [f"{TENANT}/{sent.delivered_name}"]:
            yield f"in the partner's bucket: {len(versions)} versions"
        elif _digest(sent, self._content(BUCKET, versions[0]["Key"])) != sent.sha256:
            yield "in the partner's bucket: other bytes"

    def _in_archive(self, sent: Sent, job: Job) -> Iterator[str]:
        bucket = self.stack["ArchiveBucketName"]
        kept = [found for found in self._versions(bucket, f"archive/{TENANT}/") if f"/{job.job_id}/" in found["Key"]]
        expected = [f"original/{sent.name}"] + ([f"delivered/{sent.name}.gz"] if sent.route == "gzip" else [])
        names = sorted(found["Key"].partition(f"/{job.job_id}/")[2] for found in kept)
        if names != sorted(expected):
            yield f"in the archive: {', '.join(names) or 'nothing'}"
        for found in kept:
            content = self._content(bucket, found["Key"])
            if hashlib.sha256(_unpacked(content, found["Key"])).hexdigest() != sent.sha256:
                yield f"in the archive: other bytes in {found['Key']}"

    def _left_over(self, sent: Sent, job: Job) -> Iterator[str]:
        for output, prefix in (("IngestBucketName", sent.key), ("StagingBucketName", f"{TENANT}/{job.job_id}/")):
            if left := self._versions(self.stack[output], prefix):
                yield f"left in {output}: {', '.join(version['Key'].rsplit('/', 1)[-1] for version in left)}"
        for queue in _DLQS:
            if count := self.waiting(queue):
                yield f"{count} messages in {queue}"
        if job.run > 1:  # the uploads of a run that was given up are ended by their bucket's lifecycle
            return
        for bucket in (self.stack["StagingBucketName"], self.stack["ArchiveBucketName"], BUCKET):
            uploads = self.stack.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
            if ours := [found for found in uploads if job.job_id in found["Key"] or sent.name in found["Key"]]:
                yield f"{len(ours)} uploads left open in {bucket}"

    def _told(self, job: Job) -> Iterator[str]:
        ids = {(event["type"], event["id"]) for event in self.told(job) if event["data"].get("run") == job.run}
        for kind, count in (("JobReceived", 1), ("JobStarted", 1), ("StepSucceeded", len(Step)), ("JobSucceeded", 1)):
            found = [identity for of, identity in ids if of == f"fileferry.{kind}"]
            if len(found) != count:
                yield f"{len(found)} {kind} events, not {count}"
        final = [kind for kind, identity in ids if identity.endswith("/closed")]
        if final != ["fileferry.JobSucceeded"]:
            yield f"final events: {', '.join(sorted(final)) or 'none'}"

    def told(self, job: Job) -> list[dict[str, Any]]:
        """The events of a job so far, repeats included."""
        while events := self.feed.receive():
            self.events.extend(events)
        return [event for event in self.events if event["data"].get("job_id") == job.job_id]

    def left_in_ingest(self, sent: Sent) -> bool:
        return bool(self._versions(self.stack["IngestBucketName"], sent.key))

    def waiting(self, queue: str) -> int:
        """Messages in a queue, those that somebody works on included."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.stack.sqs.get_queue_attributes(QueueUrl=self.stack[queue], AttributeNames=names)
        return sum(int(number) for number in answer["Attributes"].values())

    def _versions(self, bucket: str, prefix: str) -> Sequence[Any]:
        pages = self.stack.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        return [version for page in pages for version in page.get("Versions", [])]

    def _content(self, bucket: str, key: str) -> bytes:
        return self.stack.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@contextmanager
def trial_on(system: System) -> Iterator[Trial]:
    """The tenant, with its partner and its proxy for as long as the block runs."""
    meter = Meter()

    def size_of(bucket: str, key: str, version: str) -> int:
        given: Any = {"VersionId": version} if version else {}
        return system.stack.s3.head_object(Bucket=bucket, Key=key, **given)["ContentLength"]

    folder = system.workspace.home / "killed-worker" / secrets.token_hex(4)
    with (
        counting_partner(folder, meter) as partner,
        s3_proxy(system.stack.emulator.port, meter, size_of) as address,
        subscribed(system.stack) as feed,
    ):
        trial = Trial(system, meter, partner, address, feed)
        trial.prepare()
        yield trial


def random_bytes(size: int, seed: int) -> bytes:
    """The same incompressible bytes for the same seed."""
    chance = random.Random(seed)
    blocks = [chance.randbytes(min(MIB, size - start)) for start in range(0, size, MIB)]
    return b"".join(blocks)


def _digest(sent: Sent, content: bytes) -> str:
    return hashlib.sha256(_unpacked(content, sent.delivered_name)).hexdigest()


def _unpacked(content: bytes, name: str) -> bytes:
    return gzip.decompress(content) if name.endswith(".gz") else content


def wait_until(look: Callable[[], object], seconds: float) -> bool:
    """Whether `look` became true in time."""
    ends = time.monotonic() + seconds
    while not look():
        if time.monotonic() > ends:
            return False
        time.sleep(0.1)
    return True
