"""Each task's process is killed before and after each of its side effects, and the workflow retries it.

    uv run python bench/killed_tasks.py [--home FOLDER] [--only TASK …]

A system of its own is started (about 2 minutes; with --home it stays in that folder, else nothing is left). One file a
route records which side effects each task has; then one file for every task, side effect and moment is sent over SFTP,
all together. What is printed, and must hold: the kill happened, one file is visible at the partner (over HTTPS one
resource an Idempotency-Key), the archive has one version of each object, ingest is empty, job and last event have the
right status. Exit code 1 otherwise. How the processes are killed: bench/faults/sitecustomize.py.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fileferry.clock import timestamp
from fileferry.model.job import Job, JobStatus, Step, StepStatus
from local.api import Api
from local.demo.keys import login_key, public_file, put_secret
from local.demo.sending import HOST, login
from local.emulator.lambda_runtime import FAULTS
from local.follow.feed import Feed, subscribed
from local.follow.jobs import jobs_since
from local.partner.account import BUCKET, https_folder, sftp_folder
from local.sftp_client import Upload, pin_host_key, upload_by_openssh
from local.temporary import System, deployed_system, temporary_emulator, workspace_at

TENANT, USER, MAILBOX = "kills", "kills-sender", "kills-mailbox"
SFTP_SECRET, HTTPS_SECRET = f"fileferry/{TENANT}/sftp", f"fileferry/{TENANT}/https"
TASKS = ("validate", "stage", "transform", "deliver", "confirm", "archive", "close")
PATIENCE_SECONDS = 1800.0
_RUN = secrets.token_hex(3)
"""In every file's name: a system that is kept has the files of earlier runs."""
_FINAL_EVENT = {JobStatus.SUCCEEDED: "fileferry.JobSucceeded", JobStatus.QUARANTINED: "fileferry.JobQuarantined"}


@dataclass(frozen=True)
class Kind:
    """A route of the bench: which tasks are killed on it, where it delivers, and how its jobs must end."""

    name: str
    tasks: tuple[str, ...]
    destination: str
    route: Mapping[str, Any]
    suffix: str = ""
    status: JobStatus = JobStatus.SUCCEEDED
    archived: int = 1
    acknowledged: bool = False

    @property
    def record(self) -> str:
        """Name of the file that only records."""
        return f"kill.record.{self.name}.{_RUN}.csv"


KINDS = (
    Kind(
        "sftp",
        ("validate", "stage", "transform", "deliver", "confirm", "archive"),
        "sftp",
        {"transform": [{"op": "pack", "format": "gzip"}], "validation": {"csv": {"columns": [{"name": "file"}]}}},
        suffix=".gz",
        archived=2,
    ),
    Kind("copy", ("deliver",), "bucket", {}),
    Kind("put", ("deliver",), "bucket", {"deliver": {"destinations": ["bucket"], "existing": "refuse"}}),
    Kind("https", ("deliver",), "https", {}),
    Kind(
        "waiting",
        ("confirm",),
        "sftp",
        {"confirm": {"mode": "acknowledgement", "user": MAILBOX, "timeout_seconds": 3600}},
        acknowledged=True,
    ),
    Kind(
        "refused",
        ("close",),
        "sftp",
        {"validation": {"csv": {"columns": [{"name": "another column"}]}}},
        status=JobStatus.QUARANTINED,
    ),
)


@dataclass(frozen=True)
class Case:
    """One kill: the file whose name says it, and the side effect's words."""

    kind: Kind
    task: str
    number: int
    moment: str
    effect: str

    @property
    def file(self) -> str:
        return f"kill.{self.task}.{self.number:02d}.{self.moment}.{self.kind.name}.{_RUN}.csv"


@dataclass(frozen=True)
class Result:
    """What was found of a case; `wrong` says what should not be."""

    case: Case
    killed: bool
    visible: int
    archived: int
    status: str
    wrong: tuple[str, ...]


@dataclass
class Bench:
    """The running system, with the folder in which the functions note what they do."""

    system: System
    faults: Path
    since: str
    acknowledged: set[str] = field(default_factory=set)

    def prepare(self) -> None:
        """Write the tenant, its user, its three destinations and the routes."""
        workspace, account, api = self.system.workspace, self.system.account, Api(self.system.stack)
        # There before the first file, so that every file has the same side effects.
        (sftp_folder(workspace.partner) / TENANT).mkdir(parents=True, exist_ok=True)
        pin_host_key(HOST, self.system.stack.emulator.sftp_port, workspace.known_hosts)
        put_secret(self.system.stack, SFTP_SECRET, json.dumps({"private_key": account.login_key}))
        put_secret(self.system.stack, HTTPS_SECRET, json.dumps({"secret": account.hmac_secret}))
        api.put_or_create("/v1/tenants", TENANT, {"name": "Killed tasks"})
        for user in (USER, MAILBOX):
            key = public_file(login_key(workspace.keys, user)).read_text().strip()
            api.put_or_create(f"/v1/tenants/{TENANT}/users", user, {"public_keys": [{"key": key}]})
        for name, target in self._targets().items():
            api.put_or_create(f"/v1/tenants/{TENANT}/destinations", name, {"target": target})
        for kind in KINDS:
            deliver = {"destinations": [kind.destination]}
            spec = {"match": {"glob": f"{kind.name}/*"}, "deliver": deliver, **kind.route}
            api.put_or_create(f"/v1/tenants/{TENANT}/routes", kind.name, spec)

    def _targets(self) -> dict[str, Mapping[str, Any]]:
        account = self.system.account
        return {
            "sftp": {
                "kind": "sftp",
                "host": HOST,
                "port": account.sftp_port,
                "username": account.username,
                "secret": SFTP_SECRET,
                "host_keys": [account.host_public_key],
                "folder": f"/{TENANT}",
            },
            "bucket": {"kind": "s3", "bucket": BUCKET, "prefix": TENANT},
            "https": {
                "kind": "https",
                "url": f"https://localhost:{account.https_port}/{TENANT}",
                "hmac_secret": HTTPS_SECRET,
                "ca_certificate": account.authority,
            },
        }

    def send(self, files: Sequence[tuple[Kind, str]]) -> None:
        """Upload one file for each name, whose only row is the name, so that every content differs."""
        uploads = []
        for kind, name in files:
            local = self.system.workspace.samples / TENANT / kind.name / name
            local.parent.mkdir(parents=True, exist_ok=True)
            local.write_text(f"file\n{name}\n")
            uploads.append(Upload(local, f"{kind.name}/{name}"))
        upload_by_openssh(login(self.system.workspace, self.system.stack, USER), uploads)

    def await_ends(self, names: Sequence[str]) -> dict[str, list[Job]]:
        """The jobs by file name, once all of them are final; earlier when patience ends."""
        ends, told = time.monotonic() + PATIENCE_SECONDS, time.monotonic()
        while True:
            jobs: dict[str, list[Job]] = {name: [] for name in names}
            for job in jobs_since(self.system.stack, TENANT, self.since):
                jobs.setdefault(job.filename, []).append(job)
            self.acknowledge([job for name in names for job in jobs[name] if not job.status.is_final])
            done = sum(bool(jobs[name]) and all(job.status.is_final for job in jobs[name]) for name in names)
            if done == len(names) or time.monotonic() > ends:
                return jobs
            if time.monotonic() > told + 10:
                killed = len(list((self.faults / "kills").glob("*")))
                print(f"  {done} of {len(names)} files are at their end, {killed} processes were killed", flush=True)
                told = time.monotonic()
            time.sleep(1)

    def acknowledge(self, jobs: Sequence[Job]) -> None:
        """Put NAME.ack into the partner's mailbox for every job whose confirm step waits for it."""
        waiting = {kind.name for kind in KINDS if kind.acknowledged}
        uploads = []
        for job in jobs:
            if job.route not in waiting or job.filename in self.acknowledged:
                continue
            confirm = self.system.stack.runs.get(job.job_id, job.run).steps[Step.CONFIRM]
            if confirm.status is StepStatus.WAITING:
                self.acknowledged.add(job.filename)
                local = self.system.workspace.samples / TENANT / f"{job.filename}.ack"
                local.write_text("accepted\n")
                uploads.append(Upload(local, local.name))
        if uploads:
            upload_by_openssh(login(self.system.workspace, self.system.stack, MAILBOX), uploads)

    def effects(self, kind: Kind) -> Iterator[tuple[str, int, str]]:
        """(task, number, words) of every side effect that the recording file of a kind had, in their order."""
        seen = set()
        for line in (self.faults / "effects" / f"{kind.record}.jsonl").read_text().splitlines():
            noted = json.loads(line)
            place = noted["task"], noted["number"]
            if place not in seen and noted["task"] in kind.tasks:
                seen.add(place)
                yield noted["task"], noted["number"], noted["effect"]

    def killed(self, case: Case) -> bool:
        return (self.faults / "kills" / case.file).exists()

    def visible(self, case: Case) -> list[str]:
        """Every name at the partner that comes of the case's file, hidden ones too; of a bucket every version."""
        if case.kind.destination == "bucket":
            return [version for version in self._versions(BUCKET, f"{TENANT}/") if case.file in version]
        places = {"sftp": sftp_folder, "https": https_folder}
        folder = places[case.kind.destination](self.system.workspace.partner) / TENANT
        return sorted(path.name for path in folder.glob("*") if case.file in path.name) + sorted(
            path.name for path in folder.glob(".*") if case.file in path.name
        )

    def receipts(self, case: Case) -> int:
        """For how many Idempotency-Keys the HTTPS receiver made the case's file."""
        folder = https_folder(self.system.workspace.partner) / ".receipts"
        return sum(case.file in receipt.read_text() for receipt in folder.glob("*.json"))

    def archived(self, job: Job) -> int:
        """Versions of the job's objects in the archive and in quarantine."""
        bucket = self.system.stack["ArchiveBucketName"]
        found = [*self._versions(bucket, f"archive/{TENANT}/"), *self._versions(bucket, f"quarantine/{TENANT}/")]
        return sum(f"/{job.job_id}/" in version for version in found)

    def left_in_ingest(self, job: Job) -> bool:
        return job.object.key in self._versions(job.object.bucket, job.object.key)

    def _versions(self, bucket: str, prefix: str) -> list[str]:
        """The key of every version (not of delete markers)."""
        pages = self.system.stack.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        return [version["Key"] for page in pages for version in page.get("Versions", [])]


def final_events(feed: Feed) -> dict[str, set[tuple[str, str]]]:
    """Job → (type, id) of its final events; a repeat has the same id. Takes all that is in the feed."""
    found: dict[str, set[tuple[str, str]]] = {}
    while events := feed.receive():
        for event in events:
            if event["id"].endswith("/closed"):
                found.setdefault(event["data"]["job_id"], set()).add((event["type"], event["id"]))
    return found


def judged(bench: Bench, case: Case, jobs: Sequence[Job], events: Mapping[str, set[tuple[str, str]]]) -> Result:
    """What became of one case's file."""
    killed, visible = bench.killed(case), bench.visible(case)
    wrong = [] if killed else ["it was not killed"]
    expected = [] if case.kind.status is JobStatus.QUARANTINED else [f"{case.file}{case.kind.suffix}"]
    if [name.rsplit("/", 1)[-1] for name in visible] != expected:
        wrong.append(f"at the partner: {', '.join(visible) or 'nothing'}")
    if case.kind.name == "https" and bench.receipts(case) != 1:
        wrong.append(f"{bench.receipts(case)} Idempotency-Keys")
    if len(jobs) != 1:
        return Result(case, killed, len(visible), 0, "", (*wrong, f"{len(jobs)} jobs"))
    (job,) = jobs
    archived = bench.archived(job)
    if archived != case.kind.archived:
        wrong.append(f"{archived} archive versions, not {case.kind.archived}")
    if job.status is not case.kind.status or job.run != 1:
        wrong.append(f"{job.status} in run {job.run}: {job.reason}")
    if bench.left_in_ingest(job):
        wrong.append("still in ingest")
    told = {kind for kind, _ in events.get(job.job_id, set())}
    if told != {_FINAL_EVENT[case.kind.status]} or len(events[job.job_id]) != 1:
        wrong.append(f"final events: {sorted(events.get(job.job_id, set()))}")
    return Result(case, killed, len(visible), archived, job.status.value, tuple(wrong))


def print_table(results: Sequence[Result]) -> None:
    """One line a kill."""
    form = "{:9} {:8} {:>3} {:38} {:7} {:6} {:>7} {:>8} {:12} {}"
    print(form.format("task", "route", "#", "side effect", "moment", "killed", "visible", "archived", "status", ""))
    for result in sorted(results, key=lambda result: (TASKS.index(result.case.task), result.case.kind.name)):
        case = result.case
        verdict = "ok" if not result.wrong else f"WRONG: {'; '.join(result.wrong)}"
        facts = ("yes" if result.killed else "NO", result.visible, result.archived, result.status, verdict)
        print(form.format(case.task, case.kind.name, case.number, case.effect[:38], case.moment, *facts))
    bad = sum(bool(result.wrong) for result in results)
    print(f"\n{len(results)} kills, {len(results) - bad} as they must be, {bad} wrong.")


def run(bench: Bench, only: Sequence[str]) -> list[Result]:
    """Record, kill, judge."""
    bench.prepare()
    kinds = [kind for kind in KINDS if set(kind.tasks) & set(only)]
    print(f"Recording the side effects of {len(kinds)} routes …", flush=True)
    bench.send([(kind, kind.record) for kind in kinds])
    recorded = bench.await_ends([kind.record for kind in kinds])
    for kind in kinds:
        statuses = [job.status.value for job in recorded[kind.record]]
        if statuses != [kind.status.value]:
            raise SystemExit(f"The recording file of route {kind.name} ended as {statuses}, not as {kind.status}.")
    cases = [
        Case(kind, task, number, moment, effect)
        for kind in kinds
        for task, number, effect in bench.effects(kind)
        if task in only
        for moment in ("before", "after")
    ]
    print(f"Sending {len(cases)} files, one for each kill …", flush=True)
    with subscribed(bench.system.stack) as feed:
        bench.send([(case.kind, case.file) for case in cases])
        jobs = bench.await_ends([case.file for case in cases])
        events = final_events(feed)
    return [judged(bench, case, jobs[case.file], events) for case in cases]


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill each task before and after each of its side effects.")
    parser.add_argument("--home", type=Path, help="folder of the system; kept")
    parser.add_argument("--only", nargs="+", choices=TASKS, default=TASKS, help="these tasks")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="fileferry-kills-"))
    faults = home.resolve() / "faults"
    shutil.rmtree(faults, ignore_errors=True)
    shutil.copytree(Path(__file__).parent / "faults", faults, ignore=shutil.ignore_patterns("__pycache__"))
    os.environ[FAULTS] = str(faults)
    workspace = workspace_at(home.resolve())
    try:
        with temporary_emulator(workspace) as emulator:
            bench = Bench(deployed_system(workspace, emulator), faults, timestamp())
            results = run(bench, options.only)
            print_table(results)
    finally:
        if not options.home:
            shutil.rmtree(home, ignore_errors=True)
    sys.exit(1 if not results or any(result.wrong for result in results) else 0)


if __name__ == "__main__":
    main()
