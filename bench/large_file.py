"""Large files through the worker: how fast, in how much memory, and how near to what the machine can do.

    uv run python bench/large_file.py [--mb 100 2000] [--route gzip copy] [--home FOLDER] [--set PART_SIZE=16777216 …]

A system of its own is started (with --home it stays in that folder, else nothing is left). For each size and route a
new worker process takes one file: `gzip` packs it and delivers it over SFTP, `copy` delivers it to a bucket. Printed
are MB/s of each step and of the whole, and the process's peak of resident memory; and what `openssl`, `dd`, `gzip`,
OpenSSH's `sftp` and boto3's own S3 transfers make of the largest file on the same servers, measured after each of its
passages, of which the best counts; and how near each step comes to the slowest of those that do its work. What must
hold: every file arrives with its SHA-256, and the peak is the same within 20 % for all sizes of a route. Exit code 1
otherwise.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.throughput.limits import MIB, delete_versions, local_limits, s3_limits, sftp_limit
from fileferry.clock import timestamp
from fileferry.ingest_key import shard_of
from fileferry.model.job import Job, JobStatus, Run, Step
from fileferry.settings import Settings
from local.api import Api
from local.demo.keys import login_key, public_file, put_secret
from local.follow.jobs import jobs_since, run_of
from local.partner.account import BUCKET, HOST, sftp_folder
from local.sftp_client import Login, pin_host_key
from local.temporary import System, deployed_system, temporary_emulator, workspace_at
from local.worker_process import STOP_SECONDS, log_file, scratch, stop_worker, worker_environment

TENANT, USER = "large", "large-sender"
SECRET = f"fileferry/{TENANT}/sftp"
STALLED_SECONDS = 900.0
SAME = 0.2
"""How much the peaks of one route may differ, as a share of the smallest."""
ROUTES: Mapping[str, Mapping[str, object]] = {
    "gzip": {"transform": [{"op": "pack", "format": "gzip"}], "deliver": {"destinations": ["sftp"]}},
    "copy": {"deliver": {"destinations": ["bucket"]}},
}
_MB = 1e6


@dataclass(frozen=True)
class Passage:
    """One file's way through one worker process; `peak` is its greatest resident memory in bytes."""

    route: str
    size: int
    delivered: int
    job: Job
    run: Run
    peak: int
    wrong: Sequence[str]

    def seconds(self, step: Step) -> float:
        record = self.run.steps[step]
        return _time(record.ended_at) - _time(record.started_at)

    def moved(self, step: Step) -> int:
        """The bytes that a step had to do with: from transform's end on they are the delivered file's."""
        return self.delivered if step in (Step.DELIVER, Step.CONFIRM) else self.size

    def rate(self, step: Step) -> float:
        return self.moved(step) / max(self.seconds(step), 0.001)

    @property
    def whole(self) -> float:
        """Seconds from the first step's begin to the run's end."""
        return _time(self.run.ended_at) - _time(self.run.steps[Step.VALIDATE].started_at)


@dataclass(frozen=True)
class Bench:
    """The tenant on the running system; files are made in `folder`, `settings` are the worker's variables."""

    system: System
    folder: Path
    settings: Mapping[str, str]

    def prepare(self) -> None:
        """Write the tenant, its user, its destinations and its routes, all of them for the worker."""
        api, account = Api(self.system.stack), self.system.account
        put_secret(self.system.stack, SECRET, json.dumps({"private_key": account.login_key}))
        api.put_or_create("/v1/tenants", TENANT, {"name": "Large files"})
        key = public_file(login_key(self.system.workspace.keys, USER)).read_text().strip()
        api.put_or_create(f"/v1/tenants/{TENANT}/users", USER, {"public_keys": [{"key": key}]})
        sftp = {
            "kind": "sftp",
            "host": HOST,
            "port": account.sftp_port,
            "username": account.username,
            "secret": SECRET,
            "host_keys": [account.host_public_key],
            "folder": "/",
        }
        bucket = {"kind": "s3", "bucket": BUCKET, "prefix": TENANT}
        for name, target in {"sftp": sftp, "bucket": bucket}.items():
            api.put_or_create(f"/v1/tenants/{TENANT}/destinations", name, {"target": target})
        for name, spec in ROUTES.items():
            route = {"match": {"glob": f"{name}/*"}, "executor": "worker", **spec}
            api.put_or_create(f"/v1/tenants/{TENANT}/routes", name, route)

    def passage(self, route: str, file: Path, sha256: str) -> Passage:
        """Send a file by a new worker process and wait for its end; nothing of it is left."""
        stack = self.system.stack
        since, name = timestamp(), f"{secrets.token_hex(4)}.csv"
        key = f"in/{stack.emulator.region}/{shard_of(TENANT, USER, Settings.shards)}/{TENANT}/{USER}/{route}/{name}"
        with self._worker() as worker:
            stack.s3.upload_file(str(file), stack["IngestBucketName"], key)
            job = self._await_end(worker, key, since)
            peak = _peak_memory(worker.pid)
        run = run_of(stack, job)
        if run is None or job.status is not JobStatus.SUCCEEDED:
            raise SystemExit(f"{route}, {file.stat().st_size} bytes: {job.status}: {job.reason}")
        delivered = f"{name}.gz" if route == "gzip" else name
        size, wrong = self._check(route, delivered, sha256)
        for bucket, prefix in ((BUCKET, f"{TENANT}/"), (stack["ArchiveBucketName"], f"archive/{TENANT}/")):
            delete_versions(stack, bucket, prefix)
        return Passage(route, file.stat().st_size, size, job, run, peak, wrong)

    @contextmanager
    def _worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker process with what its task definition gives, and our settings; no other takes the file."""
        workspace = self.system.workspace
        stop_worker(workspace)
        scratch(workspace).mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        given = worker_environment(workspace, self.system.stack)
        with log_file(workspace).open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-P", "-m", "worker"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**inherited, **given, "HEALTH_PORT": "0", **self.settings},
            )
        try:
            yield worker
        finally:
            worker.terminate()
            worker.wait(STOP_SECONDS)

    def _await_end(self, worker: subprocess.Popen[bytes], key: str, since: str) -> Job:
        until = time.monotonic() + STALLED_SECONDS
        while time.monotonic() < until and worker.poll() is None:
            time.sleep(0.5)
            for job in jobs_since(self.system.stack, TENANT, since):
                if job.object.key == key and job.status.is_final:
                    return job
        raise SystemExit(f"{key} has no end; see {log_file(self.system.workspace)}")

    def _check(self, route: str, name: str, sha256: str) -> tuple[int, list[str]]:
        """Size of the delivered file, and what is wrong with it."""
        if route == "gzip":
            path = sftp_folder(self.system.workspace.partner) / name
            size = path.stat().st_size
            with gzip.open(path) as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            path.unlink()
        else:
            path = self.folder / "delivered"
            self.system.stack.s3.download_file(BUCKET, f"{TENANT}/{name}", str(path))
            size, found = path.stat().st_size, _sha256(path)
            path.unlink()
        return size, [] if found == sha256 else [f"{name} arrived with other bytes"]

    def limits(self, file: Path) -> dict[str, float]:
        """Name → bytes/s of what the machine does with this file."""
        workspace, account = self.system.workspace, self.system.account
        key = self.folder / "login"
        key.touch(mode=0o600)
        key.write_text(account.login_key)
        pin_host_key(HOST, account.sftp_port, workspace.known_hosts)
        login = Login(HOST, account.sftp_port, account.username, key, workspace.known_hosts)
        return {
            **local_limits(file, self.folder),
            "OpenSSH sftp": sftp_limit(file, login, sftp_folder(workspace.partner)),
            **s3_limits(file, self.system.stack, self.folder),
        }


def write_file(path: Path, size: int, seed: int) -> str:
    """A file of random base64, of which gzip saves a quarter; its SHA-256 in hex.

    So the packed file of 100 MB, too, is larger than what the worker holds of one: all its buffers are filled once.
    """
    chance, digest = random.Random(seed), hashlib.sha256()
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            block = base64.b64encode(chance.randbytes(MIB // 4 * 3))[: size - start]
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def bounds(passage: Passage, limits: Mapping[str, float]) -> dict[Step, tuple[str, float]]:
    """Step → the slowest of those that do its work, and its bytes/s."""
    within = {
        Step.STAGE: ["S3 CopyObject", "S3 download", "openssl dgst -sha256"],
        Step.TRANSFORM: ["gzip -6", "S3 download", "S3 upload"],
        Step.DELIVER: ["OpenSSH sftp", "S3 download", "openssl dgst -sha256", "dd conv=fsync"],
        Step.ARCHIVE: ["S3 CopyObject"],
    }
    if passage.route == "copy":
        del within[Step.TRANSFORM]
        within[Step.DELIVER] = ["S3 CopyObject"]
    slowest = {step: min(names, key=lambda name: limits[name]) for step, names in within.items()}
    return {step: (name, limits[name]) for step, name in slowest.items()}


def report(passage: Passage, limits: Mapping[str, float]) -> None:
    """A line a step: seconds, MB/s, and the share of its limit."""
    print(f"\n{passage.route}, {passage.size / _MB:.0f} MB ({passage.delivered / _MB:.0f} MB delivered)")
    found = bounds(passage, limits)
    for step in Step:
        line = f"  {step.value:10}{passage.seconds(step):8.2f} s {passage.rate(step) / _MB:8.0f} MB/s"
        if step in found and passage.seconds(step) > 0.5:
            name, limit = found[step]
            line += f"   {passage.rate(step) / limit:5.0%} of {name}"
        print(line)
    longest = max(found, key=passage.seconds)
    share = passage.seconds(longest) / passage.whole
    print(f"  {'whole':10}{passage.whole:8.2f} s {passage.size / passage.whole / _MB:8.0f} MB/s", end="")
    print(f"   {share:.0%} of it {longest.value}, which {found[longest][0]} bounds")
    print(f"  peak of resident memory {passage.peak / MIB:.0f} MiB")


def uneven(passages: Sequence[Passage]) -> Iterator[str]:
    """Routes whose peaks differ by more than they may."""
    for route in dict.fromkeys(passage.route for passage in passages):
        peaks = [passage.peak for passage in passages if passage.route == route]
        if max(peaks) > min(peaks) * (1 + SAME):
            yield f"{route}: peaks of {', '.join(f'{peak / MIB:.0f} MiB' for peak in peaks)}"


def run(bench: Bench, sizes: Sequence[int], routes: Sequence[str]) -> list[str]:
    """All sizes on all routes; what does not hold."""
    bench.prepare()
    passages, rounds, file = [], [], bench.folder / "original"
    for size in sorted(sizes):
        sha256 = write_file(file, size, seed=size)
        for route in routes:
            print(f"{size / _MB:.0f} MB on route {route} …", flush=True)
            passages.append(bench.passage(route, file, sha256))
            if size == max(sizes):
                print("the limits …", flush=True)
                rounds.append(bench.limits(file))
    limits = {name: max(found[name] for found in rounds) for name in rounds[0]}
    for passage in passages:
        report(passage, limits)
    print(f"\nlimits in MB/s, with the file of {max(sizes) / _MB:.0f} MB, in each of {len(rounds)} rounds")
    for name in limits:
        print(f"  {name:22}", *(f"{found[name] / _MB:6.0f}" for found in rounds))
    return [*(wrong for passage in passages for wrong in passage.wrong), *uneven(passages)]


def _peak_memory(pid: int) -> int:
    """Bytes; proc(5), VmHWM of /proc/PID/status."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mb", type=int, nargs="+", default=[100, 2000], help="sizes of the files in 10^6 bytes")
    parser.add_argument("--route", nargs="+", choices=ROUTES, default=list(ROUTES))
    parser.add_argument("--home", type=Path, help="folder of the system; kept")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="variables of the worker")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="fileferry-large-"))
    folder = home.resolve() / "large-file"
    folder.mkdir(parents=True, exist_ok=True)
    workspace = workspace_at(home.resolve())
    try:
        with temporary_emulator(workspace) as emulator:
            bench = Bench(
                deployed_system(workspace, emulator), folder, dict(text.split("=", 1) for text in options.set)
            )
            wrong = run(bench, [int(size * _MB) for size in options.mb], options.route)
    finally:
        shutil.rmtree(home if not options.home else folder, ignore_errors=True)
    print("\nAll arrived whole, in flat memory." if not wrong else "\nWRONG:\n  " + "\n  ".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
