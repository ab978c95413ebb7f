"""Many files from many users through the whole system: nothing lost, each user's order kept, and how fast.

    uv run python bench/end_to_end.py [--files 1000] [--users 20] [--size 10240] [--ordered 60] [--home FOLDER]

A system of its own is started (with --home it stays in that folder, else nothing is left). Each user uploads over one
SFTP connection, all users at the same time. Prints files/s from the first upload to the last end, the latency from the
close of an upload to its delivery, and AWS calls, Lambda milliseconds and state transitions a file. Checks that no
file is lost and none comes twice, that executions start in the order of each user's uploads, and that a route marked
`ordered` also delivers in that order; exit code 1 otherwise. What the functions do is counted by
bench/counting/sitecustomize.py, which costs them some microseconds a call.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from fileferry.clock import timestamp
from fileferry.ingest_key import shard_of
from fileferry.model.job import Job, JobStatus, Run, Step
from fileferry.settings import Settings
from local.api import Api
from local.demo.keys import login_key, public_file
from local.demo.sending import HOST, login
from local.emulator.lambda_runtime import FAULTS
from local.follow.jobs import jobs_since, run_of
from local.partner.account import BUCKET
from local.sftp_client import connect, pin_host_key
from local.temporary import System, deployed_system, temporary_emulator, workspace_at

TENANT = "bench"
STALLED_SECONDS = 300.0
"""Without any progress for so long the bench gives up and tells what it has."""
_RUN = secrets.token_hex(3)


@dataclass
class Phase:
    """One load: its route, and what was measured of it."""

    route: str
    users: Sequence[str]
    files: int
    prefix: str = ""
    closed_at: dict[str, float] = field(default_factory=dict)
    """File name → time (seconds since the epoch) at which its upload was closed."""
    began_at: float = 0.0
    jobs: list[Job] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)

    def names(self, user: str) -> list[str]:
        """A user's file names in the order of upload."""
        first = self.users.index(user)
        return [
            f"{self.prefix}{_RUN}-{self.route}-{number:05d}.csv" for number in range(first, self.files, len(self.users))
        ]


@dataclass(frozen=True)
class Bench:
    """The running system, and the folder in which its functions count."""

    system: System
    counts: Path

    def prepare(self, users: Sequence[str]) -> None:
        """The tenant, its users, one destination, a plain and an ordered route."""
        workspace, api = self.system.workspace, Api(self.system.stack)
        pin_host_key(HOST, self.system.stack.emulator.sftp_port, workspace.known_hosts)
        api.put_or_create("/v1/tenants", TENANT, {"name": "Bench"})
        for user in users:
            key = public_file(login_key(workspace.keys, user)).read_text().strip()
            api.put_or_create(f"/v1/tenants/{TENANT}/users", user, {"public_keys": [{"key": key}]})
        target = {"kind": "s3", "bucket": BUCKET, "prefix": TENANT}
        api.put_or_create(f"/v1/tenants/{TENANT}/destinations", "partner", {"target": target})
        for route in ("plain", "ordered"):
            spec = {
                "match": {"glob": f"{route}/*"},
                "deliver": {"destinations": ["partner"]},
                "ordered": route == "ordered",
            }
            api.put_or_create(f"/v1/tenants/{TENANT}/routes", route, spec)

    def load(self, phase: Phase, size: int) -> None:
        """Upload the phase's files and wait until each has come to its end."""
        since = timestamp()
        phase.began_at = time.time()
        asyncio.run(self._upload(phase, size))
        print(f"  {phase.files} files uploaded in {time.time() - phase.began_at:.1f} s", flush=True)
        self._await_ends(phase, since)
        with ThreadPoolExecutor(8) as pool:
            runs = pool.map(lambda job: run_of(self.system.stack, job), phase.jobs)
            phase.runs = {run.job_id: run for run in runs if run}

    async def _upload(self, phase: Phase, size: int) -> None:
        await asyncio.gather(*(self._upload_as(user, phase, size) for user in phase.users))

    async def _upload_as(self, user: str, phase: Phase, size: int) -> None:
        workspace = self.system.workspace
        async with (
            connect(login(workspace, self.system.stack, user)) as connection,
            connection.start_sftp_client() as sftp,
        ):
            for name in phase.names(user):
                async with sftp.open(f"/{phase.route}/{name}", "wb") as file:
                    await file.write(content(name, size))
                phase.closed_at[name] = time.time()

    def _await_ends(self, phase: Phase, since: str) -> None:
        moved_at, told_at, before = time.monotonic(), time.monotonic(), -1
        while time.monotonic() - moved_at < STALLED_SECONDS:
            time.sleep(0.5 if phase.files <= 100 else 2)
            phase.jobs = [job for job in jobs_since(self.system.stack, TENANT, since) if job.route == phase.route]
            done = sum(job.status.is_final for job in phase.jobs)
            if done >= phase.files:
                return
            if done != before:
                before, moved_at = done, time.monotonic()
            if time.monotonic() - told_at > 10:
                print(f"  {len(phase.jobs)} jobs, {done} of {phase.files} at their end", flush=True)
                told_at = time.monotonic()

    def counted(self) -> tuple[Counter[str], dict[str, list[float]]]:
        """AWS calls by operation, and the milliseconds of each function's invocations, since the start."""
        calls: Counter[str] = Counter()
        milliseconds: dict[str, list[float]] = {}
        for path in self.counts.glob("*"):
            function = path.name.rpartition(".")[0].removeprefix("fileferry-")
            for line in path.read_text().splitlines():
                kind, _, value = line.partition(" ")
                if kind == "call":
                    calls[value] += 1
                else:
                    milliseconds.setdefault(function, []).append(float(value))
        return calls, milliseconds

    def reset_counts(self) -> None:
        """Begin to count anew; the functions keep their files open."""
        for path in self.counts.glob("*"):
            os.truncate(path, 0)

    def transitions(self, jobs: Sequence[Job]) -> float:
        """State transitions a file, over some executions: states entered, and repeats."""
        counts, sfn = [], self.system.stack.sfn
        for job in [job for job in jobs if job.execution_arn][:20]:
            pages = sfn.get_paginator("get_execution_history").paginate(executionArn=job.execution_arn)
            types = Counter(event["type"] for page in pages for event in page["events"])
            entered = sum(number for kind, number in types.items() if kind.endswith("StateEntered"))
            counts.append(entered + max(0, types["TaskScheduled"] - types["TaskStateEntered"]))
        return statistics.mean(counts) if counts else 0.0


def content(name: str, size: int) -> bytes:
    """`size` bytes that differ from every other file's."""
    line = f"{name},".encode()
    return (line * (size // len(line) + 1))[:size]


def lost_or_doubled(bench: Bench, phase: Phase) -> Iterable[str]:
    """What is wrong with the phase's files: every one must have one job, one visible object, and have left ingest."""
    jobs = Counter(job.filename for job in phase.jobs)
    pages = bench.system.stack.s3.get_paginator("list_object_versions")
    visible = Counter(
        version["Key"].rsplit("/", 1)[-1]
        for page in pages.paginate(Bucket=BUCKET, Prefix=f"{TENANT}/")
        for version in page.get("Versions", [])
    )
    for name in phase.closed_at:
        if jobs[name] != 1 or visible[name] != 1:
            yield f"{name}: {jobs[name]} jobs, {visible[name]} versions at the partner"
    for job in phase.jobs:
        if job.status is not JobStatus.SUCCEEDED:
            yield f"{job.filename}: {job.status}: {job.reason}"
    left = bench.system.stack.s3.list_object_versions(Bucket=bench.system.stack["IngestBucketName"], Prefix="in/")
    for version in left.get("Versions", []):
        if f"/{TENANT}/" in version["Key"] and not version["Key"].endswith("/"):
            yield f"{version['Key']} is still in ingest"


def started_out_of_order(bench: Bench, phase: Phase) -> Iterable[str]:
    """Users whose executions did not start in the order of their uploads."""
    arn = bench.system.stack["TransferStateMachineArn"]
    started: dict[str, datetime] = {}
    for page in bench.system.stack.sfn.get_paginator("list_executions").paginate(stateMachineArn=arn):
        started.update({execution["name"]: execution["startDate"] for execution in page["executions"]})
    moments = {job.filename: started.get(f"{job.job_id}-{job.run}") for job in phase.jobs}
    for user in phase.users:
        mine = [moment for name in phase.names(user) if (moment := moments.get(name))]
        if mine != sorted(mine):
            yield f"executions of {user} did not start in order"


def delivered_out_of_order(phase: Phase) -> Iterable[str]:
    """Users whose files were not delivered in the order of their uploads."""
    ended = {job.filename: delivered_at(phase, job) for job in phase.jobs}
    for user in phase.users:
        mine = [ended[name] for name in phase.names(user) if name in ended]
        if mine != sorted(mine):
            yield f"files of {user} were not delivered in order"


def delivered_at(phase: Phase, job: Job) -> float:
    """Seconds since the epoch at which the deliver step was recorded."""
    run = phase.runs.get(job.job_id)
    step = run.steps.get(Step.DELIVER) if run else None
    return datetime.fromisoformat(step.ended_at).timestamp() if step and step.ended_at else float("inf")


def side_by_side(phase: Phase) -> float:
    """How many runs were open at the same time, on average over the phase."""
    spans = [
        (datetime.fromisoformat(run.started_at).timestamp(), datetime.fromisoformat(run.ended_at).timestamp())
        for run in phase.runs.values()
        if run.started_at and run.ended_at
    ]
    if not spans:
        return 0.0
    length = max(end for _, end in spans) - min(begin for begin, _ in spans)
    return sum(end - begin for begin, end in spans) / length if length else 0.0


def report(phase: Phase) -> None:
    ends = [datetime.fromisoformat(job.ended_at).timestamp() for job in phase.jobs if job.ended_at]
    latencies = sorted(
        delivered_at(phase, job) - phase.closed_at[job.filename]
        for job in phase.jobs
        if job.filename in phase.closed_at
    )
    used = {shard_of(TENANT, user, Settings.shards) for user in phase.users}
    seconds = max(ends, default=phase.began_at) - phase.began_at
    print(f"\nroute {phase.route}: {phase.files} files from {len(phase.users)} users in {len(used)} shards")
    print(f"  {len(ends)} at their end after {seconds:.1f} s: {len(ends) / seconds if seconds else 0:.1f} files/s")
    if len(latencies) > 1:
        twentieths = statistics.quantiles(latencies, n=20)
        print(
            f"  from close of upload to delivery: p50 {statistics.median(latencies):.1f} s, p95 {twentieths[-1]:.1f} s"
        )
    print(f"  {side_by_side(phase):.1f} runs side by side on average")


def report_work(bench: Bench, phase: Phase, processor: Mapping[str, float]) -> None:
    calls, milliseconds = bench.counted()
    files = max(1, len(phase.jobs))
    print(f"\nper file ({files} files)")
    print(
        f"  {calls.total() / files:.1f} AWS calls: "
        + ", ".join(f"{n / files:.1f} {c}" for c, n in calls.most_common(12))
    )
    total = sum(sum(each) for each in milliseconds.values())
    print(f"  {total / files:.0f} ms in Lambda functions, of which")
    for function, each in sorted(milliseconds.items(), key=lambda item: -sum(item[1])):
        share, calls_each, median = sum(each) / files, len(each) / files, statistics.median(each)
        print(f"    {function:16} {share:7.1f} ms, {calls_each:.2f} calls, median {median:.1f} ms")
    print(f"  {bench.transitions(phase.jobs):.1f} state transitions")
    print("  processor seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in processor.items()))


def processor_seconds(pid: int) -> dict[str, float]:
    """Processor time of the emulator's process, and of those that it started and that live."""
    process = psutil.Process(pid)
    children = 0.0
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.Error:
            continue
        children += times.user + times.system
    own = process.cpu_times()
    return {"emulator": own.user + own.system, "functions": children}


def run(bench: Bench, options: argparse.Namespace) -> list[str]:
    """Both loads; what was wrong."""
    users = [f"bench-user-{number:02d}" for number in range(options.users)]
    bench.prepare(users)
    plain = Phase("plain", users, options.files)
    ordered = Phase("ordered", users[: min(5, len(users))], options.ordered)
    print("Warming up …", flush=True)
    bench.load(Phase("plain", users[:4], 8, prefix="warm-"), options.size)
    bench.reset_counts()
    pid = bench.system.stack.emulator.pid
    before = processor_seconds(pid)
    print(f"Sending {options.files} files …", flush=True)
    bench.load(plain, options.size)
    after = processor_seconds(pid)
    report(plain)
    report_work(bench, plain, {name: after[name] - before[name] for name in before})
    wrong = [*lost_or_doubled(bench, plain), *started_out_of_order(bench, plain)]
    if options.ordered:
        print(f"\nSending {options.ordered} files on the ordered route …", flush=True)
        bench.load(ordered, options.size)
        report(ordered)
        wrong += [*lost_or_doubled(bench, ordered), *delivered_out_of_order(ordered)]
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--size", type=int, default=10_240, help="bytes of each file")
    parser.add_argument("--ordered", type=int, default=60, help="files on the ordered route; 0: none")
    parser.add_argument("--home", type=Path, help="folder of the system; kept")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="fileferry-load-"))
    counting = home.resolve() / "counting"
    counting.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).parent / "counting/sitecustomize.py", counting)
    os.environ[FAULTS] = str(counting)
    workspace = workspace_at(home.resolve())
    try:
        with temporary_emulator(workspace) as emulator:
            wrong = run(Bench(deployed_system(workspace, emulator), counting / "counts"), options)
    finally:
        if not options.home:
            shutil.rmtree(home, ignore_errors=True)
    print("\nNothing lost, nothing twice, every order kept." if not wrong else "\nWRONG:\n  " + "\n  ".join(wrong[:50]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
