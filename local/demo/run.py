"""The demo from the first upload to the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from fileferry.clock import timestamp
from fileferry.model.job import Job, Run, Step
from local.console import console, stage
from local.follow.board import Row
from local.follow.display import display
from local.follow.feed import subscribed
from local.follow.follower import Follower, Stuck
from local.follow.jobs import jobs_since, run_of
from local.sftp_client import Client, await_login, choose_client, pin_host_key
from local.stack import Stack
from local.workspace import Workspace

from .keys import pgp_encrypted
from .samples import Sample, demo_samples
from .seed import CERTIFICATE
from .sending import HOST, acknowledge, login, send_all, write_samples
from .tenant import MAILBOX, TENANT, USERS
from .verify import Verdict, verdict


@dataclass
class Demo:
    """One pass of all samples."""

    workspace: Workspace
    stack: Stack
    client: Client
    samples: Sequence[Sample]
    since: str = field(default_factory=timestamp)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    _work: list[Future[None]] = field(default_factory=list)
    _acknowledged: set[str] = field(default_factory=set)

    def run(self, seconds: float) -> list[Verdict]:
        """Send, follow and verify. Raises Stuck when a sample has no end after `seconds`, UploadFailed."""
        with subscribed(self.stack) as feed, self.pool:
            follower = Follower(self.stack, feed, TENANT, self.since)
            uploads = write_samples(self.workspace.samples, self.samples)
            self._do(send_all, self.workspace, self.stack, self.client, uploads)
            with display(f"{len(self.samples)} files over SFTP") as show:
                done = follower.until(self._ended, show, seconds, self._on_change)
        if not done:
            raise Stuck(
                f"Not every file came to its end within {seconds:.0f} s:\n{self._open_files(follower.rows())}",
                todo="`ferry logs NAME` shows what a step says (router, validate … worker), `ferry status` the queues.",
            )
        jobs = self._jobs()
        return [verdict(self.workspace, self.stack, sample, jobs.get(sample.path)) for sample in self.samples]

    def _do(self, work: object, *arguments: object) -> None:
        self._work.append(self.pool.submit(work, *arguments))  # type: ignore[arg-type]

    def _ended(self, rows: list[Row]) -> bool:
        """Whether each sample has its end; raises what went wrong in an upload."""
        for work in [work for work in self._work if work.done()]:
            work.result()
        ended = {row.path for row in rows if row.status.is_final}
        return all(sample.path in ended for sample in self.samples)

    def _on_change(self, row: Row) -> None:
        """The partner acknowledges what was delivered to it."""
        sample = next((sample for sample in self.samples if sample.path == row.path), None)
        wanted = sample is not None and sample.acknowledged and row.job_id not in self._acknowledged
        if sample and wanted and Step.DELIVER.value in row.steps_done:
            self._acknowledged.add(row.job_id)
            self._do(acknowledge, self.workspace, self.stack, self.client, sample.filename)

    def _jobs(self) -> dict[str, Job]:
        """Each sample's job by the file's path."""
        found = {}
        for job in jobs_since(self.stack, TENANT, self.since):
            if job.user != MAILBOX:
                found[job.object.key.split("/", 5)[-1]] = job
        return found

    def _open_files(self, rows: list[Row]) -> str:
        jobs, known = self._jobs(), {row.path: row for row in rows}
        lines = []
        for sample in self.samples:
            row, job = known.get(sample.path), jobs.get(sample.path)
            if job is not None and not job.status.is_final:
                lines.append(f"  {sample.path}: {where_it_is(job, run_of(self.stack, job))}")
            elif job is None and (row is None or not row.status.is_final):
                lines.append(f"  {sample.path}: no job yet: it waits in the ingest queue, or its upload did not end")
        return "\n".join(lines)


def where_it_is(job: Job, run: Run | None) -> str:
    """Job status, latest step and that step's last error, in one line."""
    waiting = f", waits for its {job.waiting_for}" if job.waiting_for else ""
    text = f"job {job.job_id} is {job.status}{waiting}"
    if run is None:
        return text
    begun = [(name, run.steps[name]) for name in Step if name in run.steps and run.steps[name].started_at]
    if not begun:
        return f"{text}; no step has begun"
    name, record = begun[-1]
    error = f"; last error: {record.error.get('error')}: {record.error.get('message')}" if record.error else ""
    return f"{text}; step {name} is {record.status}{error}"


def run_demo(workspace: Workspace, stack: Stack, seconds: float) -> list[Verdict]:
    """All samples sent, followed and verified. Raises Stuck, UploadFailed."""
    with stage("Logging in over SFTP") as say:
        pin_host_key(HOST, stack.emulator.sftp_port, workspace.known_hosts)
        notes: list[str] = []

        def tell(text: str) -> None:
            notes.append(text)
            say(text)

        client = choose_client(workspace.logs / "apt-get.log", tell)
        say("logging in")
        for user in USERS:
            await_login(login(workspace, stack, user))
    console.print(notes[-1], markup=False)
    certificate = (workspace.keys / CERTIFICATE).read_text()
    samples = demo_samples(lambda content: pgp_encrypted(content, certificate))
    return Demo(workspace, stack, client, samples).run(seconds)
