"""The tenant of the tests: users who send, routes for each kind of file, and what becomes of a file.

A route takes the files of the folder of its own name, so that a test chooses by the path.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from fileferry.clock import timestamp
from fileferry.ingest_key import shard_of
from fileferry.model.job import Job, Run, Step, StepRecord, StepStatus
from local.api import Api
from local.demo.keys import login_key, public_file, put_secret
from local.demo.sending import HOST, login
from local.follow.jobs import jobs_since
from local.logs import log_lines
from local.sftp_client import Login, Upload, pin_host_key, upload_by_openssh
from local.stack import Stack
from local.temporary import System
from tests.published import Recorder
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner
from tests.waiting import until

TENANT = "trials"
SENDER, OTHER, MAILBOX = "trials-sender", "trials-other", "trials-mailbox"
SECRET = f"fileferry/{TENANT}/inbox"
END_SECONDS = 180.0
LOG_SECONDS = 20.0
SHARDS = 16


@dataclass
class Trials:
    """The tenant on the running system."""

    system: System
    published: Recorder
    inbox: SftpPartner
    api: Api
    since: str

    @property
    def stack(self) -> Stack:
        return self.system.stack

    def login(self, user: str = SENDER) -> Login:
        return login(self.system.workspace, self.stack, user)

    def send(self, files: Mapping[str, bytes], user: str = SENDER) -> None:
        """Upload with OpenSSH's sftp, in this order, in one session."""
        folder = self.system.workspace.samples / TENANT / user
        uploads = []
        for path, content in files.items():
            local = folder / path
            local.parent.mkdir(parents=True, exist_ok=True)
            local.write_bytes(content)
            uploads.append(Upload(local, path))
        upload_by_openssh(self.login(user), uploads)

    def key(self, path: str, user: str = SENDER) -> str:
        """Where a path of the user's lies in the ingest bucket."""
        region = self.stack.emulator.region
        return f"in/{region}/{shard_of(TENANT, user, SHARDS)}/{TENANT}/{user}/{path}"

    def in_ingest(self, path: str, user: str = SENDER) -> list[str]:
        """The versions (no delete markers) that are there."""
        key = self.key(path, user)
        answer = self.stack.s3.list_object_versions(Bucket=self.stack["IngestBucketName"], Prefix=key)
        return [version["VersionId"] for version in answer.get("Versions", []) if version["Key"] == key]

    def jobs(self, path: str, user: str = SENDER) -> list[Job]:
        """Every job of a path, the oldest first."""
        key = self.key(path, user)
        return [job for job in jobs_since(self.stack, TENANT, self.since) if job.object.key == key]

    def job(self, path: str, user: str = SENDER, seconds: float = END_SECONDS) -> Job:
        """The one job of a path, once there is one."""
        (job,) = until(lambda: self.jobs(path, user), seconds, f"there is no job of {path}")
        return job

    def ended(self, path: str, user: str = SENDER, seconds: float = END_SECONDS) -> Job:
        """The one job of a path, once it is final."""
        first = self.job(path, user, seconds)

        def final() -> Job | None:
            job = self.stack.jobs.get(first.job_id)
            return job if job.status.is_final else None

        return until(final, seconds, f"the job of {path} has no end: {self.run(first).model_dump_json()[:3000]}")

    def run(self, job: Job) -> Run:
        return self.stack.runs.get(job.job_id, job.run)

    def step(self, job: Job, step: Step, status: StepStatus, seconds: float = END_SECONDS) -> StepRecord:
        """A step's record, once it has this status."""

        def found() -> StepRecord | None:
            record = self.run(job).steps.get(step)
            return record if record and record.status is status else None

        return until(found, seconds, f"step {step} of {job.filename} is not {status}")

    def event(self, job: Job, kind: str, topic: str = "") -> dict[str, Any]:
        """The first event of a type, once it has come."""
        (first, *_) = until(
            lambda: self.published.of_job(job.job_id, kind, topic), 15, f"no {kind} of {job.filename} on {topic}"
        )
        return first

    def archived(self, job: Job, folder: str = "archive") -> dict[str, bytes]:
        """Name below the job's folder (`original/a.csv`) → content, of every version in the archive bucket."""
        bucket, found = self.stack["ArchiveBucketName"], {}
        pages = self.stack.s3.get_paginator("list_object_versions").paginate(
            Bucket=bucket, Prefix=f"{folder}/{TENANT}/"
        )
        for version in (version for page in pages for version in page.get("Versions", [])):
            name = version["Key"].partition(f"/{job.job_id}/")[2]
            if name:
                assert name not in found, f"{version['Key']} has more than one version"
                answer = self.stack.s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
                found[name] = answer["Body"].read()
        return found

    def log(self, function: str, *texts: str) -> list[str]:
        """The lines of a function's log that hold all `texts`, as soon as there is one: logs come after the fact."""

        def lines() -> list[str]:
            every = log_lines(self.stack, function, 0, follow=False)
            return [line for line in every if all(text in line for text in texts)]

        return until(lines, LOG_SECONDS, f"{function}'s log has no line with {' and '.join(texts)}")

    def everything_about(self, job: Job, function: str = "deliver") -> str:
        """Job, run, events and log as one text, in which no secret may stand."""
        events = json.dumps(self.published.of_job(job.job_id))
        log = "\n".join(log_lines(self.stack, function, 0, follow=False))
        return "\n".join(
            [self.stack.jobs.get(job.job_id).model_dump_json(), self.run(job).model_dump_json(), events, log]
        )

    def write_destination(self, name: str, target: Mapping[str, Any]) -> None:
        self.api.put_or_create(f"/v1/tenants/{TENANT}/destinations", name, {"target": target})

    def write_route(self, name: str, destination: str = "inbox", **members: Any) -> None:
        """A route for `NAME/**`."""
        spec = {"match": {"glob": f"{name}/**"}, "deliver": {"destinations": [destination]}, **members}
        self.api.put_or_create(f"/v1/tenants/{TENANT}/routes", name, spec)

    def delivered(self, name: str) -> bytes | None:
        """What lies under a name at the partner's side."""
        file = self.inbox.folder / name
        return file.read_bytes() if file.is_file() else None


def start_trials(system: System, published: Recorder, inbox: SftpPartner) -> Trials:
    """Write the tenant through the API, with the inbox as its partner."""
    trials = Trials(system, published, inbox, Api(system.stack, httpx.Client(timeout=120)), timestamp())
    pin_host_key(HOST, system.stack.emulator.sftp_port, system.workspace.known_hosts)
    trials.api.put_or_create("/v1/tenants", TENANT, {"name": "Trials"})
    for user in (SENDER, OTHER, MAILBOX):
        public = public_file(login_key(system.workspace.keys, user)).read_text().strip()
        trials.api.put_or_create(f"/v1/tenants/{TENANT}/users", user, {"public_keys": [{"key": public}]})
    put_secret(system.stack, SECRET, json.dumps({"password": PASSWORD}))
    trials.write_destination("inbox", inbox.target(SECRET))
    trials.write_route("plain")
    trials.write_route("once", duplicates="skip")
    trials.write_route("ordered", ordered=True)
    trials.write_route("checked", validation={"checksum": "required"})
    acknowledged = {"mode": "acknowledgement", "user": MAILBOX, "timeout_seconds": 600}
    trials.write_route("acknowledged", confirm=acknowledged)
    return trials


def unique(name: str) -> str:
    """`name` with a part of its own before its suffix."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{uuid.uuid4().hex[:8]}{dot}{suffix}"
